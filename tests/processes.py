"""Real `broadsheet` processes that may be stopped, killed and read: forked from one that has everything imported.

So a hundred kills do not take a hundred starts of Python, and a random moment falls into the work, not into imports.
"""

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds after which a command is taken to hang."""

_ALL = "-dac_override,-dac_read_search"
BOUND = ["setpriv", f"--bounding-set={_ALL}", f"--inh-caps={_ALL}"] if os.getuid() == 0 else []
"""Before a command: root, too, may read and write only what it has the right to."""

_PARENT = """
import gc, importlib, json, os, signal, sys
for name in ("alembic.command", "numpy", "orjson", "tantivy", "rich.console", "rich.table", "rich.box", "zstandard",
             "filelock", "broadsheet.cli", "broadsheet.net", "broadsheet.store.database", "broadsheet.store.backup",
             "broadsheet.store.editions", "broadsheet.store.migrations.env", "broadsheet.search.indexing",
             "broadsheet.sources", "broadsheet.sources.formats", "broadsheet.library.harvest.pull",
             "broadsheet.library.harvest.import_", "broadsheet.library.harvest.reload",
             "broadsheet.library.upkeep.status"):
    try:
        importlib.import_module(name)
    except Exception:
        assert name.endswith(".env")  # alembic runs it, nobody imports it
gc.collect()
gc.freeze()  # what is imported is neither looked through nor copied in the children
for line in sys.stdin:
    told = json.loads(line)
    pid = os.fork()
    if not pid:
        break
    print("pid", pid, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
else:
    sys.exit()
os.chdir(told["folder"])
for name in [name for name in os.environ if name.startswith("BROADSHEET_")]:
    del os.environ[name]
os.environ.update(told["environ"])
for handle, name, flags in ((0, told["stdin"], os.O_RDONLY), (1, told["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
                            (2, told["err"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)):
    os.dup2(os.open(name, flags, 0o644), handle)
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
sys.argv = ["broadsheet", *told["args"]]
from broadsheet.cli import main
main()
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended; `code` is negative where a signal ended it."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on stdout."""
        return json.loads(self.out)


class Running:
    """A command at work."""

    def __init__(self, pid: int, commands: "Commands", out: Path, err: Path) -> None:
        self.pid, self._commands, self._out, self._err = pid, commands, out, err

    @property
    def told(self) -> str:
        """What it has said on stderr so far."""
        return self._err.read_text(encoding="utf-8") if self._err.exists() else ""

    def send(self, number: signal.Signals) -> None:
        """Send it a signal; one that has ended already is no matter."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> Ended:
        """Kill -9 it now."""
        self.send(signal.SIGKILL)
        return self.wait()

    def kill_after(self, seconds: float) -> Ended:
        """Kill -9 it so many seconds from now, if it still runs."""
        self._commands.ended_within(seconds)
        return self.kill()

    def wait(self, patience: float = PATIENCE) -> Ended:
        """Its end; a command that hangs fails the test."""
        if not self._commands.ended_within(patience):
            self.send(signal.SIGKILL)
            self._commands.line()
            raise AssertionError(f"still running after {patience:g} s: {self._err.read_text()}")
        code = int(self._commands.line())
        return Ended(code, self._out.read_text(encoding="utf-8"), self._err.read_text(encoding="utf-8"))


class Commands:
    """Starts `broadsheet` commands, one at a time, on one home."""

    def __init__(self, parent: "subprocess.Popen[bytes]", folder: Path, environ: Mapping[str, str]) -> None:
        self._parent, self._folder = parent, folder
        self.home = folder / "home"
        self.environ = dict(environ)

    def start(self, *args: object, stdin: str = os.devnull, home: Path | None = None) -> Running:
        """Begin a command."""
        out, err = self._folder / "stdout", self._folder / "stderr"
        out.unlink(missing_ok=True)
        err.unlink(missing_ok=True)
        environ = {"BROADSHEET_HOME": str(home or self.home), **self.environ}
        told = {"args": [*map(str, args)], "environ": environ, "stdin": stdin, "out": str(out), "err": str(err)}
        told["folder"] = str(self._folder)
        assert self._parent.stdin
        self._parent.stdin.write(json.dumps(told).encode() + b"\n")
        name, number = self.line().split()  # how an earlier command ended is no pid: 0 would be the tests themselves
        assert name == "pid"
        return Running(int(number), self, out, err)

    def __call__(self, *args: object, stdin: str = os.devnull, home: Path | None = None) -> Ended:
        """Run a command to its end."""
        return self.start(*args, stdin=stdin, home=home).wait()

    def ended_within(self, seconds: float) -> bool:
        """Wait for the end of the running command, that long at most."""
        assert self._parent.stdout
        return bool(select.select([self._parent.stdout], [], [], seconds)[0])

    def line(self) -> str:
        """What the parent says next: a process id, or how it ended."""
        assert self._parent.stdout
        return self._parent.stdout.readline().decode()


@contextlib.contextmanager
def parent() -> Iterator["subprocess.Popen[bytes]"]:
    """The process that commands are forked from, until the block ends."""
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()


def until(true: Any, patience: float = PATIENCE) -> None:
    """Look every hundredth of a second until it is so."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)
