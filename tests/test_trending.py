"""The trending score: published, made of parts, fair to small fields, and not to be bought at one place."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from broadsheet.rank.forecast import Forecast
from broadsheet.rank.order import Candidate, Place
from broadsheet.rank.trending import Ask, Attention, Weights, rising, trending
from broadsheet.rank.usual import Ripe, Usual
from broadsheet.types import OURS, Announcement, Link, Paper, Signal

NOW = datetime(2025, 11, 20, 18, tzinfo=UTC)
VOTES = ("huggingface", "upvotes")
ASK = Ask("day", NOW)


def candidate(key: str, field: str = "cs.CL", day: int = 20, votes: int | None = None) -> Candidate:
    """A paper announced on a day of November 2025."""
    paper = Paper(key=key, aliases=(key,), title=key, categories=(field,) if field else (), added=NOW)
    return Candidate(paper, Announcement("arxiv", date(2025, 11, day), "new"), votes)


def counted(votes: int, kind: tuple[str, str] = VOTES, hours_ago: float = 1.0) -> Attention:
    """A paper with one count."""
    return Attention({kind: [Signal(*kind, NOW - timedelta(hours=hours_ago), votes)]})


def ranked(papers: Mapping[Candidate, Attention] | list[tuple[Candidate, Attention]], ask: Ask = ASK) -> list[Place]:
    """The papers in their order."""
    rows = list(papers.items()) if isinstance(papers, Mapping) else papers
    return trending([c for c, _ in rows], {c.paper.key: a for c, a in rows}, Usual(), ask)


def keys(entries: list[Place]) -> list[str]:
    """Keys in order."""
    return [e.key for e in entries]


NONE = Attention({})
COUNTS = st.none() | st.integers(0, 5000)


@pytest.mark.slow
@given(
    st.lists(st.tuples(COUNTS, st.integers(14, 20), st.sampled_from(["cs.CL", "math.AG", ""])), max_size=12),
    st.randoms(),
)
def test_the_order_is_total_and_its_parts_add_up(rows: list[tuple[int | None, int, str]], lot: object) -> None:
    """Whatever order papers come in they are ranked alike, and each score is the sum of its parts."""
    papers = [
        (candidate(f"a:{i}", field, day), Attention({}) if votes is None else counted(votes))
        for i, (votes, day, field) in enumerate(rows)
    ]
    mixed = list(papers)
    lot.shuffle(mixed)  # type: ignore[attr-defined]
    entries = ranked(papers)

    assert keys(entries) == keys(ranked(mixed))
    assert [e.rank for e in entries] == list(range(1, len(rows) + 1))
    assert all(math.isclose(e.score, sum(p.value for p in e.parts), abs_tol=1e-5) for e in entries)


@given(st.integers(0, 2000), st.integers(1, 500), st.lists(st.integers(0, 2000), max_size=6), st.integers(10, 20))
def test_more_votes_never_lower_a_score(votes: int, more: int, others: list[int], day: int) -> None:
    """A vote more, at any place, moves no paper down."""
    rest = [(candidate(f"b:{i}"), counted(v)) for i, v in enumerate(others)]

    def score(count: int) -> float:
        entries = ranked([(candidate("a:1", day=day), counted(count)), *rest])
        return next(e.score for e in entries if e.key == "a:1")

    assert score(votes + more) > score(votes) or votes > 1000


def test_the_best_of_a_small_field_is_not_drowned() -> None:
    """The top paper of three with a few votes stands above the middle of a crowd with more."""
    past = [Ripe(VOTES, "cs.CL", 3, 40) for _ in range(200)] + [Ripe(VOTES, "math.AG", 3, 1) for _ in range(30)]
    crowd = [(candidate(f"c:{i}"), counted(10 + i)) for i in range(80)]
    small = [(candidate(f"m:{i}", "math.AG"), counted(votes)) for i, votes in enumerate((9, 0, 1))]
    rows = crowd + small
    entries = trending([c for c, _ in rows], {c.paper.key: a for c, a in rows}, Usual.of(past), ASK)

    assert keys(entries).index("m:0") < 3
    assert keys(entries).index("m:1") > 20


def test_no_category_is_no_gain() -> None:
    """A paper of which no category is known counts as one of an average field: more votes elsewhere stand above it."""
    past = [Ripe(VOTES, "cs.CL", 3, 10) for _ in range(50)] + [Ripe(VOTES, "", 3, 1) for _ in range(50)]
    rows = [(candidate("a:unknown", ""), counted(17)), (candidate("a:known"), counted(24))]
    rows += [(candidate(f"c:{i}"), counted(5)) for i in range(60)]
    entries = trending([c for c, _ in rows], {c.paper.key: a for c, a in rows}, Usual.of([*past[:50]]), ASK)
    mixed = Usual.of(past)

    assert keys(entries)[:2] == ["a:known", "a:unknown"]
    assert mixed.level(VOTES, "", 3) > math.log1p(3)


def test_few_papers_of_a_field_are_no_gain() -> None:
    """Without a vote in a field of two a paper is below one of a crowd with twice the usual votes two days before."""
    week = Ask("week", NOW)
    rows = [(candidate("a:small", "cs.GR"), Attention({}, text=0.8)), (candidate("a:voted", day=18), counted(30))]
    rows += [(candidate(f"c:{i}"), counted(5)) for i in range(200)]
    entries = ranked(rows, week)
    crowd = {e.key: p.value for e in entries for p in e.parts if p.name == "crowd"}

    assert keys(entries).index("a:voted") < keys(entries).index("a:small")
    assert crowd["a:voted"] < crowd["a:small"] < 0.8 * crowd["a:voted"]


def test_a_burst_at_one_place_is_worth_no_more_than_the_cap() -> None:
    """A hundred thousand votes at one place do not outweigh what several places say together."""
    bought = candidate("a:bought")
    praised = candidate("a:praised")
    everywhere = {
        kind: [Signal(*kind, NOW, count)]
        for kind, count in {
            VOTES: 300,
            ("github", "github_stars"): 4000,
            ("openalex", "citations"): 40,
            ("broadsheet", "upvotes"): 12,
        }.items()
    }
    entries = ranked([(bought, counted(100_000)), (praised, Attention(everywhere))])

    assert keys(entries) == ["a:praised", "a:bought"]
    assert max(p.value for p in entries[1].parts) <= Weights().cap


def test_attention_fades_with_age() -> None:
    """At equal votes the younger is first, and much more attention outweighs a few days."""
    month = replace(ASK, window="month")
    rows = [
        (candidate("a:old", day=12), counted(30)),
        (candidate("a:young", day=20), counted(30)),
        (candidate("a:big", day=12), counted(900)),
    ]

    assert keys(ranked(rows, month)) == ["a:big", "a:young", "a:old"]


def test_only_what_came_in_the_window_counts() -> None:
    """A paper that was voted up long ago and rests is below one that gains now."""
    before = [Signal(*VOTES, NOW - timedelta(days=5), 400), Signal(*VOTES, NOW, 401)]
    gains = [Signal(*VOTES, NOW - timedelta(days=5), 20), Signal(*VOTES, NOW, 60)]
    rows = [
        (candidate("a:rests", day=14), Attention({VOTES: before})),
        (candidate("a:gains", day=14), Attention({VOTES: gains})),
    ]

    assert keys(ranked(rows, replace(ASK, since=NOW - timedelta(days=1)))) == ["a:gains", "a:rests"]
    assert keys(ranked(rows)) == ["a:rests", "a:gains"]


def test_without_any_community_there_is_still_an_order() -> None:
    """With no count anywhere, text decides, then the newer and the smaller key."""
    rows = [
        (candidate("a:3"), Attention({})),
        (candidate("a:2"), Attention({}, text=0.4)),
        (candidate("a:1"), Attention({}, text=0.9)),
        (candidate("a:0"), Attention({})),
    ]
    entries = ranked(rows)

    assert keys(entries) == ["a:1", "a:2", "a:0", "a:3"]
    assert not [p for e in entries for p in e.parts if p.name.startswith("attention")]


def test_without_votes_a_small_field_does_not_lead_by_its_size() -> None:
    """Where nobody counted votes texts differ little, so being one of few is worth as little."""
    crowd = [(candidate(f"a:{i}"), Attention({}, text=0.5 - i / 20)) for i in range(30)]
    entries = ranked(
        [(candidate("b:1", "math.AG"), Attention({})), (candidate("b:2", "math.AG"), Attention({})), *crowd]
    )

    assert keys(entries)[:2] == ["a:0", "a:1"]
    assert keys(entries).index("b:1") < 25


def test_stars_speak_by_their_growth() -> None:
    """Stars that code had long before say nothing; what they grow by counts and is told."""
    stars = ("github", "github_stars")
    long_known = counted(7000, stars)
    grown = Attention({stars: [*counted(7000, stars, 9.0).series[stars], *counted(7040, stars).series[stars]]})
    entries = ranked([(candidate("a:grown"), grown), (candidate("a:known"), long_known), (candidate("a:1"), NONE)])

    assert keys(entries) == ["a:grown", "a:1", "a:known"]
    assert entries[0].why.startswith("40 stars in 18 hours, ")
    assert entries[1].score == entries[2].score


def test_stars_that_do_not_come_take_nothing_off() -> None:
    """A paper whose code gains no stars is not below one of which nobody counts them."""
    still = ("huggingface", "github_stars")
    series = {**counted(12).series, still: [*counted(40, still, 9.0).series[still], *counted(40, still).series[still]]}
    entries = ranked([(candidate("a:1"), Attention(series)), (candidate("b:1"), counted(12))])

    assert entries[0].score == entries[1].score


def test_before_any_vote_a_tenth_is_no_difference() -> None:
    """Papers that a guess hardly tells apart stand newest first, and where much is expected the line says by what."""
    rows = [
        (candidate("a:1"), Attention({}, text=0.02, authors=7)),
        (candidate("a:2"), Attention({}, text=0.09, authors=9)),
        (candidate("a:0", day=21), Attention({}, text=-0.04, authors=4)),
        (candidate("a:3"), Attention({}, text=0.4, authors=41, learnt=True)),
    ]
    entries = ranked(rows, Ask("week", NOW))

    assert keys(entries) == ["a:3", "a:0", "a:1", "a:2"]
    assert entries[0].why.startswith("no votes yet, more expected than of most: text and 41 authors; ")
    assert entries[2].why.startswith("no votes yet; ")


def test_a_count_that_stands_still_is_told_so() -> None:
    """What a place counted and did not grow is said in words, not as a zero."""
    stars = ("github", "github_stars")
    still = Attention({stars: [*counted(40, stars, 9.0).series[stars], *counted(40, stars).series[stars]]})
    assert ranked([(candidate("a:1"), still)])[0].why.startswith("no new stars in 18 hours; ")


def test_a_paper_nobody_counted_is_below_one_with_votes() -> None:
    """Where a place counts votes, a paper without any is below one with some."""
    rows = [(candidate("a:none"), Attention({}, text=0.5)), (candidate("a:some"), counted(3))]

    assert keys(ranked(rows)) == ["a:some", "a:none"]


def test_why_says_what_can_be_checked() -> None:
    """The reason names the counts, how they compare, and the day; without counts what there is instead."""
    paper = candidate("a:code").paper
    with_code = replace(
        candidate("a:code"), paper=structs.replace(paper, links=(Link("code", "https://example.org/x"),))
    )
    entries = ranked([(candidate("a:1"), counted(12)), (with_code, Attention({}))])

    assert entries[0].why.startswith("12 votes in 18 hours, ")
    assert entries[0].why.endswith("times the usual; new on 20 November 2025")
    assert entries[1].why == "no votes yet, with code; new on 20 November 2025"


def test_a_line_tells_no_count_that_says_nothing() -> None:
    """Beside votes a first comment takes no room; comments well above the usual are told."""
    comments = ("huggingface", "comments")

    def line(votes: int, many: int) -> str:
        series = {**counted(votes).series, **counted(many, comments).series}
        return ranked([(candidate("a:1"), Attention(series)), (candidate("b:1"), counted(9))])[0].why

    assert "comment" not in line(12, 1)
    assert "; 9 comments in 18 hours, " in line(12, 9)


def test_no_votes_are_not_told_as_no_new_ones() -> None:
    """A paper that nobody voted for has no votes yet; that there are no new ones is said of one that has some."""
    old = Attention({VOTES: [Signal(*VOTES, NOW - timedelta(days=5), 40), Signal(*VOTES, NOW, 40)]})
    rows = [(candidate("a:none"), Attention({})), (candidate("a:old", day=14), old)]
    told = {e.key: p.told for e in ranked(rows, replace(ASK, since=NOW - timedelta(days=1))) for p in e.parts[:1]}

    assert told == {"a:none": "no votes yet", "a:old": "no new votes in 24 hours"}


def test_what_rises_is_what_is_still_to_come() -> None:
    """Papers rise by the votes that their forecast adds; those that have had theirs are left out."""

    def made(key: str, votes: int, expected: float, low: float) -> tuple[Candidate, Attention]:
        forecast = Forecast(key, votes, expected, low, expected * 2, math.log1p(expected), (), 100)
        return candidate(key, votes=votes), replace(counted(votes), forecast=forecast)

    entries = rising(ranked([made("a:1", 10, 40, 20), made("a:2", 5, 90, 60), made("a:3", 50, 50, 50)]))

    assert keys(entries) == ["a:2", "a:1"]
    assert [(e.score, e.parts) for e in entries] == [(85, ()), (30, ())]
    assert entries[0].why == "5 votes so far, 90 expected within a week (60 to 180 four times in five)"


def test_readers_of_this_library_do_not_move_what_rises() -> None:
    """Votes still to come are those of the place that a forecast is about; a reader's own vote is none of them."""
    forecast = Forecast("a:1", 10, 40, 20, 80, math.log1p(40), (), 100)
    seen = replace(counted(10), forecast=forecast)
    voted = replace(seen, series={**seen.series, (OURS, "upvotes"): [Signal(OURS, "upvotes", NOW, 1)]})

    alone, liked = (
        rising(ranked([(candidate("a:1", votes=votes), known)])) for votes, known in ((10, seen), (11, voted))
    )

    assert [(e.score, e.why) for e in liked] == [(e.score, e.why) for e in alone]


