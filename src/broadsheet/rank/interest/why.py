"""Why a paper is recommended, in terms that a reader can check."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from operator import itemgetter
from typing import TYPE_CHECKING, Literal

import numpy as np

from broadsheet.rank.interest.features import Features
from broadsheet.rank.interest.kernel import Blocks
from broadsheet.rank.interest.lexicon import Lexicon, is_telling
from broadsheet.rank.interest.model import InterestModel
from broadsheet.rank.interest.sparse import SparseRows
from broadsheet.rank.interest.terms import Heard

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kind = Literal["keyword", "author", "near", "for", "against", "category", "readers"]

NEAREST, TERMS = 3, 5
_LEAST_NEARNESS = 0.1
_FELT = 0.05
"""Share of a paper's score below which a term or category is no reason: each model has a crowd of slight ones."""


@dataclass(frozen=True, slots=True)
class Reason:
    """`what` is a keyword, an author's name, the key of a liked paper, a term, a category or a number of readers.

    `weight`: for `near` the nearness from 0 to 1, for `for`, `against` and `category` what it adds to the score, for
    rules what they add, for `readers` what they add to the log-odds.
    """

    kind: Kind
    what: str
    weight: float


@dataclass(frozen=True, slots=True)
class Liked:
    """Papers that a reader likes: their keys, and the same papers in the kernel's space."""

    keys: Sequence[str]
    blocks: Blocks


def reasons(
    model: InterestModel,
    papers: Features,
    blocks: Blocks,
    liked: Liked | None,
    heard: Heard,
    lexicon: Lexicon,
    places: Sequence[int],
) -> list[tuple[Reason, ...]]:
    """Of the papers at these places: rules that each meets, the liked papers nearest to it, terms and categories.

    Terms are those that marks bear out (`heard`), so that a reader finds them there. A paper of which none of these is
    felt has the nearest liked paper. `blocks`: the papers in the kernel's space.
    """
    some = blocks.take(places)
    near = _nearest([papers.keys[place] for place in places], some, liked) if liked else [[]] * len(places)
    terms, categories = model.term_weights(blocks.terms.width), _category_weights(model)
    least = _FELT * np.abs(model.learnt(some, terms))
    felt, floors = _felt(some.terms, terms, least), least.tolist()
    found = [
        (
            *(Reason("keyword", keyword, 1.0) for keyword in model.rules.keywords_of(papers.texts[place])),
            *(Reason("author", name, 1.0) for name in model.rules.followed_of(papers.authors[place])),
            *(reason for reason in near[at] if reason.weight >= _LEAST_NEARNESS),
            *_terms(felt[at], heard, lexicon),
            *(
                Reason("category", name, categories[name])
                for name in papers.categories[place]
                if name in heard.categories and categories.get(name, 0.0) > floors[at]
            ),
        )
        for at, place in enumerate(places)
    ]
    return [told or tuple(nearest[:1]) for told, nearest in zip(found, near, strict=True)]


def _nearest(keys: Sequence[str], blocks: Blocks, liked: Liked) -> list[list[Reason]]:
    """The liked papers nearest to each, but for itself."""
    own = liked.blocks
    lengths = np.sqrt(np.outer(blocks.squares(), own.squares()))
    nearness = blocks.gram(own) / np.maximum(lengths, np.float32(1e-12))
    nearness[np.array(keys)[:, None] == np.array(liked.keys)] = 0
    order = np.argsort(-nearness, axis=1, kind="stable")[:, :NEAREST]
    return [
        [Reason("near", liked.keys[i], weight) for i in some if (weight := round(float(row[i]), 3)) > 0]
        for row, some in zip(nearness, order, strict=True)
    ]


def _felt(
    rows: SparseRows, weights: "NDArray[np.float32]", least: "NDArray[np.floating]"
) -> list[list[tuple[float, int]]]:
    """What terms add to each row, with their columns, where that is more than the row's least: few of its hundreds."""
    parts = rows.values * weights[rows.columns]
    felt = np.flatnonzero(np.abs(parts) > np.repeat(least, np.diff(rows.starts)))
    cells = list(zip(parts[felt].tolist(), rows.columns[felt].tolist(), strict=True))
    return [cells[begin:end] for begin, end in pairwise(np.searchsorted(felt, rows.starts).tolist())]


def _terms(felt: Sequence[tuple[float, int]], heard: Heard, lexicon: Lexicon) -> Iterator[Reason]:
    order = sorted(felt, key=itemgetter(0), reverse=True)
    sides: tuple[tuple[Kind, Iterable[tuple[float, int]]], ...] = (
        ("for", takewhile(lambda cell: cell[0] > 0, order)),
        ("against", takewhile(lambda cell: cell[0] < 0, reversed(order))),
    )
    for kind, side in sides:
        borne_out = (cell for cell in side if heard.bears_out(cell[1], 1 if kind == "for" else -1))
        telling = [cell for cell in borne_out if is_telling(lexicon.terms[cell[1]])]
        rare = [cell for cell in telling if lexicon.tells(cell[1])]
        # Where all are common, they are better than nothing.
        yield from (Reason(kind, lexicon.spelt(column), part) for part, column in (rare or telling)[:TERMS])


def _category_weights(model: InterestModel) -> dict[str, float]:
    """What each category adds to the score of a paper; those that the stream lacks add nothing."""
    names = model.kernel.categories
    return dict(zip(names, model.dense[len(model.dense) - len(names) :].tolist(), strict=True))
