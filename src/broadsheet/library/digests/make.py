"""Making a digest: composed from what is new to its reader since the one before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from broadsheet.digest.compose import Composed, Pick, compose
from broadsheet.digest.content import Content, in_words
from broadsheet.digest.schedule import Due
from broadsheet.library.digests.offers import For, Newsstand, Window, offers, with_lists
from broadsheet.library.digests.readership import Known
from broadsheet.types import Delivery, Digest, Reader
from broadsheet.words.said import counted, said

WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A digest that is due, as its reader wants it; `last` is the one before."""

    who: Reader
    wanted: Delivery
    due: Due
    last: Digest | None

    @property
    def seen(self) -> date | None:
        """The newest day of papers that the one before looked at."""
        return self.last.through if self.last else None


@dataclass(frozen=True, slots=True)
class Made:
    """A composed digest. `through`: the newest day of papers that it looked at."""

    content: Content
    picks: tuple[Pick, ...]
    through: date | None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it but a reason."""
        return not self.picks


def make(stand: Newsstand, readers: Mapping[int, Known], some: Sequence[Waiting]) -> list[Made]:
    """What digests of readers have in them, in this order; nothing is stored."""
    windows = [_window(stand, one) for one in some]
    asked = {
        at: For(readers[one.who.id], window, one.wanted.sections, one.wanted.most)
        for at, (one, window) in enumerate(zip(some, windows, strict=True))
        if window
    }
    asked = dict(zip(asked, with_lists(stand, list(asked.values())), strict=True))
    return [_made(stand, readers[one.who.id], one, asked.get(at)) for at, one in enumerate(some)]


def _made(stand: Newsstand, known: Known, waiting: Waiting, asked: For | None) -> Made:
    due = waiting.due
    composed = compose(offers(stand, asked), asked.most, stand.items) if asked else Composed((), ())
    note = _note(stand, due, empty=not composed.picks)
    content = Content(due.edition, due.day, composed.sections, note)
    return Made(in_words(content, known.words.say), composed.picks, asked.window.last if asked else waiting.seen)


def _window(stand: Newsstand, waiting: Waiting) -> Window | None:
    """None where no day has come since the last digest. What came late for its last day is looked at once more."""
    last, days, seen = stand.last_day(waiting.due.day), stand.lib.settings.recommend.days, waiting.seen
    if last is None or (seen is not None and last <= seen):
        return None
    if seen is None:
        back = WEEK if waiting.wanted.cadence == "weekly" else timedelta(days=1)
        return Window(last - timedelta(days=days - 1), last, last - back + timedelta(days=1))
    longest = max(2 * WEEK, timedelta(days=days))  # from a Monday to the Sunday after the next, where they chose so
    first = max(seen, last - longest)
    return Window(first, last, min(first + timedelta(days=1), last))


def _note(stand: Newsstand, due: Due, *, empty: bool) -> str | None:
    """Why a digest is empty, what it lacks, or what it makes up for."""
    told: list[str] = []
    day = stand.edition(due.day.isoformat())
    if day.state == "failed":
        told.append(said("The last harvest did not go through; what is missing comes with the next digest."))
    elif empty:
        told.append(day.note if day.state == "holiday" and day.note else _REASONS.get(day.state, _NOTHING_NEAR))
    if due.missed:
        told.append(
            counted(
                "One digest could not be made in time; this one has what it would have had.",
                "%(num)s digests could not be made in time; this one has what they would have had.",
                due.missed,
            )
        )
    return said("%(note)s %(more)s", note=told[0], more=told[1]) if len(told) == 2 else told[0] if told else None


_REASONS: Final = {
    "pending": said("The papers of this day were not announced yet; they come with the next digest."),
    "empty": said("No papers came for this day."),
    "never": said("No papers have come yet."),
}
_NOTHING_NEAR: Final = said("Nothing came that was new to you and near enough to what you like.")
