"""The attention that papers get: their counts over time, what is usual here, and forecasts learnt from the past."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from broadsheet.library.editions.roll import Listed
from broadsheet.library.handle import Library
from broadsheet.rank.order import Candidate
from broadsheet.rank.sighting import Course, Look, Sighting
from broadsheet.rank.usual import Kind, Ripe, Usual, gained
from broadsheet.types import OURS, Announcement, Outline, Paper, Signal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from broadsheet.rank.forecast import Forecast
    from broadsheet.rank.trending import Attention
    from broadsheet.store import Connection

TAUGHT = 100
"""Papers of the past from which on their words are said to let expect something."""
FRESH = timedelta(days=4)
"""How long a paper's votes are forecast: by then four fifths have come, and what came says more."""
HORIZON = timedelta(days=7)
"""The age that votes are forecast for."""
RIPE = timedelta(days=3)
"""The age from which a count of the past says what is usual."""
VOTES = "upvotes"

Series = Mapping[Kind, Sequence[Signal]]


@dataclass(frozen=True, slots=True)
class Past:
    """What the library has seen: courses of papers that were voted on, and what is usual."""

    courses: tuple[Course, ...]
    ids: Mapping[str, int]
    usual: Usual


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the past lets expect of listed papers, by key: forecasts of those with votes, of the others what their text
    promises, with how many authors and whether by a past; and what is usual for papers like them. Votes of our own
    readers have no part in it.
    """

    forecasts: "Mapping[str, Forecast]"
    texts: Mapping[str, float]
    usual: Usual
    authors: Mapping[str, int]
    learnt: bool

    def __len__(self) -> int:
        return len(self.forecasts) + len(self.texts)


def outlook(lib: Library, conn: "Connection", listed: Sequence[Listed], now: datetime) -> Outlook:
    """What is expected of these papers at `now`; how many statements that takes does not depend on their number."""
    from broadsheet.store import papers, signals

    ids = [paper_id for paper_id, _, _ in listed]
    series, known = signals.histories(conn, ids), dict(papers.by_ids(conn, ids))
    past = _past(lib, conn, now, {paper.key for _, paper, _ in listed})
    seen = {i: sighting(known[i], featured(known[i], now) or day, series.get(i, {}), now) for i, _, day in listed}
    forecasts, texts = _forecasts(lib, past, seen, now)
    authors = {s.key: s.authors for s in seen.values() if s.key in texts}
    return Outlook(forecasts, texts, past.usual, authors, len(past.courses) >= TAUGHT)


def attention(conn: "Connection", listed: Sequence[Listed], expected: Outlook) -> "dict[str, Attention]":
    """The attention to these papers by key: their counts over time as they are, and what is expected."""
    from broadsheet.rank.trending import Attention
    from broadsheet.store import signals

    series = signals.histories(conn, [paper_id for paper_id, _, _ in listed])
    forecasts, texts, authors = expected.forecasts, expected.texts, expected.authors

    def known(i: int, key: str) -> Attention:
        text, people = texts.get(key, 0.0), authors.get(key, 0)
        return Attention(series.get(i, {}), forecasts.get(key), text, people, expected.learnt)

    return {paper.key: known(i, paper.key) for i, paper, _ in listed}


def sighting(paper: Paper, announcement: Announcement, series: Series, now: datetime) -> Sighting:
    """A stored paper as a forecast sees it."""
    given = {e.kind: e.value for e in paper.enrichments}
    links = {link.kind for link in paper.links}
    looks = _looks(series)
    stars = [counts[0] for kind, counts in series.items() if kind[1] == "github_stars"]
    return Sighting(
        key=paper.key,
        day=announcement.day,
        at=looks[-1].at if looks else now,
        title=paper.title,
        abstract=paper.abstract,
        looks=looks,
        submitted=announcement.at,
        published=paper.published,
        submitter=announcement.by,
        organisation=given.get("organisation"),
        authors=len(paper.authors),
        code="code" in links,
        project="project" in links,
        media="media" in links,
        stars=min(stars, key=lambda signal: signal.at).value if stars else None,
    )


def _looks(series: Series) -> tuple[Look, ...]:
    """The votes of the first place that counts them, with the comments it had at the time."""
    place = next((kind for kind in sorted(series) if kind[1] == VOTES and kind[0] != OURS), None)
    if place is None:
        return ()
    comments = {signal.at: signal.value for signal in series.get((place[0], "comments"), ())}
    return tuple(Look(signal.at, signal.value, comments.get(signal.at, 0)) for signal in series[place])


def _past(lib: Library, conn: "Connection", now: datetime, but: Collection[str]) -> Past:
    """Papers whose votes were counted in the days that forecasts learn from, without those that are asked about."""
    from broadsheet.store import papers, signals

    days = lib.settings.trending.history_days
    ids = signals.counted(conn, now - timedelta(days=days)) if days else []
    known = dict(papers.by_ids(conn, ids))
    series = signals.histories(conn, ids)
    courses, ripe, numbers = [], [], {}
    for paper_id, paper in known.items():
        listed = featured(paper, now)
        if listed is None:
            continue
        own = series.get(paper_id, {})
        ripe += _ripe(paper, listed, own, now)
        if paper.key not in but:
            courses.append(Course(sighting(paper, listed, own, now)))
            numbers[paper.key] = paper_id
    return Past(tuple(c for c in courses if c.sighting.looks), numbers, Usual.of(ripe))


def featured(paper: Paper | Outline, now: datetime) -> Announcement | None:
    """The announcement by which a paper is dated: the first that featured it, else the first of all, up to now."""
    past = [a for a in paper.announcements if a.day <= now.date()]
    return min(past, key=lambda a: (a.kind != "featured", a.day, a.source), default=None)


def _ripe(paper: Paper, listed: Announcement, series: Series, now: datetime) -> list[Ripe]:
    start = datetime.combine(listed.day, time(), UTC)
    field = paper.categories[0] if paper.categories else ""
    return [
        Ripe(kind, field, listed.day.weekday(), came)
        for kind, counts in series.items()
        if kind[0] != OURS and counts[-1].at - start >= RIPE and start <= now
        if (came := gained(kind, counts)) is not None
    ]


def _forecasts(
    lib: Library, past: Past, seen: Mapping[int, Sighting], now: datetime
) -> "tuple[dict[str, Forecast], dict[str, float]]":
    """Forecasts of the young papers with votes; of papers without, how far their text is above the list's average."""
    fresh = {i: s for i, s in seen.items() if s.looks and now - _start(s) <= FRESH}
    silent = {i: s for i, s in seen.items() if not s.looks}
    if not fresh and not silent:
        return {}, {}
    vectors = _vectors(lib, past, {**fresh, **silent}) if past.courses else {}
    voted = {f.key: f for f in _ask(past, fresh, vectors)}
    if not past.courses:
        from broadsheet.rank.prior import text_prior

        return voted, _centred({s.key: text_prior(s) for s in silent.values()}, silent.values())
    return voted, _centred({f.key: f.level for f in _ask(past, silent, vectors)}, silent.values())


