"""A paper as one line of a list of references, in five styles. Pure.

APA 7, MLA 9, Chicago's author-date (18th edition), IEEE and Vancouver, each for a preprint, an article and a paper in
proceedings: what a library of papers has. Pages, volumes and places are not known here and so are left out. Titles keep
the capitals that their authors gave them, as no rule can tell a name from a word.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from broadsheet.cite.fields import date_of, ids_of, is_conference, split_name
from broadsheet.text import plain
from broadsheet.types import Paper

_SHORT: Final = ("Jan.", "Feb.", "Mar.", "Apr.", "May", "June", "July", "Aug.", "Sept.", "Oct.", "Nov.", "Dec.")
_LONG: Final = tuple(
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a reference; what is `slanted` is set in italics where that can be done."""

    text: str
    slanted: bool = False


@dataclass(frozen=True, slots=True)
class _Name:
    family: str
    given: str = ""
    suffix: str = ""

    def initials(self, dot: str = ".", between: str = " ") -> str:
        """`Jean-Pierre A.` is `J.-P. A.`"""
        words = (word for word in self.given.split() if word[:1].isalpha())
        return between.join("-".join(f"{p[0].upper()}{dot}" for p in word.split("-") if p) for word in words)


@dataclass(frozen=True, slots=True)
class _Work:
    """A paper as references see it. `date` is (year, month, day) as far as known; `where` its venue or archive."""

    names: tuple[_Name, ...]
    title: str
    date: tuple[int, ...]
    where: str
    kind: str
    number: str
    doi: str
    address: str

    @property
    def year(self) -> str:
        return str(self.date[0]) if self.date else ""

    @property
    def link(self) -> str:
        return f"https://doi.org/{self.doi}" if self.doi else self.address


def reference(paper: Paper, style: str) -> tuple[Piece, ...]:
    """The paper's line in one of `STYLES`. Raises KeyError for another name."""
    return tuple(_joined(STYLES[style](_work(paper))))


def _work(paper: Paper) -> _Work:
    ids = ids_of(paper)
    venue = _line(plain(paper.venue or ""))
    kind = "preprint" if not venue else "proceedings" if is_conference(venue) else "article"
    return _Work(
        names=tuple(_name(_line(plain(author.name))) for author in paper.authors if _line(plain(author.name))),
        title=_line(plain(paper.title)) or "Untitled",
        date=_date(paper, kind),
        where=venue or ("arXiv" if ids.arxiv else ""),
        kind=kind,
        number=f"arXiv:{ids.arxiv}" if ids.arxiv else "",
        doi=ids.doi or "",
        address=ids.url or "",
    )


def _date(paper: Paper, kind: str) -> tuple[int, ...]:
    """Of what has a venue the year alone: the day that is known is nearly always the preprint's."""
    parts = date_of(paper)
    return parts if kind == "preprint" else parts[:1]


def _name(text: str) -> _Name:
    family, given, suffix = split_name(text)
    return _Name(text) if "," in text or not given or _GROUP.search(text) else _Name(family, given, suffix)


_GROUP: Final = re.compile(r"^The\b|\b(?:collaboration|consortium|group|team|project|initiative)$", re.IGNORECASE)
"""Names of authors who are no person."""


def _line(text: str) -> str:
    return " ".join(text.split())


# A style gives strings and slanted pieces; "" is nothing. A sentence ends with a point unless it has an end already.

_Part = str | Piece


def _apa(w: _Work) -> Iterable[_Part]:
    names = [_last_first(n, n.initials()) for n in w.names]
    if len(names) > 20:
        authors = f"{', '.join(names[:19])}, … {names[-1]}"
    else:
        authors = ", & ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
    when = f"({w.year or 'n.d.'})"
    if authors:
        yield from (_sentence(authors), " ", f"{when}. ")
    number = f" ({w.number})" if w.kind == "preprint" and w.number else ""
    title = Piece(w.title, slanted=w.kind == "preprint")
    yield from (title, number, "" if not number and _ends(w.title) else ".")
    if not authors:
        yield f" {when}."
    if w.where:
        yield from (" In " if w.kind == "proceedings" else " ", Piece(w.where, w.kind != "preprint"), _point(w.where))
    yield f" {w.link}" if w.link else ""


def _mla(w: _Work) -> Iterable[_Part]:
    names = [f"{n.given} {n.family}".strip() + (f" {n.suffix}" if n.suffix else "") for n in w.names]
    if names:
        lead = _last_first(w.names[0], w.names[0].given)
        rest = "" if len(names) == 1 else f", and {names[1]}" if len(names) == 2 else ", et al."
        yield from (_sentence(lead + rest), " ")
    yield _quoted(w.title, ".")
    tail = [_day(w.date, _SHORT), _short_address(w.link)]
    if w.where:
        yield from (" ", Piece(w.where, slanted=True))
    told = ", ".join(part for part in tail if part)
    yield f"{', ' if w.where else ' '}{told}." if told else _point(w.where) if w.where else ""


