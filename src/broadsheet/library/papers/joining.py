"""A person's word on identity: these two are one work, this one is two. Both are kept for good."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from broadsheet import identity
from broadsheet.errors import UsageError
from broadsheet.library.handle import Library
from broadsheet.library.index import catch_up
from broadsheet.library.papers.show import find_known
from broadsheet.text import canonical_id
from broadsheet.types import Intent, Known, Paper

if TYPE_CHECKING:
    from broadsheet.store import Connection
    from broadsheet.store.neighbours import Stored

BY_A_PERSON = "a person said so"


def parts_of(lib: Library, key: str) -> tuple[Paper, ...]:
    """The works that a paper was joined from; itself alone where it was not. Raises NotFound."""
    return find_known(lib, key)[1].parts


def split(lib: Library, key: str, part: str) -> tuple[str, str]:
    """Take the work with id `part` out of paper `key`; the two are not joined again. Returns both keys."""
    from broadsheet.store import writer_lock

    with writer_lock(lib.home, "broadsheet split"):
        known = find_known(lib, key)[1]
        with lib.store.writing() as conn:
            keys = take_apart(conn, known, _part_key(known, part), lib.now())
        catch_up(lib, learn=False)
    return keys


def take_apart(conn: "Connection", known: Known, part_key: str, now: datetime) -> tuple[str, str]:
    """`split` in the caller's transaction."""
    from broadsheet.store import papers

    kept, taken = identity.split(known, part_key)
    papers.split(conn, _stored(kept), _stored(taken), now)
    return kept.paper.key, taken.paper.key


def keep_apart(conn: "Connection", pairs: Collection[tuple[str, str]], now: datetime) -> None:
    """A person's word out of another library: what was joined here by itself is split, what a person joined is not."""
    from broadsheet.store import distinct, papers

    agreed = []
    for one, other in pairs:
        known = papers.known_by_key(conn, one)
        ours, theirs = (known.part_of(key) for key in (one, other)) if known else (None, None)
        if known and ours and theirs:
            if ours is theirs or _joined_by_a_person(conn, {known.paper.key, ours.key, theirs.key}):
                continue
            take_apart(conn, known, theirs.key, now)
        agreed.append((one, other))
    distinct.add(conn, agreed, now)


def _joined_by_a_person(conn: "Connection", keys: Collection[str]) -> bool:
    from broadsheet.store import papers

    said = [event.op for event in papers.history(conn, keys) if event.reason == BY_A_PERSON]
    return said[-1:] == ["merge"]


def merge(lib: Library, key: str, other: str) -> str:
    """Join two papers into one and forget that they were ever split. Returns the key of the one."""
    from broadsheet.store import papers, writer_lock

    with writer_lock(lib.home, "broadsheet merge"):
        paper_id, known = find_known(lib, key)
        other_id, other_known = find_known(lib, other)
        if paper_id == other_id:
            raise UsageError(f"{key} and {other}", "are one paper already")
        joined = identity.merge(known, other_known)
        absorbed = tuple({known.paper.key, other_known.paper.key} - {joined.paper.key})
        intent = Intent("merged", joined.paper, joined.parts, BY_A_PERSON, absorbed)
        with lib.store.writing() as conn:
            papers.merge(conn, papers.stored(intent, _blocks(joined.parts)), lib.now())
        catch_up(lib, learn=False)
    return joined.paper.key


def _stored(known: Known) -> "Stored":
    from broadsheet.store import papers

    return papers.stored(Intent("changed", known.paper, known.parts, BY_A_PERSON), _blocks(known.parts))


def _blocks(parts: tuple[Paper, ...]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(key for part in parts for key in identity.fingerprint(part)))


def _part_key(known: Known, part: str) -> str:
    wanted = {part, canonical_id(part) or part}
    found = [p.key for p in known.parts if wanted & {p.key, *p.aliases}]
    if len(known.parts) == 1:
        raise UsageError(
            f"paper {known.paper.key}", "is one work and was not joined from several", "`broadsheet show` lists its ids"
        )
    if not found:
        listed = ", ".join(p.key for p in known.parts)
        raise UsageError(f"part {part}", f"is not in {known.paper.key}", f"its parts are {listed}")
    return found[0]
