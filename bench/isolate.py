"""Run one function in a process of its own, so that its memory and its caches are its own."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]

_SCRIPT = """
import importlib, json, resource, sys, time
module, name, arguments = json.loads(sys.argv[1])
function = getattr(importlib.import_module(module), name)
began = time.perf_counter()
value = function(**arguments)
seconds = time.perf_counter() - began
# VmHWM and not ru_maxrss: the latter starts with the peak of the process that started this one.
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024
used = resource.getrusage(resource.RUSAGE_SELF)
cpu = used.ru_utime + used.ru_stime
print(json.dumps({"value": value, "seconds": seconds, "cpu": cpu, "peak": peak}))
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the function returned (as JSON), the wall time of its call; CPU seconds and peak bytes of its process."""

    value: Any
    seconds: float
    cpu: float
    peak: int


def isolated(module: str, name: str, **arguments: Any) -> Measured:
    """Call `module.name(**arguments)`; arguments and result are JSON values."""
    call = json.dumps([module, name, arguments])
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, call], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
    )
    return Measured(**json.loads(done.stdout.splitlines()[-1]))
