"""A reader's list of today as pages show it: made when it is first looked at, and the same for the rest of the day.

It is made anew where the reader has said something else of their interests since; what was on the page before and is
not in it then is new again. What the shell listed today stays, and what the reader ruled out meanwhile is gone.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from broadsheet.errors import NotFound
from broadsheet.library.handle import Library
from broadsheet.library.interest.recommend import recommend, today
from broadsheet.library.interest.recommendation import Ask, Recommendation, Recommended
from broadsheet.types import Profile, Reader


def todays_list(lib: Library, who: Reader, channel: str) -> Recommendation:
    """The list as it is looked at now; what is new in it is shown by that. Without interests what is trending."""
    from broadsheet.store import shown

    seen = _seen(lib, who)
    if seen is None:
        return recommend(lib, Ask(who.name, channel=channel))
    most, spoke = lib.settings.recommend.most, _spoke(lib, who)
    here = [entry for entry in seen.entries if entry.channel == channel]
    if here and not _are_older(here, spoke):
        return seen
    if here:
        with lib.store.writing() as conn:
            shown.forget_list(conn, who.id, seen.name, channel)
    lacking = most if _are_older(seen.entries, spoke) else most - len(seen.entries)
    if lacking > 0:
        recommend(lib, Ask(who.name, limit=lacking, channel=channel))
    return _seen(lib, who) or recommend(lib, Ask(who.name, channel=channel))


def looked_at(lib: Library, who: Reader) -> Recommendation | None:
    """The list of today as it was last looked at; None where it was not."""
    seen = _seen(lib, who)
    if seen is None:
        made = recommend(lib, Ask(who.name, preview=True))
        return made if made.state == "cold" else None
    return seen


def _seen(lib: Library, who: Reader) -> Recommendation | None:
    """What was shown today; None where nothing was."""
    try:
        found = recommend(lib, Ask(who.name, last=today(lib, who), again=True))
    except NotFound:
        return None
    spoke = _spoke(lib, who)
    ordered = sorted(found.entries, key=lambda entry: bool(spoke and entry.shown and entry.shown < spoke))
    return replace(found, entries=tuple(replace(entry, rank=rank) for rank, entry in enumerate(ordered, 1)))


def _are_older(entries: Sequence[Recommended], spoke: datetime | None) -> bool:
    """Whether the reader has spoken since all of these were listed."""
    return spoke is not None and all(entry.shown and entry.shown < spoke for entry in entries)


def _spoke(lib: Library, who: Reader) -> datetime | None:
    """When the reader last said something of an interest; marks alone teach the next list."""
    from broadsheet.store import interests

    with lib.store.reading() as conn:
        own = interests.of(conn, [who.id])
    return max((i.edited for i in own if i.profile != Profile(since=i.profile.since)), default=None)
