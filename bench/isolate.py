"""Run one function in a process of its own, so that its memory and its caches are its own.

Memory is looked at from outside, each twentieth of a second, over that process and all that it starts.
"""

import json
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BETWEEN_LOOKS = 0.05  # seconds

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
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
cpu = sum(each.ru_utime + each.ru_stime for each in used)
print(json.dumps({"value": value, "seconds": seconds, "cpu": cpu, "peak": peak}))
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the function returned (as JSON), the wall time of its call, CPU seconds of its process and its children.

    `peak` is the most memory of all of them together, in bytes, pages of mapped files counted as far as they are in
    memory; `own` the most without those, which the system takes back when it needs them.
    """

    value: Any
    seconds: float
    cpu: float
    peak: int
    own: int


def isolated(module: str, name: str, **arguments: Any) -> Measured:
    """Call `module.name(**arguments)`; arguments and result are JSON values."""
    call = json.dumps([module, name, arguments])
    with subprocess.Popen(
        [sys.executable, "-c", _SCRIPT, call], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        whole = own = 0
        while process.poll() is None:
            now = [_memory(pid) for pid in _family(process.pid)]
            whole, own = max(whole, sum(m[0] for m in now)), max(own, sum(m[1] for m in now))
            time.sleep(_BETWEEN_LOOKS)
        assert process.stdout
        told = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"bench: {module}.{name} failed")
    measured = json.loads(told.splitlines()[-1])
    return Measured(**{**measured, "peak": max(measured["peak"], whole), "own": own})


def _family(pid: int) -> list[int]:
    """A process and all that it has started, directly or not."""
    found = [pid]
    for each in found:
        with suppress(OSError):
            for task in Path(f"/proc/{each}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def _memory(pid: int) -> tuple[int, int]:
    """Bytes of a process in memory, and of these the ones that are no file's."""
    with suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        pairs = (line.partition(":")[::2] for line in lines)
        kb = {name: int(rest.split()[0]) for name, rest in pairs if name in ("VmRSS", "RssFile")}
        if kb:  # a process that has just ended has none
            return kb["VmRSS"] * 1024, (kb["VmRSS"] - kb["RssFile"]) * 1024
    return 0, 0
