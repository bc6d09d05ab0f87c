"""Text as papers carry it: TeX and entities made readable, keys that compare, ids and links in one spelling.

Every function is pure and takes any text; none raises.
"""

from broadsheet.text.difference import Stretch, difference
from broadsheet.text.ids import aliases_of, canonical_id, ids_in
from broadsheet.text.keys import fold, name_key, title_key, words
from broadsheet.text.lines import one_line
from broadsheet.text.links import link_key, links_in, links_of_id
from broadsheet.text.sentences import first_sentences
from broadsheet.text.tex import formulas, plain

__all__ = [
    "Stretch",
    "aliases_of",
    "canonical_id",
    "difference",
    "first_sentences",
    "fold",
    "formulas",
    "ids_in",
    "link_key",
    "links_in",
    "links_of_id",
    "name_key",
    "one_line",
    "plain",
    "title_key",
    "words",
]
