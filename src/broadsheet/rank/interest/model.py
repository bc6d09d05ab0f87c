"""An interest as a model: weights of vectors, terms and categories, learnt from marks, with rules and a calibration."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank.interest.background import Background
from broadsheet.rank.interest.calibrate import Calibration, calibrate
from broadsheet.rank.interest.compared import Compared, compare
from broadsheet.rank.interest.features import Features
from broadsheet.rank.interest.kernel import Blocks, Kernel
from broadsheet.rank.interest.mixture import learn
from broadsheet.rank.interest.rules import NO_RULES, Rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

HALF_LIFE = 365.0
"""Days after which a mark counts half; tastes move in years, and few readers have marks to waste."""

ASKED_FOR = 1.0
"""What a followed author, or a keyword asked for, adds to a score: as much as a liked paper's own value."""


_KEPT = b"interest"
"""How the bytes of a model begin: then the length of a head in JSON, the head, and the numbers. NumPy's own files take
twenty times as long to read, a tenth of what a digest takes.
"""


@dataclass(frozen=True, slots=True)
class Examples:
    """Papers that a reader spoke of. `labels`: 1 is more like this, -1 less; `weights`: 1 is a fresh mark, 0 none."""

    papers: Features
    labels: "Floats"
    weights: "Floats"


def decay(ages: "Sequence[float] | NDArray[np.floating]", half_life: float = HALF_LIFE) -> "Floats":
    """Weights of marks that are so many days old."""
    return np.exp2(-np.maximum(np.asarray(ages, np.float32), 0) / np.float32(half_life)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class InterestModel:
    """What was learnt. Scores are comparable within one model, probabilities everywhere."""

    kernel: Kernel
    rules: Rules
    dense: "Floats"
    columns: "NDArray[np.int32]"
    values: "Floats"
    calibration: Calibration

    def scores(self, papers: Features, blocks: Blocks | None = None) -> "Floats":
        """Higher is nearer to the interest; 0 is a paper of the stream like any other, -inf one that breaks a rule.

        `blocks`: the papers in the kernel's space, where the caller has them. Raises ValueError for features of other
        encoders or another lexicon than the model was trained on.
        """
        scores = self.learnt(self.kernel.blocks(papers) if blocks is None else blocks)
        rules = self.rules
        if rules.authors:
            scores += np.float32(ASKED_FOR) * rules.followed(papers)
        if rules.include:
            scores += np.float32(ASKED_FOR) * rules.included(papers)
        if rules.include or rules.exclude or rules.categories:
            scores[~rules.allows(papers)] = -np.inf
        return scores

    def probabilities(self, papers: Features, blocks: Blocks | None = None) -> "Floats":
        """How likely the reader is to mark each paper as liked, were it shown; 0 for one that breaks a rule."""
        return self.calibration.probabilities(self.scores(papers, blocks))

    def learnt(self, blocks: Blocks, terms: "Floats | None" = None) -> "Floats":
        """What marks alone say of papers in the kernel's space, which is the same for all models of a background.

        `terms`: the model's `term_weights`, where the caller has them.
        """
        out: Floats = blocks.dense @ self.dense
        return out + blocks.terms.times(self.term_weights(blocks.terms.width) if terms is None else terms)

    def term_weights(self, width: int) -> "Floats":
        """The weight of each term of the lexicon, shape (width,)."""
        out = np.zeros(width, np.float32)
        out[self.columns] = self.values
        return out

    def to_bytes(self) -> bytes:
        """As it can be kept."""
        head = {
            "rules": asdict(self.rules),
            "calibration": asdict(self.calibration),
            "categories": self.kernel.categories,
            "encoders": list(self.kernel.landmarks),
        }
        told = json.dumps(head | {"columns": len(self.columns)}).encode()
        told += b" " * (-len(told) % 4)  # so that numbers begin where processors read them quickly
        numbers = (array.tobytes() for array in (self.dense, self.columns, self.values))
        return b"".join((_KEPT, len(told).to_bytes(4, "little"), told, *numbers))

    @classmethod
    def from_bytes(cls, data: bytes, kernel: Kernel) -> "InterestModel":
        """What `to_bytes` gave, of a model of this kernel. Raises ValueError for anything else."""
        if not data.startswith(_KEPT):
            raise ValueError("not a model of an interest")
        try:
            begins = len(_KEPT) + 4
            ends = begins + int.from_bytes(data[len(_KEPT) : begins], "little")
            head, numbers = json.loads(data[begins:ends]), np.frombuffer(data, np.float32, offset=ends)
            dense, columns, values = np.split(numbers, [kernel.width, kernel.width + head["columns"]])
            fits = (head["encoders"], tuple(head["categories"])) == (list(kernel.landmarks), kernel.categories)
            rules = Rules(**{name: tuple(value) for name, value in head["rules"].items()})
            calibration = Calibration(**head["calibration"])
        except (ValueError, KeyError, TypeError) as e:
            raise ValueError(f"not a model of an interest ({e})") from e
        if not fits or len(numbers) != kernel.width + 2 * head["columns"]:
            raise ValueError("a model of an interest in another space")
        return cls(kernel, rules, dense, columns.view(np.int32), values, calibration)


def train(
    examples: Examples, background: Background, rules: Rules = NO_RULES, compared: Compared | None = None
) -> InterestModel:
    """Learn from what a reader said, which may be nothing. The same arguments give the same model.

    `compared`: the examples' papers, where the caller has them compared already. Raises ValueError for features that do
    not fit the background's.
    """
    if not len(examples.papers):
        return _untaught(background, rules)
    known = compared or compare(examples.papers, background)
    learnt = learn(known, examples.labels, examples.weights)
    columns = np.flatnonzero(learnt.terms).astype(np.int32)
    curve = calibrate(learnt.left_out, examples.labels, examples.weights, learnt.ordinary)
    return InterestModel(background.kernel, rules, learnt.dense, columns, learnt.terms[columns], curve)


def _untaught(background: Background, rules: Rules) -> InterestModel:
    """A model of rules alone."""
    nothing = np.zeros(0, np.float32)
    dense = np.zeros(background.blocks.dense.shape[1], np.float32)
    calibration = calibrate(nothing, nothing, nothing, np.zeros(len(background.papers), np.float32))
    return InterestModel(background.kernel, rules, dense, np.zeros(0, np.int32), nothing, calibration)
