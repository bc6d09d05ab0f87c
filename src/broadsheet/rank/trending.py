"""What trends: a published score, made of parts that a page shows and a reader can add up.

    score = sum over sources of CAP tanh(excess / CAP) + readers + text - crowd - ln 2 * age / half-life

`excess` is log attention less the log attention that is usual for a paper of that age, field, weekday and source; so
exp(score) reads "times the usual". Of a young paper attention is the forecast of its votes, of an older one what it
gained in the window. docs/trending.md has every constant's reason.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from math import exp, inf, log, log1p, sqrt, tanh
from typing import Literal, get_args

from broadsheet.rank.forecast import Forecast
from broadsheet.rank.order import Candidate, Expected, Part, Place, announced, announced_on, many
from broadsheet.rank.prior import SPREAD, TEXT_SPREAD
from broadsheet.rank.sighting import HOUR
from broadsheet.rank.usual import FIELD_DOUBT, FROM_NOTHING, Kind, Usual, gained
from broadsheet.types import OURS, Signal
from broadsheet.words.said import Listed, in_a_row, said

Window = Literal["day", "week", "month"]
WINDOWS: tuple[Window, ...] = get_args(Window)
DAYS: Mapping[str, int] = {"day": 1, "week": 7, "month": 30}
"""Days that a window reaches back."""
NAMES = {"huggingface": "Hugging Face", OURS: "this library", "github": "GitHub", "openalex": "OpenAlex"}
NOUNS = {"upvotes": "vote", "comments": "comment", "github_stars": "star", "citations": "citation"}
_NOTHING = {
    "vote": said("no new votes"),
    "comment": said("no new comments"),
    "star": said("no new stars"),
    "citation": said("no new citations"),
}


@dataclass(frozen=True, slots=True)
class Weights:
    """The settings of the score; `config.TrendingSettings` says what each does."""

    half_life: float = 0.4
    votes: float = 1.0
    comments: float = 0.2
    stars: float = 0.3
    citations: float = 0.3
    readers: float = 0.7
    text: float = 0.5
    fairness: float = 0.5
    cap: float = 3.0

    def of(self, kind: str) -> float:
        """The weight of a kind of count; 0 for one that the score does not know."""
        known = {"upvotes": self.votes, "comments": self.comments, "github_stars": self.stars}
        return {**known, "citations": self.citations}.get(kind, 0.0)


@dataclass(frozen=True, slots=True)
class Attention:
    """What is known of the attention to a paper: its counts over time, the forecast of its votes while it is young,
    and what its text alone would let expect (0: average; in logs), with how many authors, and whether by a past.
    """

    series: Mapping[Kind, Sequence[Signal]]
    forecast: Forecast | None = None
    text: float = 0.0
    authors: int = 0
    learnt: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """The window of a list, the time that it is made at, and since when attention counts: all of it if None."""

    window: Window
    now: datetime
    weights: Weights = Weights()
    since: datetime | None = None

    @property
    def half_life_days(self) -> float:
        """Days in which attention counts for half."""
        return self.weights.half_life * DAYS[self.window]

    def hours(self, age: float) -> float:
        """Of how many of its hours a paper's attention counts."""
        return age if self.since is None else min((self.now - self.since) / HOUR, age)


NOTHING = Attention({})
STANDS_OUT = log(1.5)
"""How far above the usual a count is told beside votes: half as much again, which nobody takes for the usual."""


def trending(
    candidates: Iterable[Candidate], attention: Mapping[str, Attention], usual: Usual, ask: Ask
) -> list[Place]:
    """Rank candidates by the score; ties fall to the newer paper, then to the smaller key. `attention` is by key."""
    papers = list(candidates)
    luck = _luck(Counter(field_of(c) for c in papers))
    counted = {kind for c in papers for kind in attention.get(c.paper.key, NOTHING).series if kind[0] != OURS}
    places = frozenset(kind for kind in counted if kind[1] == "upvotes")
    scored = []
    for candidate in papers:
        known = attention.get(candidate.paper.key, NOTHING)
        counts = _counts(candidate, known, usual, ask, places)
        parts = tuple(_parts(candidate, known, counts, ask, places, luck[field_of(candidate)]))
        why = _why(candidate, known, counts, parts)
        scored.append((sum(part.value for part in parts), parts, candidate, known, why))
    scored.sort(key=lambda row: (-row[0], -announced(row[2]).timestamp(), row[2].paper.key))
    return [
        Place(rank, c.paper.key, c.announcement, c.votes, round(score, 6), why, parts, _expected(known))
        for rank, (score, parts, c, known, why) in enumerate(scored, start=1)
    ]


