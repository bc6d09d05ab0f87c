"""Papers as files for other programs: BibTeX, RIS and CSL-JSON.

A publication date that is exactly the beginning of a year means that only the year is known, as `sources.formats` read
it from such files.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from broadsheet.cite import bibtex, csl, ris
from broadsheet.cite.keys import keyed
from broadsheet.types import Paper


def to_bibtex(papers: Iterable[Paper]) -> str:
    """One entry for each paper, in their order, with citation keys such as `curie1911radium`, each once."""
    return "\n".join(entries("bibtex", papers))


def to_ris(papers: Iterable[Paper]) -> str:
    """One RIS entry for each paper, in their order, with the line ends that the format asks for."""
    return "\r\n".join(entries("ris", papers))


def to_csl(papers: Iterable[Paper]) -> str:
    """A list of CSL-JSON items, one for each paper, in their order."""
    return "[\n" + ",\n".join(entries("csl-json", papers)) + "\n]\n"


def entries(kind: Literal["bibtex", "ris", "csl-json"], papers: Iterable[Paper]) -> Iterator[str]:
    """The entries one by one, for lists that are too long to be held; citation keys are unique among all of them."""
    write = {"bibtex": bibtex.entry, "ris": ris.entry, "csl-json": csl.entry}[kind]
    return (write(key, paper) for key, paper in keyed(papers))
