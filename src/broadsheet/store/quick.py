"""Reading the store from the shell at once: sqlite3 alone, because importing SQLAlchemy takes longer than a search.

Only what `search` and `show` need. `open` gives None where it cannot serve (PostgreSQL, no library yet, one that has
to be migrated first); the caller then opens a `Store`, which also has the sentences for what is wrong.
"""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from broadsheet.codec import paper_from_json
from broadsheet.errors import StoreError
from broadsheet.store.faults import translate
from broadsheet.store.unwritable import uri_of
from broadsheet.store.version import HEAD, VERSION_TABLE
from broadsheet.types import Paper


class Quick:
    """A library opened for reading."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path, self._connection = path, connection

    def ids(self, keys: Collection[str]) -> dict[str, int]:
        """As `papers.ids`."""
        return dict(
            self._rows("SELECT alias, paper_id FROM alias WHERE alias IN (SELECT value FROM json_each(?))", keys)
        )

    def papers(self, ids: Sequence[int]) -> list[tuple[int, Paper]]:
        """As `papers.by_ids`."""
        docs = dict(self._rows("SELECT id, doc FROM paper WHERE id IN (SELECT value FROM json_each(?))", ids))
        return [(i, paper_from_json(docs[i])) for i in ids if i in docs]

    def parts(self, paper_id: int) -> tuple[Paper, ...]:
        """The parts of a paper of two parts or more, else none."""
        rows = self._rows(
            "SELECT doc FROM part WHERE paper_id IN (SELECT value FROM json_each(?)) ORDER BY position", [paper_id]
        )
        return tuple(paper_from_json(doc) for (doc,) in rows)

    def count(self) -> int:
        """As `papers.count`."""
        return self._number("SELECT count(*) FROM paper")

    def head(self) -> int:
        """As `outbox.head`."""
        return self._number("SELECT value FROM counter WHERE name = 'outbox'")

    def floor(self) -> int:
        """As `outbox.floor`."""
        return self._number("SELECT value FROM counter WHERE name = 'outbox_floor'")

    def epoch(self) -> str:
        """As `outbox.epoch`."""
        with _translated(self.path):
            row = self._connection.execute("SELECT value FROM meta WHERE name = 'epoch'").fetchone()
        return str(row[0]) if row else ""

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _rows(self, query: str, values: Iterable[str] | Iterable[int]) -> list[tuple[Any, ...]]:
        with _translated(self.path):
            return self._connection.execute(query, (orjson.dumps(list(values)).decode(),)).fetchall()

    def _number(self, query: str) -> int:
        with _translated(self.path):
            return int(self._connection.execute(query).fetchone()[0])


def open(place: str | Path) -> Quick | None:
    """Open an SQLite library by its URL or path for reading; None where only a `Store` can tell more."""
    path = _path(place)
    if path is None or not path.is_file():
        return None
    try:
        connection = sqlite3.connect(uri_of(path, "ro"), uri=True, check_same_thread=False)
    except sqlite3.Error:
        return None
    try:
        found = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608 - a constant
    except sqlite3.Error:
        found = None
    if found is None or found[0] != HEAD:
        connection.close()
        return None
    return Quick(path, connection)


def _path(place: str | Path) -> Path | None:
    if isinstance(place, Path):
        return place
    prefix, found, rest = place.partition("sqlite:///")
    return Path(rest) if found and not prefix and rest else None


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as e:
        error: StoreError = translate(f"library {path}", e)
        raise error from e
