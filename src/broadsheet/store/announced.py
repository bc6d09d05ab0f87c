"""Which announcements of a paper make it news, and on which day. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from broadsheet.types import Announcement

_FRESH: Final = {"new": 0, "cross": 1}
_NEWS: Final = frozenset({"new", "cross", "listed", "featured"})


def first_announcements(announcements: Iterable[Announcement]) -> frozenset[Announcement]:
    """Those that put the paper into an edition.

    The first `new` or `cross` of any source, or where there is none the first `listed`; beside it the first
    `featured` of each source, which is a fact of its own. Replacements and relistings never make a paper new again.
    """
    known = list(announcements)
    if len(known) == 1:  # nearly all papers of an import
        return frozenset(known) if known[0].kind in _NEWS else frozenset()
    chosen = [_earliest(a for a in known if a.kind in _FRESH) or _earliest(a for a in known if a.kind == "listed")]
    featured = [a for a in known if a.kind == "featured"]
    chosen += [_earliest(a for a in featured if a.source == source) for source in {a.source for a in featured}]
    return frozenset(a for a in chosen if a is not None)


def _earliest(announcements: Iterable[Announcement]) -> Announcement | None:
    return min(announcements, key=_order, default=None)


def _order(announcement: Announcement) -> tuple[date, int, str, str]:
    return announcement.day, _FRESH.get(announcement.kind, 2), announcement.source, announcement.by or ""
