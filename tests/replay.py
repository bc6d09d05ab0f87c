"""A local arXiv and Hugging Face over loopback, with faults on demand: the shared replay server, in this process.

`replay` in conftest.py gives a fresh one to each test, on four days of November 2025.
"""

import gzip
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.loopback import Server, running

DAYS = ("2025-11-17", "2025-11-18", "2025-11-19", "2025-11-20")
TODAY = DAYS[-1]


@dataclass(frozen=True)
class Replay:
    """A running server: `url` is its base address, `world` what it serves."""

    url: str
    world: Any

    @property
    def log(self) -> list[dict[str, Any]]:
        """What was asked so far: path, query, user_agent, status (200 or the kind of fault)."""
        return list(self.world.log)

    def today(self, day: str) -> None:
        """Change the day that the server thinks it is."""
        self.world.today = day

    def fault(self, path: str, kind: str, times: int = 1, retry_after: str | None = None) -> None:
        """Let the next answers under `path` fail; the kinds are those of the server's own help."""
        self.world.faults.append({"path": path, "kind": kind, "times": times, "retry_after": retry_after})

    def heal(self) -> None:
        """End all faults."""
        self.world.faults.clear()

    @property
    def environ(self) -> dict[str, str]:
        """The environment that points a Broadsheet at this server, without pauses."""
        return {
            "BROADSHEET_ARXIV__FEED_URL": self.url,
            "BROADSHEET_ARXIV__OAI_URL": self.url,
            "BROADSHEET_ARXIV__API_URL": f"{self.url}/api/query",
            "BROADSHEET_ARXIV__MIN_INTERVAL": "0",
            "BROADSHEET_HUGGINGFACE__URL": self.url,
            "BROADSHEET_HUGGINGFACE__MIN_INTERVAL": "0",
        }


def load(shared: Path) -> ModuleType:
    """The server's module, read without leaving a compiled copy beside it."""
    path = shared / "tools" / "replay.py"
    module = ModuleType("replay_server")
    module.__file__ = str(path)
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), module.__dict__)
    return module


def cut_listings(shared: Path, days: Sequence[str], out: Path) -> Path:
    """Write the rows of some days to a small file of their own."""
    heads = tuple(f'{{"day": "{day}"' for day in days)
    with gzip.open(shared / "data" / "arxiv_listings" / "2025.jsonl.gz", "rt", encoding="utf-8") as rows:
        out.write_text("".join(row for row in rows if row.startswith(heads)), encoding="utf-8")
    return out


def small_world(module: ModuleType, listings: Path, answers: dict[str, bytes], folder: Path, each: int = 12) -> Any:
    """A world of `each` papers of the harvested categories a day and four of Hugging Face's, for many harvests."""
    taken: Counter[str] = Counter()
    kept = []
    for row in rows(listings):
        if taken[row["day"]] < each and {"cs.AI", "cs.CL", "cs.CV", "cs.LG"} & set(row["categories"]):
            taken[row["day"]] += 1
            kept.append(json.dumps(row) + "\n")
    (folder / "few.jsonl").write_text("".join(kept), encoding="utf-8")
    world = module.World([folder / "few.jsonl"], None, DAYS[-2])
    world.hf = {day: json.dumps(json.loads(body)[:4]).encode() for day, body in answers.items()}
    return world


def rows(listings: Path) -> list[dict[str, Any]]:
    """The rows that the server serves."""
    return [json.loads(line) for line in listings.read_text(encoding="utf-8").splitlines()]


def _answer_and_hang_up(handler: Any) -> None:
    """Where the server breaks off, it shall do so at once: it closes a socket that its own streams keep open."""
    super(type(handler), handler).do_GET()
    handler.close_connection = handler.close_connection or handler.connection._closed


@contextmanager
def serve(module: ModuleType, world: Any, page: int = 100) -> Iterator[Replay]:
    """Run the server on a free port with `page` OAI records a page."""
    ours = {"world": world, "page": page, "do_GET": _answer_and_hang_up, "disable_nagle_algorithm": True}
    handler = type("Handler", (module.Handler,), ours)
    with running(Server(("127.0.0.1", 0), handler)) as address:
        yield Replay(address, world)
