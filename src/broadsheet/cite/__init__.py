"""Papers as citations: files for other programs (`formats`) and the lines of a list of references (`styles`). Pure."""

from broadsheet.cite.formats import entries, to_bibtex, to_csl, to_ris
from broadsheet.cite.markdown import to_markdown
from broadsheet.cite.styles import STYLES, Piece, reference

__all__ = [
    "STYLES",
    "Piece",
    "entries",
    "reference",
    "to_bibtex",
    "to_csl",
    "to_markdown",
    "to_ris",
]
