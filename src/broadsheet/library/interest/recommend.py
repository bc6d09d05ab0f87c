"""A reader's list: what is new, near to their interests, different, and not shown to them before.

Papers of the last days that the reader has neither seen as new nor marked are judged by each interest; what reaches
the interest's least probability is merged by shares, near-duplicates are held back, and a part is drawn by lot from
the rest. What is listed is remembered as shown, whatever the channel, so that it is new once.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import numpy as np

from broadsheet.errors import UsageError
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.interest.company import heard
from broadsheet.library.interest.learn import Taught, taught
from broadsheet.library.interest.lookup import Lookup
from broadsheet.library.interest.profiles import find_interest, learnt_of
from broadsheet.library.interest.reasons import EXPLORED, attention, explain
from broadsheet.library.interest.recommendation import Ask, Recommendation, Recommended
from broadsheet.library.interest.stream import Pool, Space
from broadsheet.library.language import words_of
from broadsheet.library.readers import find_reader
from broadsheet.rank import explore
from broadsheet.rank.blend import Place, blend
from broadsheet.rank.diversify import Variety
from broadsheet.rank.fellows import Heard
from broadsheet.rank.interest import Reason, most_telling
from broadsheet.types import Interest, Paper, Reader, Shown
from broadsheet.words.said import said

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

CONTENDERS: Final = 10
"""Papers of an interest that contend for each place of the list: enough to choose different ones among."""

LIFT: Final = 2.0
"""How much likelier a listed paper is than the lower quartile of the days, which stands for papers of no interest even
where most are near. After one seed, of 800 papers the median is at .01, the tenth at .2 to .4, the fiftieth at .05: the
cap decides how long a list is, and where no paper stands out, none is listed."""

EVEN: Final = 0.5
"""What is likelier to be liked than not is listed, even where a keyword makes it usual."""

FEW_MARKS: Final = 10
"""Marks below which an interest asks for those that would teach it most."""

ASKED: Final = 3
"""Papers that a reader is asked about at once."""


@dataclass(frozen=True, slots=True)
class _Work:
    """One list in the making. `open`: places in the pool of the papers that are still new to the reader."""

    lib: Library
    ask: Ask
    who: Reader
    space: Space
    models: Sequence[Taught]
    pool: Pool
    open: "NDArray[np.int64]"
    most: int
    name: str
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class _Judged:
    """What each interest thinks of each open paper, shape (interests, papers); `listed`: is it good enough for it;
    `heard`: what others say, for each interest.
    """

    scores: "Floats"
    probabilities: "Floats"
    listed: "NDArray[np.bool_]"
    least: "Floats"
    heard: Sequence[Heard]


def recommend(lib: Library, ask: Ask, progress: Progress = no_progress) -> Recommendation:
    """The reader's list. Raises NotFound for a reader or interest that is none, UsageError for days in disorder."""
    who = find_reader(lib, ask.reader)
    if ask.again:
        from broadsheet.library.interest.relist import shown_list

        return shown_list(lib, who, ask)
    name = today(lib, who).isoformat()
    wanted = find_interest(lib, who.name, ask.interest)[1] if ask.interest is not None else None
    space = lib.stream.space(progress)
    span = _span(lib, who, ask)
    if span is None or space is None:
        note = "The library has no papers with a day yet: `broadsheet up --once` harvests."
        return Recommendation(who.name, ask.interest, name, None, None, "empty", note)
    own = learnt_of(lib, who, progress).values()
    models = [t for t in own if t.is_known and (wanted is None or t.interest.id == wanted.id)]
    pool = lib.stream.pool(space, *span)
    most = ask.limit or (wanted.profile.most if wanted else None) or lib.settings.recommend.most
    places = _open(pool, _known(lib, who, pool) | _named(models, pool))
    work = _Work(lib, ask, who, space, models, pool, places, most, name, Lookup(lib))
    made = _made(work, span)
    if made.entries and not ask.preview:
        _remember(work, made)
    return replace(made, interest=wanted.name if wanted else None, first=span[0], last=span[1])


def offered(
    lookup: Lookup,
    who: Reader,
    interests: Sequence[Interest],
    known: Set[int],
    span: tuple[date, date],
    most: int,
) -> tuple[Recommended, ...]:
    """What a list of these days would have, for one of many readers of whom all else was read before.

    `known`: papers that they were shown as new or said something of. Nothing is remembered.
    """
    lib = lookup.lib
    space = lib.stream.space()
    if space is None:
        return ()
    models = [t for t in taught(lib, space, interests) if t.is_known]
    pool = lib.stream.pool(space, *span)
    ask, name = Ask(preview=True, asks=False), today(lib, who).isoformat()
    places = _open(pool, known | _named(models, pool))
    return _made(_Work(lib, ask, who, space, models, pool, places, most, name, lookup), span).entries


def _made(work: _Work, span: tuple[date, date]) -> Recommendation:
    if work.models:
        return _ranked(work)
    from broadsheet.library.interest.relist import cold_list

    return cold_list(work.lib, work.who, work.name, span, [work.pool.ids[i] for i in work.open], work.most)


