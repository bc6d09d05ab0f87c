"""What citations are made of: ids, names and dates of a paper as citation formats and styles have places for them."""

import re
from dataclasses import dataclass

from broadsheet.text.links import links_of_id
from broadsheet.types import Paper


@dataclass(frozen=True, slots=True)
class Ids:
    """A paper's ids by what citation formats have a field for; `others` are the rest."""

    arxiv: str | None
    doi: str | None
    pubmed: str | None
    url: str | None
    others: tuple[str, ...]


_SCHEMES = ("arxiv", "doi", "openreview", "acl", "pubmed", "s2", "corpusid")


def ids_of(paper: Paper) -> Ids:
    """The ids of a paper by what citations have a place for."""
    named = [id for id in dict.fromkeys((paper.key, *sorted(paper.aliases))) if id.split(":")[0] in _SCHEMES]
    first = {scheme: next((id for id in named if id.startswith(scheme + ":")), "") for scheme in _SCHEMES}
    arxiv, doi, pubmed = first["arxiv"], first["doi"], first["pubmed"]
    page = next((link.url for link in paper.links if link.kind in ("abstract", "other")), None)
    return Ids(
        arxiv=arxiv.partition(":")[2] or None,
        doi=doi.partition(":")[2] or None,
        pubmed=pubmed.partition(":")[2] or None,
        url=page_of(named[0]) if named else page,
        others=tuple(id for id in named if id not in (arxiv, doi, pubmed)),
    )


def page_of(id: str) -> str:
    """The address of the page of an id."""
    return links_of_id(id)[0].url


_PARTICLES = frozenset(
    re.findall(r"\w+", "van von der den de del della di da dos du la le ten ter zu zum zur af av al el bin ibn")
)
_SUFFIXES = frozenset(("jr", "jr.", "sr", "sr.", "ii", "iii", "iv"))


def split_name(name: str) -> tuple[str, str, str]:
    """Family name, given names and suffix: `Ludwig van Beethoven Jr.` is `van Beethoven`, `Ludwig`, `Jr.`"""
    words = name.split()
    suffix = words.pop() if len(words) > 2 and words[-1].lower() in _SUFFIXES else ""
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in _PARTICLES and words[start - 1][0].islower():
        start -= 1
    return " ".join(words[max(start, 0) :]), " ".join(words[: max(start, 0)]), suffix


def is_conference(venue: str) -> bool:
    """Whether a venue is proceedings, and no journal."""
    return _PROCEEDINGS.search(venue) is not None


_PROCEEDINGS = re.compile(
    r"\b(?:proceedings|proc\.|conference|conf\.|workshop|symposium|meeting)|^[A-Z][A-Za-z]*[A-Z]+\W*(?:19|20)[0-9]{2}\b"
    r"|^(?:NeurIPS|NIPS|ICLR|ICML|CVPR|ICCV|ECCV|ACL|EMNLP|NAACL|AAAI|IJCAI|KDD|SIGIR|CHI|INTERSPEECH)\b",
    re.IGNORECASE,
)


def date_of(paper: Paper) -> tuple[int, ...]:
    """Year, month and day of a paper, as far as they are known.

    Without a date of publication they are year and month of its first listing, else those that its arXiv id has in it,
    else of what was announced otherwise: a replacement or a feature may come years later.
    """
    if paper.published:
        at = paper.published
        return (at.year,) if (at.month, at.day, at.hour, at.minute) == (1, 1, 0, 0) else (at.year, at.month, at.day)
    listed = min((a.day for a in paper.announcements if a.kind in ("new", "listed")), default=None)
    if listed:
        return (listed.year, listed.month)
    of_id = _month_of_id(ids_of(paper).arxiv or "")
    others = min((a.day for a in paper.announcements), default=None)
    return of_id or ((others.year, others.month) if others else ())


def _month_of_id(arxiv: str) -> tuple[int, ...]:
    """`2504.11008` is of April 2025 and `math/0309136` of September 2003."""
    found = re.match(r"(?:[a-z-]+/)?([0-9]{2})(0[1-9]|1[0-2])[0-9.]", arxiv)
    if not found:
        return ()
    year, month = int(found[1]), int(found[2])
    return (year + (1900 if year >= _OLDEST else 2000), month)


_OLDEST = 91  # arXiv began in 1991
