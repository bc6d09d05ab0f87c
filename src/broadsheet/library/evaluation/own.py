"""Past days of this library again: would a model of what a reader had marked before have found what they marked then?

For each reader and each past day with papers that they came to like, a model is taught with what they had liked by the
beginning of that day, and ranks the day's papers. Everything is read from this library and stays here. Words and
background are today's: they hold texts of all papers, and nobody's marks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from broadsheet.library.evaluation.recs import OURS, measured, methods
from broadsheet.library.evaluation.space import Space
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.readers import find_reader
from broadsheet.rank import recs_baselines as baselines
from broadsheet.rank.evaluate_recs import METRICS, Case
from broadsheet.types import MarkKind, Reader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from broadsheet.store import Connection

DAYS: Final = 90
"""How far back days are replayed."""

LEAST_LIKED: Final = 3
"""Papers that a reader must have liked before a day: with fewer there is little to learn from."""

LEAST_CASES: Final = 20
"""Days of readers below which the figures are said to be few: an interval is then wider than what it tells."""

LIKED: Final = ("up", "save")
VOTED: Final[tuple[MarkKind, ...]] = ("up",)


@dataclass(frozen=True, slots=True)
class _Replay:
    """The cases with papers by store id, written as text; `votes` of others that each paper had at its day's end.

    Each day counts as much as a reader of the protocols does: few libraries have so many readers that they tell more.
    """

    cases: tuple[Case, ...]
    votes: Mapping[str, Mapping[str, int]]


def evaluate_own(
    lib: Library, *, reader: str | None = None, days: int = DAYS, progress: Progress = no_progress
) -> dict[str, Any]:
    """Figures of Broadsheet and of simple ways on readers' own marks, with intervals; a `note` where they are few.

    `reader`: only this one. Raises NotFound for a reader that is none.
    """
    who = [find_reader(lib, reader)] if reader is not None else None
    space = lib.stream.space(progress)
    replay = _replay(lib, who, days)
    told: dict[str, Any] = {"days": days, "cases": len(replay.cases), "protocols": {}, "note": _note(replay)}
    if space is None or not replay.cases:
        return told
    ids = sorted({p for c in replay.cases for p in (*c.training, *c.candidates)}, key=int)
    papers = lib.stream.features(space, [int(i) for i in ids])
    plain = next(iter(papers.dense.values()), None)
    rows = baselines.tfidf(papers.texts, range(len(ids)))
    place = {paper: i for i, paper in enumerate(ids)}
    drawn = np.sort(np.random.default_rng(0).permutation(len(ids))[: len(space.background.papers)])
    prepared = Space(place, papers, space.background, drawn, plain, rows)
    scored = {name: dict(score()) for name, score in methods(prepared, replay.cases, progress).items()}
    scored["votes of the day"] = {c.id: _counts(c, replay.votes[c.id]) for c in replay.cases}
    found, _ = measured(replay.cases, scored, METRICS["arxiv"])
    told["protocols"]["own marks"] = found | {"readers": len({case.id.partition("/")[0] for case in replay.cases})}
    told["ours"] = OURS
    return told


def _replay(lib: Library, who: Sequence[Reader] | None, days: int) -> _Replay:
    from broadsheet.store import editions, marks, readers

    cases: list[Case] = []
    votes: dict[str, dict[str, int]] = {}
    with lib.store.reading() as conn:
        last = editions.latest_day(conn)
        if last is None:
            return _Replay((), {})
        known = who if who is not None else readers.every(conn)
        for back in range(days, -1, -1):
            day = last - timedelta(days=back)
            listed = tuple(map(str, editions.listed(conn, day, day)))
            found = {one.id: case for one in known if listed and (case := _case(conn, one, day, listed))}
            counted = _votes(conn, listed, _end(day)) if found else {}
            for reader_id, case in found.items():
                own = {str(m.paper_id) for m in marks.standing(conn, reader_id, kinds=VOTED, at=_end(day))}
                votes[case.id] = {paper: count - (paper in own) for paper, count in counted.items()}
            cases += found.values()
    return _Replay(tuple(cases), votes)


def _case(conn: "Connection", who: Reader, day: date, listed: Sequence[str]) -> Case | None:
    """What a reader had liked before a day and the day's papers that they like now; None where either is too little."""
    from broadsheet.store import marks

    start = datetime.combine(day, time(), UTC)
    before = {str(m.paper_id): m for m in reversed(marks.standing(conn, who.id, kinds=LIKED, at=start))}
    new = tuple(paper for paper in listed if paper not in before)
    likes = {str(m.paper_id) for m in marks.standing(conn, who.id, kinds=LIKED)}
    positives = likes.intersection(new)
    if len(before) < LEAST_LIKED or not positives or len(positives) == len(new):
        return None
    ages = tuple((start - m.at) / timedelta(days=1) for m in before.values())
    name = f"{who.id}/{day}"
    return Case(name, name, tuple(before), ages, frozenset(positives), new)


def _end(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def _votes(conn: "Connection", listed: Sequence[str], until: datetime) -> dict[str, int]:
    """The votes that were counted by then, here and elsewhere: what an order by popularity could know."""
    from broadsheet.store import signals

    found: dict[str, int] = {}
    for paper_id, series in signals.histories(conn, [int(i) for i in listed]).items():
        counts = [[s.value for s in some if s.at <= until] for (_, kind), some in series.items() if kind == "upvotes"]
        found[str(paper_id)] = sum(max(values, default=0) for values in counts)
    return found


def _counts(case: Case, votes: Mapping[str, int]) -> "NDArray[np.float32]":
    return np.array([votes.get(paper, 0) for paper in case.candidates], np.float32)


def _note(replay: _Replay) -> str | None:
    if not replay.cases:
        return (
            f"There is nothing to replay: no reader had liked {LEAST_LIKED} papers before a day "
            "of which they liked another one. Marks make it possible, and time."
        )
    if len(replay.cases) < LEAST_CASES:
        return f"Only {len(replay.cases)} days of readers could be replayed, so these figures may well be chance."
    return None
