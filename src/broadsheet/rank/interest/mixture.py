"""What is learnt of papers: a solution for each mix of meaning and words, weighed by what it finds again.

A solution is kernel ridge regression (the mean of a Gaussian process): liked papers have the value 1, disliked ones a
little below 0, each with a ridge that says how far it may be off; the background's main topics are damped first. With K
the kernel of a mix and P what the background holds of its inverse (see `background`):

    S = K(e, e) - K(e, b) P K(b, e) + ridge / weight        a(e) = S^-1 y        a(b) = -P K(b, e) a(e)

and a paper's score is K(x, e) a(e) + K(x, b) a(b): a vector product, once the sums over papers are taken.

Some readers collect a topic and some follow methods by name, so no one mix suits all. Each liked paper is left out in
turn (in closed form: y - a / diag S^-1) and looked for among the background's papers; a mix that finds it at place r is
believed 1 / r, all papers' multiplied. Solutions, each over the standard deviation of the stream's scores, are added up
with these beliefs: what comes out is as linear as each. A single mark says nothing of mixes, and all count alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank.interest.compared import Compared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

RIDGE = 1.0
"""How far a mark's value may be off, as a variance; .3 to 3 rank alike."""

DISLIKED, DISLIKED_TRUST = -0.05, 0.3
"""Value of a disliked paper, and its weight beside a liked one. What is asked about or shown is near what is liked, so
that few dislikes at -1 and full weight turn the whole topic round (three answers beside one seed: AUC .73 to .40).
"""

TRIED = 64
"""Marks that mixes are compared by; of more, so many from first to last. They decide for one mix mostly."""

FIRST = 1.5
"""Place of a paper that is found before all others: at 1, it would be twice the evidence that the second place is."""

_HARDLY = 0.05  # a belief that is not worth solving for
_LEAST = 1e-6
_SMALL = 64  # rows of a matrix that is inverted as a whole


@dataclass(frozen=True, slots=True)
class Learnt:
    """Weights of dense columns and of all terms; scores of marked papers left out, and of the background's others."""

    dense: "Floats"
    terms: "Floats"
    left_out: "Floats"
    ordinary: "Floats"


@dataclass(frozen=True, slots=True)
class _Solved:
    """Of one mix: a(e), a(b), and the scores of marked papers left out and of the background's."""

    shares: "Floats"
    own: "Floats"
    theirs: "Floats"
    left_out: "Floats"
    ordinary: "Floats"


def learn(known: Compared, labels: "Floats", weights: "Floats") -> Learnt:
    """From at least one paper with its label (1 or -1) and weight."""
    some = np.unique(np.linspace(0, len(labels) - 1, min(len(labels), TRIED)).astype(np.int64))
    tried = known.take(some)
    solved = [_solved(tried, labels[some], weights[some], mix) for mix in range(len(known.background.mixes))]
    strangers = _strangers(known)
    beliefs = _beliefs(solved, np.where(labels > 0, weights, 0)[some], strangers)
    if len(some) < len(labels):
        wanted = np.flatnonzero(beliefs >= _HARDLY)
        solved = [_solved(known, labels, weights, int(mix)) for mix in wanted]
        beliefs = beliefs[wanted] / beliefs[wanted].sum()
    return _added(solved, beliefs, known, strangers)


def _solved(known: Compared, labels: "Floats", weights: "Floats", number: int) -> _Solved:
    mix, damped = known.background.mixes[number], known.damped(number)
    liked = labels > 0
    y = np.where(liked, np.float32(1), np.float32(DISLIKED))
    trust = weights * np.where(liked, np.float32(1), np.float32(DISLIKED_TRUST))
    own = damped.among + np.diag(np.float32(RIDGE) / np.maximum(trust, np.float32(_LEAST)))
    inverse = _inverse(own)
    pull = inverse @ y
    pulled = pull @ damped.along
    theirs, ordinary = (mix.axes @ np.stack([-mix.held * pulled, mix.kept * pulled], axis=1)).T
    left_out = (y - pull / np.diag(inverse)).astype(np.float32)
    return _Solved(mix.shares, pull, theirs, left_out, ordinary)


def _inverse(matrix: "Floats") -> "Floats":
    """Of a symmetric positive definite matrix, by halves: with NumPy alone, products are three times as fast."""
    if len(matrix) <= _SMALL:
        small: Floats = np.linalg.inv(matrix)
        return small
    half = len(matrix) // 2
    first, across = _inverse(matrix[:half, :half]), matrix[:half, half:]
    passed = first @ across
    second = _inverse(matrix[half:, half:] - across.T @ passed)
    beside = passed @ second
    return np.block([[first + beside @ passed.T, -beside], [-beside.T, second]])


def _strangers(known: Compared) -> "NDArray[np.bool_]":
    """Which papers of the background were not marked, and so stand for the stream; all, where every one was."""
    marked = set(known.keys)
    strange = np.array([key not in marked for key in known.background.papers.keys], np.bool_)
    return strange if strange.any() else ~strange


def _beliefs(solved: Sequence[_Solved], weights: "Floats", strangers: "NDArray[np.bool_]") -> "Floats":
    """How much each solution is believed, 1 in all, by where it finds papers of these weights that it had not seen."""
    found = [(one.ordinary[strangers] >= one.left_out[:, None]).sum(axis=1) for one in solved]
    evidence = np.array([-float(weights @ np.log(above + FIRST)) for above in found])
    odds = np.exp(evidence - evidence.max())
    beliefs: Floats = (odds / odds.sum()).astype(np.float32)
    return beliefs


def _added(
    solved: Sequence[_Solved],
    beliefs: "Floats",
    known: Compared,
    strangers: "NDArray[np.bool_]",
) -> Learnt:
    """The sum of solutions, each in its own unit, in the unit that they have on average; as weights."""
    ordinary = np.stack([one.ordinary[strangers] for one in solved])
    units = np.maximum(ordinary.std(axis=1), np.float32(_LEAST))
    shares = beliefs / units * (beliefs @ units)
    own, theirs = np.stack([one.own for one in solved]), np.stack([one.theirs for one in solved])
    dense, terms = (np.stack([one.shares for one in solved]) * shares[:, None]).T
    blocks, others = known.blocks, known.background.blocks
    return Learnt(
        blocks.dense.T @ (dense @ own) + others.dense.T @ (dense @ theirs),
        blocks.terms.combined(terms @ own) + others.terms.combined(terms @ theirs),
        shares @ np.stack([one.left_out for one in solved]),
        shares @ ordinary,
    )
