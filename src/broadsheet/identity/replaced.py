"""Which texts a decision replaces: what a part said in an earlier version, worth keeping beside what it says now."""

from collections.abc import Iterable
from datetime import datetime

from broadsheet.text import plain
from broadsheet.types import Earlier, Intent, Known, Paper


def replaced(known: Iterable[Known], intent: Intent, now: datetime) -> tuple[Earlier, ...]:
    """The titles and abstracts that end with this decision, because there is a later version.

    Both are empty where the later version says the same. A source that only spells one version otherwise ends nothing.
    """
    after = {part.key: part for part in intent.parts or (intent.paper,)}
    before = {part.key: part for one in known for part in one.parts}
    return tuple(
        Earlier(key, _number(part), now, *_kept(part, after[key]))
        for key, part in before.items()
        if key in after and _is_later(after[key], part)
    )


def _kept(before: Paper, after: Paper) -> tuple[str, str]:
    same = (plain(before.title), plain(before.abstract)) == (plain(after.title), plain(after.abstract))
    return ("", "") if same else (before.title, before.abstract)


def _number(part: Paper) -> int:
    return max((version.number for version in part.versions), default=0)


def _is_later(new: Paper, old: Paper) -> bool:
    if _number(new) and _number(old) and _number(new) != _number(old):
        return _number(new) > _number(old)
    return bool(new.updated and old.updated and new.updated.date() > old.updated.date())
