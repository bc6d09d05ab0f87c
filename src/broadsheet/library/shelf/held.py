"""What a reader keeps of the papers of a page: the marks that hold, and the collections that they are in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from broadsheet.library.handle import Library
from broadsheet.types import Collection, MarkKind, Reader


@dataclass(frozen=True, slots=True)
class Held:
    """Marks, and ids of collections, by a paper's key. `collections` are all of the reader's but the saved papers."""

    marks: Mapping[str, frozenset[MarkKind]] = field(default_factory=dict)
    collections: Sequence[Collection] = ()
    inside: Mapping[str, frozenset[int]] = field(default_factory=dict)


def held(lib: Library, reader: Reader, keys: Iterable[str]) -> Held:
    """What a reader keeps of the papers under these keys."""
    from broadsheet.store import collections, marks

    listed = list(keys)
    with lib.store.reading() as conn:
        own = [c for c in collections.of(conn, reader.id) if not c.saved]
        inside = collections.holding(conn, reader.id, listed) if own else {}
        return Held(marks.held(conn, reader.id, listed), own, inside)