def today(lib: Library, who: Reader) -> date:
    """The reader's day."""
    zone = who.zone or lib.settings.timezone
    return lib.now().astimezone(ZoneInfo(zone) if zone else None).date()


def _span(lib: Library, who: Reader, ask: Ask) -> tuple[date, date] | None:
    """The days that are looked at: what was asked for, or the newest ones; None where there are none."""
    from broadsheet.store import editions

    with lib.store.reading() as conn:
        last = ask.last or editions.latest_day(conn, today(lib, who))
    if last is None:
        return None
    first = ask.first or (last if ask.last else last - timedelta(days=lib.settings.recommend.days - 1))
    if first > last:
        raise UsageError(f"days {first} to {last}", "end before they begin", "write the earlier day first")
    return first, last


def _named(models: Sequence[Taught], pool: Pool) -> set[int]:
    """Papers that the reader began an interest with, and so knows; not those of an author whom they named."""
    named: set[int] = set()
    for one in models:
        of_author = {pool.ids[i] for i in np.flatnonzero(one.model.rules.followed(pool.papers)).tolist()}
        named |= one.examples.keys() - of_author
    return named


def _known(lib: Library, who: Reader, pool: Pool) -> set[int]:
    """Papers of a pool that the reader was shown, or marked but with a note."""
    from broadsheet.store import marks, shown

    with lib.store.reading() as conn:
        marked = {m.paper_id for m in marks.standing(conn, who.id, papers=pool.ids) if m.kind != "note"}
        return marked | shown.among(conn, who.id, pool.ids).keys()


def _open(pool: Pool, known: Set[int]) -> "NDArray[np.int64]":
    """Places of papers that stand and are not known."""
    return np.array([at for at, i in enumerate(pool.ids) if i not in known and not pool.withdrawn[at]], np.int64)


def _ranked(work: _Work) -> Recommendation:
    judged = _judged(work)
    share = _within(work.ask.explore, work.lib.settings.recommend.explore, 0.5)
    good = int(judged.listed.any(axis=0).sum())
    total = min(work.most, round(good / (1 - share)))
    at = explore.places(total, share)
    chosen = _chosen(work, judged, total - len(at))
    drawn = _drawn(work, judged, chosen, len(at))
    places = explore.woven(chosen, drawn, at)
    entries = _entries(work, judged, places, {place.paper for place in drawn})
    made = Recommendation(work.who.name, None, work.name, None, None, "ok", None, entries, _asked(work), len(work.open))
    return made if entries else replace(made, state="nothing", note=_why_nothing(work, judged))


def _within(asked: float | None, setting: float, most: float) -> float:
    return min(max(setting if asked is None else asked, 0.0), most)


def _judged(work: _Work) -> _Judged:
    found = [t.judge(work.pool.ids, work.pool.papers, work.pool.blocks) for t in work.models]
    scores = np.stack([scores for scores, _ in found])[:, work.open]
    others = heard(work.lib, work.who, work.models, [work.pool.ids[i] for i in work.open])
    alone = [probabilities[work.open] for _, probabilities in found]
    probabilities = np.stack([told.lifted(row) for told, row in zip(others, alone, strict=True)])
    lowest = [_least(work, *pair) for pair in zip(work.models, probabilities, strict=True)]
    least = np.expand_dims(np.array(lowest, np.float32), 1)
    return _Judged(scores, probabilities, (probabilities >= least) & (probabilities > 0), least, others)


def _least(work: _Work, taught: Taught, probabilities: "Floats") -> float:
    """The probability from which on a paper is listed: what the reader said, or clearly more than usual.

    An interest of rules alone tells no paper from another: it lists what its keywords and categories allow, and of
    followed authors only their papers, which the rule makes likely.
    """
    profile = taught.interest.profile
    if profile.least is not None:
        return profile.least
    floor = work.lib.settings.recommend.least
    if not taught.is_learnt:
        return floor if profile.include or profile.categories else max(floor, EVEN)
    allowed = probabilities[probabilities > 0]
    usual = float(np.quantile(allowed, 0.25)) if len(allowed) else 0.0
    return max(floor, min(LIFT * usual, EVEN))


def _chosen(work: _Work, judged: _Judged, most: int) -> list[Place]:
    """The blended list, from the best contenders of each interest: a pool may be much larger than a list."""
    listed = judged.listed.copy()
    for row, may in zip(judged.probabilities, listed, strict=True):
        if may.sum() > CONTENDERS * most:
            may[np.argsort(-np.where(may, row, -1), kind="stable")[CONTENDERS * most :]] = False
    some = np.flatnonzero(listed.any(axis=0))
    variety = Variety(_directions(work, some), _within(work.ask.diversity, work.lib.settings.recommend.diversity, 1.0))
    shares = [t.interest.share for t in work.models]
    places = blend(judged.probabilities[:, some], listed[:, some], shares, variety, most)
    return [Place(int(some[p.paper]), p.interest, tuple(int(some[i]) for i in p.held)) for p in places]