def _chicago(w: _Work) -> Iterable[_Part]:
    names = [f"{n.given} {n.family}".strip() + (f" {n.suffix}" if n.suffix else "") for n in w.names]
    if names:
        names[0] = _last_first(w.names[0], w.names[0].given)
        listed = f"{', '.join(names[:3])}, et al." if len(names) > 6 else _and(names, "and", comma=True)
        yield from (_sentence(listed), " ")
    year = w.year or "n.d."
    yield from (_sentence(year) if names else "", " " if names else "", _quoted(w.title, "."))
    if not names:
        yield f" {_sentence(year)}"
    if w.kind == "preprint":
        day = f", {' '.join((_LONG[w.date[1] - 1], *map(str, w.date[2:])))}" if len(w.date) > 1 else ""
        yield f" Preprint, {w.where}{day}." if w.where else ""
    else:
        yield from (" In " if w.kind == "proceedings" else " ", Piece(w.where, slanted=True), _point(w.where))
    yield f" {w.link}." if w.link else ""


def _ieee(w: _Work) -> Iterable[_Part]:
    names = [" ".join(part for part in (n.initials(), n.family, n.suffix) if part) for n in w.names]
    if names:
        yield f"{names[0]} et al., " if len(names) > 6 else f"{_and(names, 'and', comma=len(names) > 2)}, "
    tail = [f"doi: {w.doi}" if w.doi else ""]
    told = [w.year, w.number or w.where, *tail] if w.kind == "preprint" else [w.year, *tail]
    said = ", ".join(part for part in told if part)
    yield _quoted(w.title, "," if said or w.kind != "preprint" else ".")
    if w.kind != "preprint":
        yield from (" in " if w.kind == "proceedings" else " ", Piece(w.where, slanted=True), "," if said else ".")
    yield f" {said}." if said else ""
    yield f" [Online]. Available: {w.address}" if not w.doi and w.address else ""


def _vancouver(w: _Work) -> Iterable[_Part]:
    names = [" ".join(p for p in (n.family, n.initials("", ""), n.suffix.rstrip(".")) if p) for n in w.names]
    listed = ", ".join(names[:6] if len(names) > 6 else names) + (", et al" if len(names) > 6 else "")
    yield f"{_sentence(listed)} " if listed else ""
    yield f"{w.title} [preprint]." if w.kind == "preprint" else _sentence(w.title)
    if w.where:
        yield from (" In: " if w.kind == "proceedings" else " ", _sentence(w.where))
    day = " ".join((w.year, _LONG[w.date[1] - 1][:3], *map(str, w.date[2:]))) if len(w.date) > 1 else w.year
    yield f" {day or 'date unknown'}."
    if w.doi:
        yield f" doi:{w.doi}"
    elif w.address:
        yield f" Available from: {w.address}"


STYLES: Final[dict[str, Callable[[_Work], Iterable[_Part]]]] = {
    "APA": _apa,
    "MLA": _mla,
    "Chicago": _chicago,
    "IEEE": _ieee,
    "Vancouver": _vancouver,
}
"""The styles by the names that people know them by."""


def _last_first(name: _Name, given: str) -> str:
    return ", ".join(part for part in (name.family, given, name.suffix) if part)


def _and(names: Sequence[str], word: str, *, comma: bool) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])}{',' if comma else ''} {word} {names[-1]}"


def _quoted(title: str, mark: str) -> str:
    """A title in quotation marks with the mark that follows it inside; its own quotation marks become single ones."""
    inner = re.sub(r"[“«„]|(?<!\S)\"", "‘", title)
    inner = re.sub(r"[”»]|\"", "’", inner)
    return f"“{inner}{'' if _ends(title) else mark}”"


def _day(date: Sequence[int], months: Sequence[str]) -> str:
    return " ".join((*map(str, date[2:]), *(months[month - 1] for month in date[1:2]), *map(str, date[:1])))


def _short_address(link: str) -> str:
    """MLA leaves the scheme out, but for a DOI."""
    return link if link.startswith("https://doi.org/") else re.sub(r"^https?://", "", link)


def _ends(text: str) -> bool:
    return text.endswith((".", "?", "!", "…", ".”", ".’"))


def _point(text: str) -> str:
    return "" if _ends(text) else "."


def _sentence(text: str) -> str:
    return text + _point(text)


def _joined(parts: Iterable[_Part]) -> Iterable[Piece]:
    """The parts as pieces, neighbours of one kind made one."""
    held: Piece | None = None
    for part in parts:
        piece = Piece(part) if isinstance(part, str) else part
        if not piece.text:
            continue
        if held and held.slanted == piece.slanted:
            held = Piece(held.text + piece.text, held.slanted)
            continue
        if held:
            yield held
        held = piece
    if held:
        yield held
