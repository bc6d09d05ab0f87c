"""Why a paper is recommended, in terms that a reader can check."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from broadsheet.rank.interest.features import Features
from broadsheet.rank.interest.lexicon import Lexicon, is_telling
from broadsheet.rank.interest.model import InterestModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

Kind = Literal["keyword", "author", "near", "for", "against", "category", "readers"]

NEAREST, TERMS = 3, 5
_LEAST_NEARNESS = 0.1


@dataclass(frozen=True, slots=True)
class Reason:
    """`what` is a keyword, an author's name, the key of a liked paper, a term, a category or a number of readers.

    `weight`: for `near` the nearness from 0 to 1, for `for`, `against` and `category` what it adds to the score, for
    rules what they add, for `readers` what they add to the log-odds.
    """

    kind: Kind
    what: str
    weight: float


def reasons(model: InterestModel, papers: Features, at: int, liked: Features, lexicon: Lexicon) -> tuple[Reason, ...]:
    """Of the paper at this index: rules that it meets, the liked papers nearest to it, terms and categories."""
    paper = papers.take([at])
    blocks = model.kernel.blocks(paper)
    found = [Reason("keyword", keyword, 1.0) for keyword in model.rules.keywords_of(paper.texts[0])]
    found += [Reason("author", name, 1.0) for name in model.rules.followed_of(paper.authors[0])]
    found += _nearest(model, paper, liked)
    columns, values = blocks.terms.row(0)
    parts = values * model.term_weights(blocks.terms.width)[columns]
    found += _terms(parts, columns, lexicon)
    return (*found, *_categories(model, paper))


def _nearest(model: InterestModel, paper: Features, liked: Features) -> list[Reason]:
    if not len(liked):
        return []
    here, there = model.kernel.blocks(paper), model.kernel.blocks(liked)
    lengths = np.sqrt(here.squares() * there.squares())
    nearness = there.gram(here)[:, 0] / np.maximum(lengths, 1e-12)
    order = np.argsort(-nearness, kind="stable")[:NEAREST]
    return [
        Reason("near", liked.keys[i], round(float(nearness[i]), 3)) for i in order if nearness[i] >= _LEAST_NEARNESS
    ]


def _terms(parts: "NDArray[np.float32]", columns: "NDArray[np.int32]", lexicon: Lexicon) -> list[Reason]:
    by_weight = np.argsort(-parts, kind="stable")
    order = [i for i in by_weight if is_telling(lexicon.terms[columns[i]])]
    most = [Reason("for", lexicon.terms[columns[i]], float(parts[i])) for i in order[:TERMS] if parts[i] > 0]
    least = [Reason("against", lexicon.terms[columns[i]], float(parts[i])) for i in order[::-1][:TERMS] if parts[i] < 0]
    return most + least


def _categories(model: InterestModel, paper: Features) -> list[Reason]:
    place = {name: i for i, name in enumerate(model.kernel.categories)}
    weights = model.dense[len(model.dense) - len(place) :]
    known = [name for name in paper.categories[0] if name in place]
    return [Reason("category", name, float(weights[place[name]])) for name in known if weights[place[name]] > 0]
