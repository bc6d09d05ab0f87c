"""Reasons in words: what a reader can check of why a paper is in their list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from broadsheet.library.handle import Library
from broadsheet.library.interest.learn import Taught
from broadsheet.library.interest.lookup import Lookup
from broadsheet.library.interest.pool import Pool
from broadsheet.library.interest.space import Space
from broadsheet.library.interest.stream import ABOUT
from broadsheet.rank.interest import Features, Reason, reasons
from broadsheet.rank.interest.kernel import Blocks
from broadsheet.rank.interest.lexicon import Lexicon
from broadsheet.rank.interest.sparse import SparseRows
from broadsheet.rank.interest.terms import Heard
from broadsheet.rank.interest.why import Liked
from broadsheet.rank.order import many
from broadsheet.types import MarkKind
from broadsheet.words.said import Listed, said

EXPLORED = said("to widen the circle: drawn by lot from what your interests would not have chosen")

_NEAR: Final[Mapping[MarkKind | None, str]] = {
    "up": said("near %(titles)s, which you liked"),
    "save": said("near %(titles)s, which you saved"),
    None: said("near %(titles)s, which you began with"),
}

_ITSELF: Final[Mapping[MarkKind | None, str]] = {
    "up": said("you liked it"),
    "save": said("you saved it"),
    None: said("you began with it"),
}

_MOST_TERMS = 4
_WEIGHTY = 0.3


@dataclass(frozen=True, slots=True)
class Likings:
    """Papers, by store id, and words that interests like, each prepared once for all of them. `rows`: where each is;
    `disliked` and `against`: where each disliked paper is among its terms.
    """

    rows: Mapping[object, int]
    keys: Sequence[str]
    categories: Sequence[tuple[str, ...]]
    blocks: Blocks
    disliked: Mapping[int, int]
    against: SparseRows

    def of(self, taught: Taught) -> Liked | None:
        """What one of the interests likes: papers, then words; None for nothing."""
        rows = [self.rows[one] for one in (*taught.liked, *taught.about)]
        return Liked([self.keys[row] for row in rows], self.blocks.take(rows)) if rows else None

    def heard(self, taught: Taught, lexicon: Lexicon) -> Heard:
        """The terms that the marks of one of the interests bear out, or that its reader gave."""
        liked = [self.rows[one] for one in (*taught.liked, *taught.about)]
        disliked = [self.disliked[paper_id] for paper_id in taught.disliked]
        given = (lexicon.column(term) for term, _ in taught.interest.profile.terms)
        known = (column for column in given if column is not None)
        categories = chain.from_iterable(self.categories[row] for row in liked)
        return Heard.of(self.blocks.terms.take(liked), self.against.take(disliked), known, categories)


def likings(lib: Library, space: Space, models: Iterable[Taught]) -> Likings:
    """What these interests like, and what they do not."""
    models = list(models)
    papers = list(dict.fromkeys(paper_id for taught in models for paper_id in taught.liked))
    words = list(dict.fromkeys(text for taught in models for text in taught.about))
    parts = [lib.stream.features(space, papers)] if papers else []
    parts += [lib.stream.words(space, text) for text in words]
    liked = Features.joined(parts) if parts else space.background.papers.take([])
    rows = {one: row for row, one in enumerate((*papers, *words))}
    disliked = {i: row for row, i in enumerate(dict.fromkeys(i for taught in models for i in taught.disliked))}
    against = lib.stream.features(space, list(disliked)).terms if disliked else SparseRows.empty(0, len(space.lexicon))
    return Likings(rows, liked.keys, liked.categories, space.background.kernel.blocks(liked), disliked, against)


def explain(
    lookup: Lookup,
    space: Space,
    models: Sequence[Taught],
    likings: Likings,
    pool: Pool,
    places: Sequence[tuple[int, int]],
) -> list[tuple[tuple[Reason, ...], tuple[str, ...]]]:
    """Reasons, and the same in words, for papers of a pool: pairs of a model's number and a place in the pool."""
    found: dict[int, tuple[Reason, ...]] = {}
    kinds: dict[int, dict[str, MarkKind | None]] = {}
    for number in {number for number, _ in places}:
        mine, taught = [at for judge, at in places if judge == number], models[number]
        liked = likings.of(taught)
        heard = likings.heard(taught, space.lexicon)
        told = reasons(taught.model, pool.papers, pool.blocks, liked, heard, space.lexicon, mine)
        found |= dict(zip(mine, told, strict=True))
        of_papers = zip(taught.liked, liked.keys if liked else (), strict=False)  # words come after them
        kinds[number] = {key: taught.examples[i].kind for i, key in of_papers}
    near = {reason.what for some in found.values() for reason in some if reason.kind == "near"}
    titles = lookup.titles([key for key in near if not key.startswith(ABOUT)])
    keys = pool.papers.keys
    return [
        (found[at], itself(keys[at], kinds[number]) or in_words(found[at], titles, kinds[number]))
        for number, at in places
    ]


