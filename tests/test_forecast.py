"""Forecasts of votes: honest intervals, monotone in votes, censored counts used, constants before any past."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pytest

from broadsheet.rank import features, prior
from broadsheet.rank.courses import rows
from broadsheet.rank.forecast import Forecast, forecast
from broadsheet.rank.ridge import Design, Task, fit, normal_share
from broadsheet.rank.sighting import Ceiling, Course, Look, Sighting

START = date(2025, 3, 3)


def sighting(key: str, day: date, votes: int | None, hours: float = 8.0, **given: object) -> Sighting:
    """A paper seen once, some hours after its day began, or not at all."""
    at = datetime.combine(day, time(), UTC) + timedelta(hours=hours)
    looks = () if votes is None else (Look(at, votes),)
    return Sighting(key=key, day=day, at=at, title=f"On {key}", looks=looks, **given)  # type: ignore[arg-type]


def past(days: int, papers: int, seed: int, spread: float = 0.5) -> list[Course]:
    """Days of papers whose votes after six days are those at eight hours, times e, times a log-normal chance."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(days):
        day = START + timedelta(days=number)
        for i in range(papers):
            early = int(rng.lognormal(2, 1))
            late = math.expm1(math.log1p(early) + 1.0 + spread * rng.standard_normal())
            seen = sighting(f"p:{number}-{i}", day, early)
            later = Look(seen.at + timedelta(days=6), max(round(late), 0))
            made.append(Course(replace(seen, looks=(*seen.looks, later))))
    return made


def ask(courses: Sequence[Course], asked: Sequence[Sighting], days: float = 6.0) -> list[Forecast]:
    """Forecasts without texts."""
    return forecast(courses, asked, [days] * len(asked), {})


@pytest.mark.slow
def test_an_80_percent_interval_holds_80_percent() -> None:
    """Learnt on some days and tried on later ones, intervals hold the truth about as often as they say."""
    courses = past(60, 12, seed=1)
    new = [c for c in past(100, 12, seed=2) if c.sighting.day >= START + timedelta(days=60)]
    made = ask(courses, [replace(c.sighting, looks=c.sighting.looks[:1]) for c in new])
    held = [f.low <= c.sighting.looks[-1].votes <= f.high for f, c in zip(made, new, strict=True)]

    assert 0.75 <= np.mean(held) <= 0.86
    errors = [f.level - math.log1p(c.sighting.looks[-1].votes) for f, c in zip(made, new, strict=True)]
    assert math.sqrt(np.mean(np.square(errors))) < 0.56
    assert made[0].learnt == len(courses)


