"""Papers as citations: files for other programs (`formats`) and the lines of a list of references (`styles`). Pure."""

from broadsheet.cite.fields import split_name
from broadsheet.cite.formats import bibtex_text, citation_key, entries, to_bibtex, to_csl, to_markdown, to_ris
from broadsheet.cite.styles import STYLES, Piece, reference

__all__ = [
    "STYLES",
    "Piece",
    "bibtex_text",
    "citation_key",
    "entries",
    "reference",
    "split_name",
    "to_bibtex",
    "to_csl",
    "to_markdown",
    "to_ris",
]