def test_what_is_usual_comes_from_the_past_of_a_field() -> None:
    """A field with a past is judged by it, one without by all, and an empty library by the constants."""
    past = [Ripe(VOTES, "cs.CL", 0, 50) for _ in range(300)] + [Ripe(VOTES, "math.AG", 0, 2) for _ in range(300)]
    usual = Usual.of(past)

    assert abs(usual.level(VOTES, "cs.CL", 0) - math.log1p(50)) < 0.1
    assert abs(usual.level(VOTES, "math.AG", 0) - math.log1p(2)) < 0.1
    assert usual.level(VOTES, "math.AG", 0) < usual.level(VOTES, "q-bio.NC", 0) < usual.level(VOTES, "cs.CL", 0)
    assert Usual().level(VOTES, "cs.CL", 0) == 2.8


@given(st.floats(1, 400), st.floats(1, 400), st.floats(1, 800))
def test_more_is_usual_of_the_older_and_in_longer_windows(age: float, older: float, window: float) -> None:
    """What is usually gained grows with the window, and all that is gained grows with age."""
    usual, low, high = Usual(), min(age, older), max(age, older)

    assert usual.gain(VOTES, "", 0, low, low) <= usual.gain(VOTES, "", 0, high, high) + 1e-9
    assert usual.gain(VOTES, "", 0, age, min(window, age) / 2) <= usual.gain(VOTES, "", 0, age, age) + 1e-9


def test_a_day_begins_at_midnight() -> None:
    """The age part says by how much a paper has faded since its day began."""
    (entry,) = ranked([(candidate("a:1", day=20), counted(10))])
    age = next(p for p in entry.parts if p.name == "age")
    hours = (NOW - datetime.combine(date(2025, 11, 20), time(), UTC)) / timedelta(hours=1)

    assert math.isclose(age.value, -math.log(2) * hours / 24 / 0.4)
