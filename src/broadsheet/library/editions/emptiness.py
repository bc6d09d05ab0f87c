"""Why there are no papers for some days, and when there will be."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from broadsheet.library.handle import Library
from broadsheet.rank.spans import Span
from broadsheet.words.said import in_a_row, said

State = Literal["never", "pending", "holiday", "failed", "empty"]


@dataclass(frozen=True, slots=True)
class Emptiness:
    """`note` is a sentence. `due`: when arXiv announces the first papers that may be among them, if that is to come."""

    state: State
    note: str
    due: datetime | None = None


def why_empty(lib: Library, span: Span, now: datetime) -> Emptiness:
    """Why these days have no papers, as far as the calendar and the harvests tell."""
    from broadsheet.sources import arxiv_calendar
    from broadsheet.store import runs

    with lib.store.reading() as conn:
        latest = runs.latest(conn)
    if not latest:
        return Emptiness("never", said("Nothing has been harvested yet: `broadsheet pull` does."))
    days = [span.first + timedelta(days=i) for i in range((span.last - span.first).days + 1)]
    if span.last < arxiv_calendar.BEGAN:
        return Emptiness("empty", said("No source gave papers for this time; arXiv began in August 1991."))
    due = _due(span, now)
    if span.first > now.date():
        return Emptiness("pending", said("%(edition)s has not come yet.", edition=str(span)), due)
    reasons = [arxiv_calendar.why_empty(day) for day in days]
    if all(reasons):
        return Emptiness("holiday", said("arXiv announced nothing: %(why)s.", why=reasons[0]), due)
    failed = [run for run in latest.values() if run.state in ("failed", "partial", "interrupted")]
    if failed:
        told = in_a_row(
            said("%(subject)s: %(cause)s", subject=r.source, cause=r.error or r.note or r.state) for r in failed
        )
        return Emptiness("failed", said("The last harvest did not go through (%(told)s).", told=told), due)
    if span.last >= now.date():
        return Emptiness("pending", said("This edition is not announced yet."), due)
    return Emptiness(
        "empty", said("No source gave papers for this time; `broadsheet pull --from DAY` reaches further back.")
    )


def why_none_today(lib: Library, newest: date, now: datetime) -> Emptiness | None:
    """Why the newest edition is not today's; None where it is, or where there is none at all."""
    today = now.date()
    return None if newest >= today else why_empty(lib, Span(today.isoformat(), today, today), now)


def _due(span: Span, now: datetime) -> datetime | None:
    """When the first announcement after `now` comes, of a span that is not over."""
    from broadsheet.sources import arxiv_calendar

    if span.last < now.date():
        return None
    day = arxiv_calendar.next_announcement_day(max(span.first, arxiv_calendar.eastern_day(now)))
    if arxiv_calendar.announced_at(day) <= now:
        day = arxiv_calendar.next_announcement_day(day + timedelta(days=1))
    return arxiv_calendar.announced_at(day)
