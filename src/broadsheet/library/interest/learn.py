"""The models of readers' interests: kept, and trained anew when what they are learnt from has changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import orjson

from broadsheet.codec import profile_to_dict
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.interest.lessons import example_features, lessons_of
from broadsheet.library.interest.pool import Pool
from broadsheet.library.interest.space import LEARNER, Space
from broadsheet.rank.interest import Compared, Examples, Features, InterestModel, Rules, compare, train
from broadsheet.rank.interest.kernel import Blocks
from broadsheet.rank.interest.lessons import STEP, Example
from broadsheet.rank.interest.terms import Heard, put_right, told, trimmed
from broadsheet.rank.profile import MAIN
from broadsheet.rank.steady import churn, settled
from broadsheet.types import Interest, Profile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

    from broadsheet.store.interests import Learnt

TOP: Final = 20
"""Places of a list whose change is told after a lesson: as many as a list has."""

MOST_REMEMBERED: Final = 500
"""Readers whose models stay in memory: some 100 kB an interest."""

MOST_COMPARED: Final = 16
"""Interests whose papers stay compared, those that learnt last: some 20 kB a paper."""


@dataclass(frozen=True, slots=True)
class Taught:
    """An interest with its model. `examples` by store id; `report`: how it went; `about`: its texts that taught."""

    interest: Interest
    model: InterestModel
    examples: Mapping[int, Example]
    report: Mapping[str, Any]
    about: Sequence[str]

    @property
    def liked(self) -> list[int]:
        """The papers that there shall be more like, by store id."""
        return [e.paper_id for e in self.examples.values() if e.label > 0]

    @property
    def disliked(self) -> list[int]:
        """The papers that there shall be less like, by store id."""
        return [e.paper_id for e in self.examples.values() if e.label < 0]

    @property
    def is_learnt(self) -> bool:
        """Whether there was anything to learn from: rules alone tell no allowed paper from another, and dislikes alone
        speak for none.
        """
        return bool(self.liked or self.about or self.interest.profile.terms)

    @property
    def is_known(self) -> bool:
        """Whether anything at all was said of the interest."""
        profile = self.interest.profile
        return self.is_learnt or bool(profile.include or profile.exclude or profile.categories or profile.authors)

    def judge(self, ids: Sequence[int], papers: Features, blocks: Blocks) -> "tuple[Floats, Floats]":
        """Scores and probabilities of papers that were prepared as `blocks`; -inf and 0 for what breaks a rule."""
        scores = self.model.scores(papers, blocks)
        fresh = self.model.calibration.probabilities(scores)
        standing: Mapping[str, float] = self.report.get("standing", {})
        if not self.report.get("steadied"):
            return scores, fresh
        held = np.array([standing.get(str(i), np.nan) for i in ids], np.float32)
        return scores, np.where(np.isnan(held) | (fresh == 0), fresh, held).astype(np.float32)


def taught(lib: Library, space: Space, interests: Sequence[Interest], progress: Progress = no_progress) -> list[Taught]:
    """The models of interests of one reader, each trained anew where what it was learnt from has changed."""
    own = {interests[0].reader_id: interests} if interests else {}
    return [one for models in taught_together(lib, space, own, progress).values() for one in models]


def taught_together(
    lib: Library, space: Space, own: Mapping[int, Sequence[Interest]], progress: Progress = no_progress
) -> dict[int, list[Taught]]:
    """As `taught`, for several readers by id, of whom all is read at once."""
    from broadsheet.store import marks

    now, remembered, state = lib.now(), lib.stream.models, lib.stream.state(space)
    with lib.store.reading() as conn:
        said = marks.state_of(conn, own)
    weeks = int(now.timestamp() / STEP.total_seconds())
    made_for = {i: (state, said.get(i), tuple(interests), weeks) for i, interests in own.items()}
    known = {i: remembered.get(i, (None, [])) for i in own}
    found = {i: models for i, (made, models) in known.items() if made == made_for[i]}
    anew = _learnt(lib, space, {i: own[i] for i in own if i not in found}, progress)
    if len(remembered) + len(anew) > MOST_REMEMBERED:
        remembered.clear()
    remembered.update({i: (made_for[i], models) for i, models in anew.items()})
    return {i: list(found[i] if i in found else anew[i]) for i in own}


def _learnt(
    lib: Library, space: Space, own: Mapping[int, Sequence[Interest]], progress: Progress
) -> dict[int, list[Taught]]:
    """Models as they are kept, or trained."""
    from broadsheet.store import interests as store
    from broadsheet.store import marks, papers

    if not own:
        return {}
    every = [interest for interests in own.values() for interest in interests]
    with lib.store.reading() as conn:
        said = marks.standing_of(conn, own)
        ids = papers.ids(conn, {key for interest in every for key in interest.profile.seeds})
        kept = store.learnt(conn, [interest.id for interest in every])
    seeds = {i.id: list(dict.fromkeys(ids[key] for key in i.profile.seeds if key in ids)) for i in every}
    found = {}
    for reader_id, interests in own.items():
        known = lessons_of(lib, space, interests, seeds, said[reader_id])
        if made := _general(lib, interests, known.strays):
            interests = [*interests, made]
            known = lessons_of(lib, space, interests, {**seeds, made.id: []}, said[reader_id])
        examples = known.examples
        found[reader_id] = [_taught(lib, space, i, examples[i.id], kept.get(i.id), progress) for i in interests]
    return found


def _general(lib: Library, interests: Sequence[Interest], strays: Sequence[Example]) -> Interest | None:
    """The general interest, begun with what was liked since the reader last changed their interests: one that they
    removed does not come again by older marks.
    """
    from broadsheet.store import interests as store

    since = max((i.edited for i in interests if i.edited > i.created), default=None)
    if not any(since is None or (e.at and e.at > since) for e in strays):
        return None
    with lib.store.writing() as conn:
        there = store.named(conn, interests[0].reader_id, MAIN)
        return there or store.add(conn, interests[0].reader_id, MAIN, Profile(since=since), lib.now())


def _taught(
    lib: Library,
    space: Space,
    interest: Interest,
    examples: Sequence[Example],
    kept: "Learnt | None",
    progress: Progress,
) -> Taught:
    from broadsheet.store import interests as store

    by_paper = {e.paper_id: e for e in examples}
    said = _said(interest.profile, examples)
    about = lib.stream.heeded(interest.profile.about)
    basis = _basis(space, said, examples, about)
    old = _read(kept, space)
    if kept is not None and kept.basis == basis and old is not None:
        return Taught(interest, old, by_paper, kept.report, about)
    progress(f"learning {interest.name}", 0, None)
    features = example_features(lib, space, interest.profile, [e.paper_id for e in examples])
    if features is None:
        features = space.background.papers.take([])
    model = _trained(lib, space, interest, examples, features)
    heard = _heard(space, interest.profile, examples, features)
    report = _report(model, space, examples, heard) | _settled(
        lib, space, model, old, kept.report if kept else {}, said
    )
    with lib.store.writing() as conn:
        store.keep(conn, interest.id, store.Learnt(basis, lib.now(), model.to_bytes(), report))
    return Taught(interest, model, by_paper, report, about)


def _read(kept: "Learnt | None", space: Space) -> InterestModel | None:
    """A model as it was kept; one of another space or version, or that is broken, is learnt anew."""
    try:
        return InterestModel.from_bytes(kept.model, space.background.kernel) if kept is not None else None
    except ValueError:
        return None


def _trained(
    lib: Library, space: Space, interest: Interest, examples: Sequence[Example], features: Features
) -> InterestModel:
    profile = interest.profile
    words = [1.0] * (len(features) - len(examples))
    labels = np.array([*(e.label for e in examples), *words], np.float32)
    weights = np.array([*(e.weight for e in examples), *words], np.float32)
    known = _compared(lib, space, interest.id, features)
    model = train(Examples(features, labels, weights), space.background, Rules.of(profile), known)
    return put_right(trimmed(model), space.lexicon, profile.terms)


def _compared(lib: Library, space: Space, interest_id: int, features: Features) -> Compared:
    """The papers compared; after one more mark all but that one were compared already."""
    remembered, made_for = lib.stream.compared, lib.stream.state(space)
    name, before = remembered.pop(interest_id, (None, None))
    found = compare(features, space.background, before if name == made_for else None)
    for old in list(remembered)[: max(0, len(remembered) - MOST_COMPARED + 1)]:
        remembered.pop(old, None)
    remembered[interest_id] = made_for, found
    return found


def _said(profile: Profile, examples: Sequence[Example]) -> str:
    """A name for all that the reader said: where it is the same, a list has no reason to change."""
    told = sorted((e.paper_id, e.label) for e in examples)
    return _name(profile_to_dict(profile), told)


def _basis(space: Space, said: str, examples: Sequence[Example], about: Sequence[str]) -> str:
    """A name for all that a model is learnt from."""
    return _name(LEARNER, space.id, said, about, sorted((e.paper_id, round(e.weight, 6)) for e in examples))


def _name(*parts: object) -> str:
    return blake2b(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def _heard(space: Space, profile: Profile, examples: Sequence[Example], features: Features) -> Heard:
    """What the marks bear out, and the terms of the reader's own words, whose rows come after the papers'."""
    own = features.terms.take(range(len(examples), len(features))).columns.tolist()
    own += [column for term, _ in profile.terms if (column := space.lexicon.column(term)) is not None]
    liked, disliked = (features.terms.take([i for i, e in enumerate(examples) if e.label * s > 0]) for s in (1, -1))
    categories = (name for i, e in enumerate(examples) if e.label > 0 for name in features.categories[i])
    return Heard.of(liked, disliked, own, categories)


def _report(model: InterestModel, space: Space, examples: Sequence[Example], heard: Heard) -> dict[str, Any]:
    """What was learnt from what, in words."""
    words = told(model, space.lexicon, heard)
    return {
        "liked": sum(e.label > 0 and e.at is not None for e in examples),
        "disliked": sum(e.label < 0 for e in examples),
        "seeds": sum(e.at is None for e in examples),
        "for": [list(pair) for pair in words.liked],
        "against": [list(pair) for pair in words.disliked],
        "categories": [list(pair) for pair in words.categories],
    }


def _settled(
    lib: Library,
    space: Space,
    model: InterestModel,
    old: InterestModel | None,
    before: Mapping[str, Any],
    said: str,
) -> dict[str, Any]:
    """The newest papers' probabilities, which stay what they were if nothing new was said, and how much changed.

    A model of the same space is asked itself what it thought; of one of another space the answers were kept.
    """
    pool = _newest(lib, space)
    ids, papers, blocks = pool.ids, pool.papers, pool.blocks
    made_in = f"{LEARNER} {space.id}"
    known: dict[str, float] = dict(before.get("standing", {}))
    if old is not None and before.get("space") == made_in:
        known = {**dict(zip(map(str, ids), old.probabilities(papers, blocks).tolist(), strict=True)), **known}
    then = np.array([known.get(str(i), np.nan) for i in ids], np.float32)
    now = model.probabilities(papers, blocks)
    steadied = before.get("said") == said
    if steadied:
        now = settled(now, then)
    return {
        "space": made_in,
        "steadied": steadied,
        "said": said,
        "standing": {str(i): round(p, 6) for i, p in zip(ids, now.tolist(), strict=True)},
        "churn": churn(_order(ids, then), _order(ids, now), TOP) if len(known) >= TOP else None,
    }


def _newest(lib: Library, space: Space) -> Pool:
    """The newest papers, as the lists of the last days have them anyway."""
    from broadsheet.store import editions

    with lib.store.reading() as conn:
        last = editions.latest_day(conn) or lib.now().date()
    return lib.stream.pool(space, last - timedelta(days=lib.settings.recommend.days - 1), last).newest


def _order(ids: Sequence[int], probabilities: "NDArray[np.float32]") -> list[int]:
    return [ids[i] for i in np.argsort(-np.nan_to_num(probabilities, nan=-1.0), kind="stable").tolist()]
