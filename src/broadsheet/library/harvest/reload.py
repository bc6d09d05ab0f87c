"""Taking papers back in from Broadsheet's own export, whole: key, aliases, parts, signals, when they were added.

What a person has taken apart stays so: in this library whatever the export joins, and what the export says also here.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import structs

from broadsheet import identity
from broadsheet.library.harvest.ingest import Counts
from broadsheet.library.papers.joining import keep_apart
from broadsheet.sources.formats import Exported
from broadsheet.types import Action, Intent, Known

if TYPE_CHECKING:
    from broadsheet.store import Connection


def reload(conn: "Connection", exported: Sequence["Exported"], now: datetime) -> Counts:
    """Store exported papers as they were; one that the library has under any of its ids is joined with it."""
    from broadsheet.store import papers

    names = {alias for item in exported for alias in (item.paper.key, *item.paper.aliases)}
    near = papers.lookup(conn, names, ())
    actions = []
    for item in (piece for whole in exported for piece in _pieces(whole, near.distinct)):
        intent = _decide(item, near.known((item.paper.key, *item.paper.aliases), ()))
        blocks = dict.fromkeys(key for part in intent.parts for key in identity.fingerprint(part))
        near.put(papers.stored(structs.replace(intent, signals=item.signals), blocks, earlier=item.earlier))
        actions.append(intent.action)
    papers.apply(conn, near.pending, now)
    keep_apart(conn, dict.fromkeys(pair for item in exported for pair in item.apart), now)
    return Counts(*(actions.count(action) for action in ("new", "changed", "same", "merged")))


def _pieces(item: "Exported", distinct: Collection[frozenset[str]]) -> "list[Exported]":
    """The item, or its parts one by one where a person has said here that two of its works are not one."""
    names = set(item.paper.aliases)
    if len(item.parts) < 2 or not any(pair <= names for pair in distinct):
        return [item]
    first, *others = item.parts
    return [replace(item, paper=first, parts=(first,)), *(Exported(part, (part,)) for part in others)]


def _decide(item: "Exported", known: Sequence[Known]) -> Intent:
    parts = item.parts or (item.paper,)
    if not known:
        return Intent("new", item.paper, parts, "from an export")
    first, others = known[0], known[1:]
    if not others and (first.paper, first.parts) == (item.paper, parts):
        return Intent("same", first.paper, first.parts, "from an export")
    joined = first
    for other in (*others, Known(item.paper, parts)):
        merged = identity.merge(joined, other)
        joined = Known(merged.paper, merged.parts)
    absorbs = tuple(other.paper.key for other in others)
    action: Action = "same" if joined == first else "changed"
    return Intent(action, joined.paper, joined.parts, "from an export", absorbs)
