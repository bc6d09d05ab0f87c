"""Interests: what a reader likes, learnt from marks, seeds and rules, and asked of papers. Pure; NumPy only.

lexicon    the library's terms and their rarity; texts as sparse rows
features   papers as a model sees them
background the stream that an interest stands out from, prepared once for all readers
rules      keywords in and out, categories, authors followed
belonging  whether a paper belongs to an interest that nobody named for it
lessons    which mark teaches which interest
compared   the papers of an interest compared, for training
mixture    what is learnt, linear, from words and meaning in the mix that suits the reader
model      train an interest, score papers, keep it as bytes
why        the reasons for a recommendation
teach      which papers' marks would teach an interest most
"""

from broadsheet.rank.interest.background import Background
from broadsheet.rank.interest.belonging import belonging
from broadsheet.rank.interest.compared import Compared, compare
from broadsheet.rank.interest.features import Features
from broadsheet.rank.interest.lexicon import Lexicon
from broadsheet.rank.interest.model import Examples, InterestModel, decay, train
from broadsheet.rank.interest.rules import Rules
from broadsheet.rank.interest.sparse import SparseRows
from broadsheet.rank.interest.teach import most_telling
from broadsheet.rank.interest.why import Reason, reasons

__all__ = [
    "Background",
    "Compared",
    "Examples",
    "Features",
    "InterestModel",
    "Lexicon",
    "Reason",
    "Rules",
    "SparseRows",
    "belonging",
    "compare",
    "decay",
    "most_telling",
    "reasons",
    "train",
]