@pytest.mark.slow
def test_intervals_outlive_a_loud_period() -> None:
    """After weeks in which all papers grew more than before, an interval still holds what grows as it did earlier."""
    quiet, loud = past(42, 12, seed=1), past(60, 12, seed=2)[42 * 12 :]
    loud = [
        replace(c, sighting=replace(c.sighting, looks=(first, replace(last, votes=3 * last.votes // 2))))
        for c in loud
        for first, last in [c.sighting.looks]
    ]
    new = [c for c in past(100, 12, seed=3) if c.sighting.day >= START + timedelta(days=60)]
    made = ask([*quiet, *loud], [replace(c.sighting, looks=c.sighting.looks[:1]) for c in new])
    held = [f.low <= c.sighting.looks[-1].votes <= f.high for f, c in zip(made, new, strict=True)]

    assert 0.75 <= np.mean(held) <= 0.9


@pytest.mark.slow
def test_more_votes_never_lower_a_forecast() -> None:
    """Among the same others of its day a paper with more votes is forecast no fewer, whatever its words let expect."""
    courses = [
        replace(c, sighting=replace(c.sighting, abstract="loud" if c.sighting.looks[-1].votes > 20 else "quiet"))
        for c in past(40, 8, seed=3)
    ]
    day = START + timedelta(days=50)
    others = [sighting(f"o:{i}", day, i * 4) for i in range(6)]
    levels = {
        word: [
            ask(courses, [sighting("a:1", day, votes, abstract=word), *others])[0].level
            for votes in (0, 1, 2, 5, 9, 20, 60, 300)
        ]
        for word in ("loud", "quiet")
    }

    assert all(found == sorted(found) for found in levels.values())
    assert levels["loud"][0] > levels["quiet"][0] + 0.3
    assert levels["loud"][-1] < levels["quiet"][-1] + 0.5


@pytest.mark.parametrize("days", [0, 3, 12])
def test_a_short_past_that_ended_long_ago_forecasts_honestly(days: int) -> None:
    """With no past, three days or twelve of them two months ago, intervals hold and the order is about right."""
    new = [c for c in past(80, 12, seed=4) if c.sighting.day >= START + timedelta(days=72)]
    made = ask(past(days, 12, seed=5), [replace(c.sighting, looks=c.sighting.looks[:1]) for c in new])
    late = np.array([c.sighting.looks[-1].votes for c in new])
    held = [f.low <= votes <= f.high for f, votes in zip(made, late, strict=True)]

    assert 0.7 <= np.mean(held) <= 0.93
    assert np.corrcoef([f.level for f in made], np.log1p(late))[0, 1] > 0.7


def test_an_empty_library_forecasts_by_the_constants() -> None:
    """Without a past the growth curve speaks, and its interval narrows as the paper ages."""
    day = START
    early, late = ask([], [sighting("a:1", day, 10, 8), sighting("a:2", day, 10, 96)], 3.0)

    assert math.isclose(early.level, math.log1p(10) + prior.growth(8, 80), rel_tol=1e-9)
    assert early.low < early.expected < early.high
    assert late.high - late.low < early.high - early.low
    assert (early.learnt, early.reasons) == (0, ())


def test_the_number_of_authors_does_not_outweigh_all_else() -> None:
    """Before a library has learnt anything, a project page is worth more than twice the authors."""

    def level(authors: int, *, project: bool = False) -> float:
        return prior.text_prior(sighting("a:1", START, None, authors=authors, project=project))

    assert level(5) < level(11) < level(5, project=True)


def test_without_votes_what_the_paper_is_decides() -> None:
    """Before any vote, more authors and a project page let expect more, a late announcement less."""
    plain = sighting("a:plain", START, None, authors=3)
    full = sighting("a:full", START, None, authors=30, project=True, code=True)
    stale = replace(plain, key="a:stale", published=plain.at - timedelta(days=40))
    level = {f.key: f.level for f in ask([], [plain, full, stale])}

    assert level["a:full"] > level["a:plain"] > level["a:stale"]


def test_a_past_without_votes_asked_still_teaches() -> None:
    """What an organisation's papers came to before speaks for its next one."""
    courses = []
    for course in past(40, 8, seed=4):
        is_famed = course.sighting.key.endswith(("-0", "-1"))
        last = course.sighting.looks[-1]
        looks = (*course.sighting.looks[:-1], Look(last.at, last.votes * 6 if is_famed else last.votes))
        courses.append(Course(replace(course.sighting, looks=looks, organisation="Famed" if is_famed else "Other")))
    day = START + timedelta(days=50)
    asked = [replace(sighting(f"a:{name}", day, None), organisation=name) for name in ("Famed", "Other")]
    famed, other = ask(courses, asked)

    assert famed.level > other.level + 0.3


def test_who_often_puts_forward_has_a_column_of_their_own() -> None:
    """A name with three papers has a column that moves its papers alone; one with two has none."""
    names = ["often", "often", "often", "seldom", "seldom", None]
    rows = [sighting(f"p:{i}", START, None, submitter=name) for i, name in enumerate(names)]
    made = features.table(rows, np.full(6, np.nan), np.full(6, 6.0), {})

    assert made.matrix[:, made.names.index("submitter often")].tolist() == [1, 1, 1, 0, 0, 0]
    assert made.design.block[made.names.index("submitter often")] > 0
    assert "submitter seldom" not in made.names


def test_an_unknown_moment_is_the_usual_one() -> None:
    """A paper of which the day alone is known counts as put forward when the middle one of the others was."""
    midnight = datetime.combine(START, time(), UTC)
    times = [midnight + timedelta(hours=hours) for hours in (1, 3, 6)]
    rows = [sighting(f"p:{i}", START, 5, submitted=at) for i, at in enumerate([*times, None])]
    hours = features.table(rows, np.full(4, np.nan), np.full(4, 6.0), {}).column("log hours up")

    assert np.expm1(hours) == pytest.approx([7, 5, 2, 5])


def test_papers_asked_about_do_not_teach() -> None:
    """A paper's own later count is not used to forecast it."""
    courses = past(30, 8, seed=5)
    own = courses[-1].sighting
    alone = ask(courses[:-1], [replace(own, looks=own.looks[:1])])
    told = ask(courses, [replace(own, looks=own.looks[:1])])

    assert alone == told


def test_counts_at_irregular_times_serve() -> None:
    """A second look sharpens the forecast, whenever it was."""
    rng = np.random.default_rng(6)
    courses = []
    for course in past(60, 8, seed=6, spread=0.6):
        first, last = course.sighting.looks
        half = math.log1p(first.votes) + 0.8 * (math.log1p(last.votes) - math.log1p(first.votes))
        hours = float(rng.uniform(18, 30))
        middle = Look(first.at + timedelta(hours=hours), max(round(math.expm1(half)), 0))
        courses.append(Course(replace(course.sighting, looks=(first, middle, last))))
    known, new = courses[:400], courses[400:]
    errors = {}
    for looks in (1, 2):
        asked = [c.sighting.looks[:looks] for c in new]
        seen = [replace(c.sighting, looks=had, at=had[-1].at) for c, had in zip(new, asked, strict=True)]
        made = forecast(
            known, seen, [(c.sighting.looks[-1].at - s.at).days for c, s in zip(new, seen, strict=True)], {}
        )
        truth = [math.log1p(c.sighting.looks[-1].votes) for c in new]
        errors[looks] = math.sqrt(np.mean([(f.level - t) ** 2 for f, t in zip(made, truth, strict=True)]))

    assert errors[2] < 0.5 * errors[1]


def test_a_ceiling_pulls_down_what_is_not_listed() -> None:
    """Papers that are only known to have had at most so many votes are learnt from, not left out."""
    rng = np.random.default_rng(7)
    x = rng.uniform(0, 4, 600)
    y = x + rng.standard_normal(600)
    hidden = y < 2
    target, ceiling = np.where(hidden, np.nan, y), np.where(hidden, 2.0, np.nan)
    line = fit(Task.plain(x[:, None], target, ceiling), Design.plain(1, 1.0))
    listed = fit(Task.plain(x[~hidden][:, None], target[~hidden]), Design.plain(1, 1.0))

    assert abs(line(np.array([[1.0]]))[0] - 1.0) < 0.25
    assert listed(np.array([[1.0]]))[0] > 2.0


def test_a_column_that_never_varied_gets_no_weight() -> None:
    """What was the same in every row of the past moves no forecast, however different it is now."""
    rng = np.random.default_rng(10)
    columns = np.stack([rng.standard_normal(30), np.full(30, 0.1)], axis=1)
    line = fit(Task.plain(columns, columns[:, 0] + rng.standard_normal(30)), Design.plain(2, 1.0))

    assert abs(line.weights[1]) < 1e-6


def test_weights_keep_to_their_bounds() -> None:
    """A weight that data would make negative is held at its bound, and the rest is solved without it."""
    rng = np.random.default_rng(8)
    columns = rng.standard_normal((300, 2))
    target = columns @ np.array([-2.0, 1.0])
    free = fit(Task.plain(columns, target), Design.plain(2, 0.1))
    held = fit(Task.plain(columns, target), replace(Design.plain(2, 0.1), least=np.array([0.0, -np.inf])))

    assert free.weights[0] < -1.9
    assert (held.weights[0], round(float(held.weights[1]), 0)) == (0.0, 1.0)


def test_a_loud_day_is_not_mistaken_for_its_papers() -> None:
    """A column that is the same for a day's papers takes less of the day's noise when days share."""
    rng = np.random.default_rng(9)
    day = np.repeat(np.arange(40), 10)
    own, loud = rng.standard_normal(400), np.repeat(rng.standard_normal(40), 10)
    target = own + 3 * np.repeat(rng.standard_normal(40), 10)
    task = replace(Task.plain(np.stack([own, loud], axis=1), target), day=day.astype(np.intp))
    plain, shared = (fit(task, replace(Design.plain(2, 1.0), shared=share)) for share in (0.0, 0.8))

    assert abs(shared.weights[0] - 1) <= abs(plain.weights[0] - 1) + 0.02
    assert shared.weights[0] == pytest.approx(1.0, abs=0.1)


def test_rows_stand_at_the_age_asked_about() -> None:
    """Of each course the look nearest in age is taken, and courses without a like one teach nothing."""
    day = START
    like = sighting("a:1", day, 5, hours=24)
    base = sighting("p:1", day, 3, hours=8)
    looks = (*base.looks, Look(base.at + timedelta(hours=15), 9), Look(base.at + timedelta(days=6), 20))
    near = Course(replace(base, looks=looks))
    far = Course(replace(base, key="p:2", looks=base.looks))
    censored = Course(replace(base, key="p:3", looks=looks[:2]), (Ceiling(base.at + timedelta(days=6), 12),))
    made = rows([near, far, censored], like, 5.0)

    assert [s.looks[-1].votes for s in made.sightings] == [9, 9]
    assert made.exact.tolist() == [True, False]
    assert np.allclose(np.expm1(made.target[:1]), 20)
    assert np.allclose(np.expm1(made.ceiling[1:]), 12)


def test_the_share_of_a_normal() -> None:
    """The approximation is that of the tables."""
    assert np.allclose(normal_share(np.array([-1.2816, 0.0, 1.96])), [0.1, 0.5, 0.975], atol=5e-4)