def _directions(work: _Work, some: "NDArray[np.int64]") -> "Floats":
    """What papers are about; zeros without vectors, and then nothing is like anything."""
    return work.space.background.kernel.directions(work.pool.papers.take(work.open[some]))


def _drawn(work: _Work, judged: _Judged, chosen: Sequence[Place], many: int) -> list[Place]:
    """Papers that no interest would list, by lot; the same lots for a reader on a day, whoever asks."""
    told = f"{work.who.id} {work.name} {work.ask.interest or ''}"
    seed = int.from_bytes(blake2b(told.encode(), digest_size=6).digest(), "big")
    chances = np.where(judged.listed.any(axis=0), 0, judged.probabilities.max(axis=0)).astype(np.float32)
    chances[[place.paper for place in chosen]] = 0
    return [Place(i, int(judged.probabilities[:, i].argmax())) for i in explore.draw(chances, many, seed)]


def _entries(work: _Work, judged: _Judged, places: Sequence[Place], lots: set[int]) -> tuple[Recommended, ...]:
    at = [int(work.open[place.paper]) for place in places]
    ids = [work.pool.ids[i] for i in at]
    looked = work.lookup.papers(ids)
    judges = [(p.interest, i) for p, i in zip(places, at, strict=True)]
    told = explain(work.lookup, work.space, work.models, work.pool, judges)
    entries = []
    for rank, (place, paper_id, (reasons, why)) in enumerate(zip(places, ids, told, strict=True), 1):
        drawn, others = place.paper in lots, judged.heard[place.interest]
        read = looked[paper_id]
        entries.append(
            Recommended(
                rank=rank,
                paper=read.paper,
                announced=work.pool.announced[int(work.open[place.paper])],
                interest=work.models[place.interest].interest.name,
                score=round(float(judged.scores[place.interest, place.paper]), 5),
                probability=round(float(judged.probabilities[place.interest, place.paper]), 4),
                why=((EXPLORED,) if drawn else ())
                + why
                + others.told(place.paper)
                + attention(read.votes, read.comments),
                reasons=reasons + _by_readers(others, place.paper),
                explored=drawn,
                alike=tuple(work.pool.papers.keys[int(work.open[i])] for i in place.held),
            )
        )
    return tuple(entries)


def _by_readers(others: Heard, at: int) -> tuple[Reason, ...]:
    many, lift = int(others.readers[at]), float(others.lift[at])
    return (Reason("readers", str(many), lift),) if lift else ()


def _asked(work: _Work) -> tuple[Paper, ...]:
    """Papers whose marks would teach the interests that know least, in turn."""
    from broadsheet.store import papers

    if not work.ask.asks:
        return ()
    wanting = [t for t in work.models if work.ask.teach or len(t.examples) < FEW_MARKS]
    asked: dict[int, None] = {}
    if wanting and len(work.open):
        candidates = work.pool.papers.take(work.open)
        each = -(-ASKED // len(wanting))
        for taught in wanting:
            known = work.lib.stream.features(list(taught.examples))
            telling = most_telling(taught.model, candidates, known, count=each)
            asked |= dict.fromkeys(work.pool.ids[int(work.open[i])] for i in telling)
    with work.lib.store.reading() as conn:
        return tuple(paper for _, paper in papers.by_ids(conn, list(asked)[:ASKED]))


def _why_nothing(work: _Work, judged: _Judged) -> str:
    if not len(work.pool.ids):
        return said("No papers were announced in these days.")
    if not len(work.open):
        return said(
            "Everything of these days was shown to you or marked by you; `--again` lists the last list once more."
        )
    best = float(judged.probabilities.max())
    if not best:
        return said(
            "None of %(papers)s papers is allowed by the keywords and categories of your interests.",
            papers=len(work.open),
        )
    least = float(judged.least.min())
    return said(
        "None of %(papers)s papers is near enough: the best is at %(best)s, and %(least)s is asked for.",
        papers=len(work.open),
        best=f"{best:.0%}",
        least=f"{least:.0%}",
    )


def _remember(work: _Work, made: Recommendation) -> None:
    from broadsheet.store import papers, shown

    own = {t.interest.name: t.interest.id for t in work.models}
    say = words_of(work.lib, work.who).say
    with work.lib.store.writing() as conn:
        ids = papers.ids(conn, [e.paper.key for e in made.entries])
        before = len(shown.in_list(conn, work.who.id, work.name))
        listed = [
            Shown(
                paper_id=ids[e.paper.key],
                list=work.name,
                channel=work.ask.channel,
                at=work.lib.now(),
                rank=before + e.rank,
                score=e.score,
                interest_id=own.get(e.interest or ""),
                explored=e.explored,
                why=tuple(map(say, e.why)),
            )
            for e in made.entries
        ]
        shown.record(conn, work.who.id, listed)