def _ask(past: Past, seen: Mapping[int, Sighting], vectors: "Mapping[str, NDArray[np.float32]]") -> "list[Forecast]":
    """Forecasts for the age of HORIZON, half a day ahead at least."""
    from broadsheet.rank.forecast import forecast

    asked = list(seen.values())
    gaps = [max((_start(s) + HORIZON - s.at) / timedelta(days=1), 0.5) for s in asked]
    return forecast(past.courses, asked, gaps, vectors)


def _start(seen: Sighting) -> datetime:
    return datetime.combine(seen.day, time(), UTC)


def _vectors(lib: Library, past: Past, seen: Mapping[int, Sighting]) -> "dict[str, NDArray[np.float32]]":
    """The stored vectors of the texts, by key."""
    numbers = {**past.ids, **{s.key: i for i, s in seen.items()}}
    found = next(iter(lib.engine.vector_sets()[0].values()), None)
    if found is None:
        return {}
    rows = found.vectors_of(list(numbers.values()))
    return {key: row for key, row in zip(numbers, rows, strict=True) if row.any()}


def _centred(levels: Mapping[str, float], seen: Iterable[Sighting]) -> dict[str, float]:
    """Each level less the mean of its day's others and itself: only papers of one day can be compared by their text."""
    by_day: dict[date, list[float]] = defaultdict(list)
    days = {s.key: s.day for s in seen}
    for key, level in levels.items():
        by_day[days[key]].append(level)
    mean = {day: sum(found) / len(found) for day, found in by_day.items()}
    return {key: level - mean[days[key]] for key, level in levels.items()}


def counts_of(conn: "Connection", ids: Sequence[int]) -> Mapping[str, Mapping[int, int]]:
    """The newest votes and comments, summed over the sources that report them; a missing one is unknown, not zero."""
    from broadsheet.store import signals

    counts: dict[str, dict[int, int]] = {VOTES: {}, "comments": {}}
    for paper_id, latest in signals.latest(conn, ids).items():
        for (_, kind), value in latest.items():
            if kind in counts:
                counts[kind][paper_id] = counts[kind].get(paper_id, 0) + value
    return counts


def candidate(listed: tuple[int, Paper | Outline, Announcement], counts: Mapping[str, Mapping[int, int]]) -> Candidate:
    """A listed paper with its newest counts."""
    paper_id, paper, announcement = listed
    return Candidate(paper, announcement, counts[VOTES].get(paper_id), counts["comments"].get(paper_id))