def _expected(known: Attention) -> Expected | None:
    made = known.forecast
    return Expected(made.expected, made.low, made.high, made.so_far) if made and known.series else None


def rising(places: Iterable[Place]) -> list[Place]:
    """Of ranked papers those whose votes are still to come, by how many are expected: that is their `score`."""
    found = [e for e in places if _to_come(e) >= 1]
    found.sort(key=lambda e: (-_to_come(e), e.key))
    return [
        replace(e, rank=rank, score=round(_to_come(e), 6), why=_rise(e), parts=())
        for rank, e in enumerate(found, start=1)
    ]


def _to_come(entry: Place) -> float:
    return 0.0 if entry.expected is None else entry.expected.votes - entry.expected.so_far


def _rise(entry: Place) -> str:
    made = entry.expected
    assert made is not None
    return said(
        "%(votes)s so far, %(expected)s expected within a week (%(low)s to %(high)s four times in five)",
        votes=many(made.so_far, "vote"),
        expected=round(made.votes),
        low=round(made.low),
        high=round(made.high),
    )


def field_of(candidate: Candidate) -> str:
    """The field that a paper is compared in: its first category, empty where it has none."""
    return candidate.paper.categories[0] if candidate.paper.categories else ""


def age_hours(candidate: Candidate, now: datetime) -> float:
    """Hours since the day began on which the paper was news, at least one."""
    return max((now - datetime.combine(candidate.announcement.day, time(), UTC)) / HOUR, 1.0)


def _parts(
    candidate: Candidate, known: Attention, counts: "_Counts", ask: Ask, places: frozenset[Kind], luck: float
) -> Iterable[Part]:
    weights, age = ask.weights, age_hours(candidate, ask.now)
    told: str
    for source, rows in counts.items():
        value = sum(weights.of(row.kind[1]) * row.excess for row in rows)
        told = _row([row.told for row in rows])
        yield Part(f"attention on {NAMES.get(source, source)}", _soft(value, weights.cap), told)
    if ours := gained((OURS, "upvotes"), known.series.get((OURS, "upvotes"), ()), ask.since):
        told = said("%(readers)s of this library", readers=many(ours, "reader"))
        yield Part("readers", _soft(weights.readers * log1p(ours), weights.cap), told)
    unseen = not any(kind in known.series for kind in places)
    if unseen and (text := _rough(weights.text * known.text)):
        yield Part("text", text, said("what text, code and authors let expect before any vote"))
    if luck and weights.fairness:
        spread = SPREAD if places else weights.text * TEXT_SPREAD
        off = weights.fairness * spread * luck
        yield Part("crowd", -_rough(off) if unseen else -off, _crowd(field_of(candidate)))
    yield Part(
        "age",
        -log(2) * age / 24 / ask.half_life_days,
        said("%(age)s old, half-life %(days)s days", age=_age(age), days=f"{ask.half_life_days:g}"),
    )


def _rough(value: float) -> float:
    """A guess before any vote, to the tenth: what differs by less is no reason for an order."""
    return round(value, 1)


def _luck(papers: Mapping[str, int]) -> Mapping[str, float]:
    """How many spreads above the mean the best of each field's papers stands by luck of number.

    Mixed with FIELD_DOUBT papers of an average field, as two papers are few to tell a field by; without a category it
    is that average.
    """
    alone = {field: sqrt(2 * log(count)) for field, count in papers.items()}
    named = {field: count for field, count in papers.items() if field} or papers
    usual = sum(alone[field] * count for field, count in named.items()) / max(sum(named.values()), 1)
    return {
        field: (alone[field] * count + usual * FIELD_DOUBT) / (count + FIELD_DOUBT) if field else usual
        for field, count in papers.items()
    }


def _crowd(field: str) -> str:
    if not field:
        return said("the more papers, the higher the best stands by chance: without a category as in an average field")
    return said("the more papers in %(field)s, the higher the best of them stands by chance", field=field)


@dataclass(frozen=True, slots=True)
class _Count:
    """One kind of count of a paper: the log of it less the usual, the sentence that says so, what is new of it in the
    window, and all there is.
    """

    kind: Kind
    excess: float
    told: str
    new: int
    all: int


