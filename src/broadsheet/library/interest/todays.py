"""A reader's list of today as pages show it: made when it is first looked at, and the same for the rest of the day.

It is added to where it would else be short, and where the reader has said something else of their interests since: what
is listed then comes first. What they ruled out meanwhile is in it no more.
"""

from dataclasses import replace
from datetime import datetime

from broadsheet.errors import NotFound
from broadsheet.library.handle import Library
from broadsheet.library.interest.recommend import recommend, today
from broadsheet.library.interest.recommendation import Ask, Recommendation
from broadsheet.types import Profile, Reader


def todays_list(lib: Library, who: Reader, channel: str) -> Recommendation:
    """The list as it is looked at now; what is new in it is shown by that. Without interests what is trending."""
    seen = _seen(lib, who)
    if seen is None:
        return recommend(lib, Ask(who.name, channel=channel))
    more = _lacking(lib, who, seen, channel)
    if more and recommend(lib, Ask(who.name, limit=more, channel=channel)).entries:
        return _seen(lib, who) or seen
    return seen


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


def _lacking(lib: Library, who: Reader, seen: Recommendation, channel: str) -> int:
    """How many papers may come: a whole list after the reader spoke, and once what the shell left of one."""
    spoke = _spoke(lib, who)
    if spoke and all(entry.shown and entry.shown < spoke for entry in seen.entries):
        return lib.settings.recommend.most
    if any(entry.channel == channel for entry in seen.entries):
        return 0
    return max(lib.settings.recommend.most - len(seen.entries), 0)


def _spoke(lib: Library, who: Reader) -> datetime | None:
    """When the reader last said something of an interest; marks alone teach the next list."""
    from broadsheet.store import interests

    with lib.store.reading() as conn:
        own = interests.of(conn, [who.id])
    return max((i.edited for i in own if i.profile != Profile(since=i.profile.since)), default=None)