def itself(key: str, kinds: Mapping[str, MarkKind | None]) -> tuple[str, ...]:
    """Why a paper that is liked is among one's own: for that, and for no word of it. Empty for any other paper."""
    return (_ITSELF[kinds[key]],) if key in kinds else ()


def in_words(
    reasons: Sequence[Reason], titles: Mapping[str, str], kinds: Mapping[str, MarkKind | None]
) -> tuple[str, ...]:
    """Sentences, the most telling first. `titles` of liked papers by key; `kinds`: of their marks, None for a seed."""
    by_kind: dict[str, list[str]] = {}
    for reason in reasons:
        by_kind.setdefault(reason.kind, []).append(reason.what)
    found: list[str] = []
    if names := by_kind.get("author"):
        found.append(said("by %(names)s, whom you follow", names=Listed(tuple(names))))
    if words := by_kind.get("keyword"):
        found.append(said("has %(words)s, as you asked", words=_quoted(words)))
    found += _near(by_kind.get("near", []), titles, kinds)
    if terms := by_kind.get("for"):
        found.append(said("for: %(terms)s", terms=", ".join(terms[:_MOST_TERMS])))
    if terms := _weighty(reasons):
        found.append(said("against: %(terms)s", terms=", ".join(terms[:_MOST_TERMS])))
    if not found and (categories := by_kind.get("category")):
        found.append(said("for: %(terms)s", terms=", ".join(categories)))
    return tuple(found)


def _weighty(reasons: Sequence[Reason]) -> list[str]:
    """Terms that take away a good part of what the strongest one gives.

    None where nothing speaks for a paper: what is against it is no reason to show it.
    """
    most = max((reason.weight for reason in reasons if reason.kind == "for"), default=float("inf"))
    return [reason.what for reason in reasons if reason.kind == "against" and -reason.weight >= _WEIGHTY * most]


def attention(votes: int | None, comments: int | None) -> tuple[str, ...]:
    """What others made of a paper."""
    told = tuple(many(count, noun) for count, noun in ((votes, "vote"), (comments, "comment")) if count)
    return (said("%(counts)s", counts=Listed(told)),) if told else ()


def _near(keys: Sequence[str], titles: Mapping[str, str], kinds: Mapping[str, MarkKind | None]) -> list[str]:
    found: list[str] = []
    for kind, message in _NEAR.items():
        if named := [titles[key] for key in keys if key in titles and kinds[key] == kind]:
            found.append(said(message, titles=_quoted(named)))
    if words := [key.removeprefix(ABOUT) for key in keys if key.startswith(ABOUT)]:
        found.append(said("near your words %(words)s", words=_quoted(words)))
    return found


def _quoted(texts: Sequence[str]) -> Listed:
    return Listed(tuple(said("“%(text)s”", text=text) for text in texts))
