"""Papers as lists tell of them, with their counts: each read once for all lists of a run."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from broadsheet.library.editions.attention import counts_of
from broadsheet.library.handle import Library
from broadsheet.text import plain
from broadsheet.types import Paper


@dataclass(frozen=True, slots=True)
class Looked:
    """A paper with its newest counts, None where nobody counts."""

    paper: Paper
    votes: int | None
    comments: int | None


class Lookup:
    """What was read of a library's papers; as old as its first look."""

    def __init__(self, lib: Library) -> None:
        self.lib = lib
        self._looked: dict[int, Looked] = {}
        self._titles: dict[str, str] = {}

    def papers(self, ids: Collection[int]) -> Mapping[int, Looked]:
        """At least these, by store id."""
        from broadsheet.store import papers

        new = [i for i in ids if i not in self._looked]
        if new:
            with self.lib.store.reading() as conn:
                counts = counts_of(conn, new)
                votes, comments = counts["upvotes"], counts["comments"]
                self._looked |= {i: Looked(p, votes.get(i), comments.get(i)) for i, p in papers.by_ids(conn, new)}
        return self._looked

    def titles(self, keys: Collection[str]) -> Mapping[str, str]:
        """The titles of at least these, by key; those that are no more are left out."""
        from broadsheet.store import papers

        new = [key for key in keys if key not in self._titles]
        if new:
            with self.lib.store.reading() as conn:
                self._titles |= {key: plain(paper.title) for key, paper in papers.get(conn, new).items()}
        return self._titles