_Counts = Mapping[str, Sequence[_Count]]
"""The counts of a paper by their source, the weightiest first."""


def _counts(candidate: Candidate, known: Attention, usual: Usual, ask: Ask, places: frozenset[Kind]) -> _Counts:
    """What each place counted of a paper; where one counts votes, also that there are none."""
    weights, found = ask.weights, defaultdict(list)
    for kind in sorted({*known.series, *places}, key=lambda kind: (-weights.of(kind[1]), kind)):
        if kind[0] != OURS and weights.of(kind[1]) and (count := _excess(kind, candidate, known, usual, ask)):
            found[kind[0]].append(count)
    return found


def _excess(kind: Kind, candidate: Candidate, known: Attention, usual: Usual, ask: Ask) -> _Count | None:
    """Log attention from one count less the usual, and the sentence that says it; None where nothing tells it."""
    field, weekday, age = field_of(candidate), candidate.announcement.day.weekday(), age_hours(candidate, ask.now)
    series = known.series.get(kind, ())
    noun = NOUNS.get(kind[1], kind[1])
    newest = series[-1].value if series else 0
    if known.forecast is not None and kind[1] == "upvotes" and series:
        excess = known.forecast.level - usual.level(kind, field, weekday)
        told = said(
            "%(votes)s so far, %(expected)s expected, %(times)s times the usual",
            votes=many(newest, noun),
            expected=round(known.forecast.expected),
            times=exp(excess),
        )
        return _Count(kind, excess, told, newest, newest)
    new, hours = gained(kind, series, ask.since), ask.hours(age)
    if new is None:
        return None
    excess = log1p(new) - usual.gain(kind, field, weekday, age, hours)
    if new:
        grown = many(new, noun)
        told = said(
            "%(gained)s in %(age)s, %(times)s times the usual", gained=grown, age=_age(hours), times=exp(excess)
        )
    elif kind[1] == "upvotes" and not newest:
        told = said("no votes yet")
    else:
        told = said("%(nothing)s in %(age)s", nothing=_NOTHING.get(noun, f"no new {noun}s"), age=_age(hours))
    least = -inf if kind[1] in FROM_NOTHING else 0.0  # a paper of which nobody counts stars loses nothing either
    return _Count(kind, max(excess, least), told, new, newest)


def _soft(value: float, cap: float) -> float:
    """A value that no source can push beyond the cap, and that still grows: what a burst from one place is worth."""
    return cap * tanh(value / cap) if cap > 0 else 0.0


def _why(candidate: Candidate, known: Attention, counts: _Counts, parts: Sequence[Part]) -> str:
    """One sentence: the counts that there are, else what the place rests on."""
    told = [text for rows in counts.values() for text in _telling(rows)]
    told += [part.told for part in parts if part.name == "readers"]
    more = any(part.name == "text" and part.value > 0 for part in parts)
    return said(
        "%(told)s; %(when)s", told=_row(told or [_unseen(candidate, known, more)]), when=announced_on(candidate)
    )


def _unseen(candidate: Candidate, known: Attention, more: bool) -> str:
    """What a paper without votes has, and whether that lets expect more than most."""
    links = {link.kind for link in candidate.paper.links}
    named = (("code", said("code")), ("project", said("a project page")))
    given: list[str] = [name for kind, name in named if kind in links]
    if more:
        given = [said("text")] * known.learnt + [many(known.authors, "author")] * (known.authors > 0) + given
        if given:
            return said("no votes yet, more expected than of most: %(given)s", given=Listed(tuple(given)))
    return said("no votes yet, with %(given)s", given=Listed(tuple(given))) if given else said("no votes yet")


def _telling(rows: Sequence[_Count]) -> list[str]:
    """What a place's counts say in a line: the votes, or what weighs most; beside it only what stands out.

    A first comment is often made by the place itself, and no new stars are the rule.
    """
    known = [row for row in rows if row.all]
    return [row.told for i, row in enumerate(known) if not i or (row.new > 1 and row.excess >= STANDS_OUT)]


def _row(told: Sequence[str]) -> str:
    return told[0] if len(told) == 1 else in_a_row(told)


def _age(hours: float) -> str:
    return many(round(hours), "hour") if hours < 72 else many(round(hours / 24), "day")
