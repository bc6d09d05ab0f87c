"""Running commands in this process, as the shell would: arguments in, exit code and both streams out."""

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from broadsheet import cli


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on stdout."""
        return json.loads(self.out)


class Shell:
    """Calls `broadsheet` on one home."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.home, self._capsys, self._monkeypatch = home, capsys, monkeypatch

    def __call__(self, *args: object, given: bytes | None = None) -> Outcome:
        """Run a command, with `given` piped in; no traceback may leave it."""
        if given is not None:
            self._monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
        self._monkeypatch.setattr("sys.argv", ["broadsheet", *map(str, args)])
        self._monkeypatch.setenv("BROADSHEET_HOME", str(self.home))
        self._capsys.readouterr()
        try:
            cli.main()
            code = 0
        except SystemExit as e:
            code = e.code if isinstance(e.code, int) else 0 if e.code is None else 1
        out, err = self._capsys.readouterr()
        assert "Traceback" not in err
        return Outcome(code, out, err)

    def json(self, *args: object) -> Any:
        """The answer of a command that succeeds."""
        outcome = self(*args, "--json")
        assert outcome.code == 0, outcome.err
        return outcome.json


def write_listing(path: Path, rows: list[dict[str, Any]]) -> Path:
    """A file of invented papers in the form of daily arXiv listings."""
    filled = [
        {"authors": ["Ada Example"], "categories": ["cs.CL"], "comment": None, "day": "2025-11-20", **r} for r in rows
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in filled), encoding="utf-8")
    return path
