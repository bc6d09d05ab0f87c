"""Text as papers carry it: TeX and entities made readable, keys that compare, ids and links in one spelling.

Every function is pure and takes any text; none raises. Links and differences, which few ask for, are in modules of
their own that are not imported here: a search from the shell does without their patterns.
"""

from broadsheet.text.ids import aliases_of, canonical_id, ids_in
from broadsheet.text.keys import fold, name_key, title_key, words, written_words
from broadsheet.text.lines import listed, one_line, visible
from broadsheet.text.sentences import first_sentences
from broadsheet.text.tex import formulas, plain, readable

__all__ = [
    "aliases_of",
    "canonical_id",
    "first_sentences",
    "fold",
    "formulas",
    "ids_in",
    "listed",
    "name_key",
    "one_line",
    "plain",
    "readable",
    "title_key",
    "visible",
    "words",
    "written_words",
]
