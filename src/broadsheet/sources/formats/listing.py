"""Plain text of a listing page: titles and abstracts in paragraphs, with the page's own furniture around them.

Nothing marks what is what, so paragraphs are read by their shape: a title is short and no sentence, an abstract is
long prose, and they take turns. Of all readings of the page the cheapest is taken (dynamic programming over the
paragraphs), where every breach of shape costs; what is neither title nor abstract is furniture. Dates, counts of
authors or votes and bare numbers say something about the paper above them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from broadsheet.errors import FormatError
from broadsheet.sources.formats.fields import (
    BOM,
    date_of,
    line_of,
)
from broadsheet.text import one_line
from broadsheet.types import Drop, Record, Signal
from broadsheet.words.said import said

MAX_PAGE = 1 << 23
"""Bytes; a page is read whole, and this is some five thousand papers."""

LONG = 300
"""Characters: no title is as long, and hardly an abstract is shorter."""

MEDIUM = 150
SHORT = 60


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A piece of the page, on one line, with the number of its first line."""

    line: int
    text: str


@dataclass(slots=True)
class Listed:
    """A title with its abstract, and what the lines after it say."""

    title: Paragraph
    abstract: str
    published: datetime | None = None
    votes: int | None = None


def sniff(head: str) -> bool:
    """Whether most of the text is titles and abstracts that take turns, two at least."""
    paragraphs = _paragraphs(head)
    found = [item for item in _listed(paragraphs) if isinstance(item, Listed)]
    covered = sum(len(item.title.text) + len(item.abstract) for item in found)
    prose = sum(len(p.text) >= LONG for p in paragraphs)
    return len(found) >= 2 and prose <= len(found) * 1.5 and covered >= 0.7 * sum(len(p.text) for p in paragraphs)


def read(stream: BinaryIO, *, origin: str, now: datetime) -> Iterator[Record | Drop]:
    """A Record for each title with an abstract, a Drop for what seems to be one without the other."""
    data = stream.read(MAX_PAGE + 1).removeprefix(BOM)
    if len(data) > MAX_PAGE:
        raise FormatError(origin, f"longer than {MAX_PAGE >> 20} MB, as no listing page is", "split it", permanent=True)
    for item in _listed(_paragraphs(data.decode(errors="replace"))):
        if isinstance(item, Listed):
            yield _record(item, origin, now)
        else:
            yield Drop(origin, line_of(item.line), said(_alone(item), text=repr(item.text[:60])))


def _alone(paragraph: Paragraph) -> str:
    is_abstract = len(paragraph.text) >= LONG
    return said("%(text)s has no title beside it") if is_abstract else said("%(text)s has no abstract beside it")


def _record(item: Listed, origin: str, now: datetime) -> Record | Drop:
    if "\ufffd" in item.title.text + item.abstract:
        return Drop(origin, line_of(item.title.line), said("it is not UTF-8"))
    signals = () if item.votes is None else (Signal("listing", "upvotes", now, item.votes),)
    return Record(
        source="listing",
        seen=now,
        title=item.title.text,
        abstract=item.abstract,
        published=item.published,
        signals=signals,
    )


def _paragraphs(text: str) -> list[Paragraph]:
    """Lines, or blocks between empty lines where the text is wrapped to a width."""
    numbered = [(number, one_line(line)) for number, line in enumerate(text.splitlines(), 1)]
    full = [(number, line) for number, line in numbered if line]
    if not _wrapped([line for _, line in full]):
        return [Paragraph(number, line) for number, line in full]
    blocks: list[Paragraph] = []
    last = 0
    for number, line in full:
        if blocks and number == last + 1 and not (_meta(line) or _meta(blocks[-1].text)):
            blocks[-1] = Paragraph(blocks[-1].line, f"{blocks[-1].text} {line}")
        else:
            blocks.append(Paragraph(number, line))
        last = number
    return blocks


def _wrapped(lines: Sequence[str]) -> bool:
    """Whether no line is long and most are about as long as the longest, as an editor or a mail wraps them."""
    longest = max(map(len, lines), default=0)
    return SHORT <= longest < MEDIUM and sum(len(line) > 0.7 * longest for line in lines) > 0.5 * len(lines)


_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\.?"
_YEAR = r"(?:19|20)[0-9]{2}"
_DATE = rf"(?:{_MONTH} [0-9]{{1,2}}(?:,? ?{_YEAR})?|[0-9]{{1,2}} {_MONTH}(?: {_YEAR})?|{_YEAR}-[0-9]{{2}}-[0-9]{{2}})"
_COUNT = r"[0-9]{1,9}(?:[.,][0-9]{1,3}){0,2}k?"
_WHAT = r"(?:authors?|up-?votes?|votes?|likes?|points?|comments?|repl(?:y|ies)|views?|stars?)"
_META = re.compile(
    rf"(?:(?:published|submitted|posted|updated|featured)(?: on)? )?{_DATE}(?:\s+{_COUNT})?"
    rf"|(?:submitted|posted|shared) by .{{1,40}}|{_COUNT}(?:\s*{_WHAT})?|{_WHAT}:?\s*(?:{_COUNT})?|[\s–—-]*",
    re.IGNORECASE,
)
_WITH_DATE = re.compile(_DATE, re.IGNORECASE)
_VOTES = re.compile(
    rf"(?:{_DATE}\s+|(?:up-?)?votes?:?\s*)({_COUNT})(?![\w,])|({_COUNT})\s*(?:up-?)?votes?\b", re.IGNORECASE
)


def _meta(text: str) -> bool:
    """Whether a line is a date, a count, a bullet or several of them."""
    return len(text) <= SHORT * 2 and all(_META.fullmatch(part) for part in re.split(r"\s*[•·|]\s*", text))


def _listed(paragraphs: Sequence[Paragraph]) -> Iterator[Listed | Paragraph]:
    """Pairs in the order of the page; between them what is a title or an abstract alone, it seems."""
    open_item: Listed | None = None
    for paragraph, role in zip(paragraphs, _roles(paragraphs), strict=True):
        if role == TITLE:
            if open_item:
                yield open_item
            open_item = Listed(Paragraph(paragraph.line, _unglued(paragraph.text)), "")
        elif role == ABSTRACT and open_item:
            open_item.abstract = f"{open_item.abstract} {paragraph.text}".strip()
        elif role in (META, META_INSIDE) and open_item:
            _note(open_item, paragraph.text)
        elif len(paragraph.text) >= LONG:
            yield paragraph
    if open_item:
        yield open_item


def _note(item: Listed, text: str) -> None:
    date = _WITH_DATE.search(text)
    if date and item.published is None:
        item.published = date_of(date[0])
    votes = _VOTES.search(text)
    if votes and item.votes is None:
        item.votes = _number(votes[1] or votes[2])


def _number(text: str) -> int:
    """The count in `7`, `1,200` or `1.2k`."""
    if text[-1] in "kK":
        whole, _, tenths = text[:-1].replace(",", ".").partition(".")
        return int(whole) * 1000 + int(tenths[:1] or 0) * 100
    return int(re.sub(r"[.,]", "", text))


# A button's label stands glued to the first title where a page's text lost the break between them.
_GLUED = re.compile(r"(?:Subscribe|Unsubscribe|Sign ?[Uu]p|Upvote)(?=[A-Z])")


def _unglued(title: str) -> str:
    match = _GLUED.match(title)
    return title[match.end() :] if match else title


TITLE, ABSTRACT, FURNITURE, META, META_INSIDE = range(5)

_NEVER = 1e9
_NEXT = {
    TITLE: (ABSTRACT, META_INSIDE),
    META_INSIDE: (ABSTRACT, META_INSIDE),
    ABSTRACT: (TITLE, ABSTRACT, FURNITURE, META),
    FURNITURE: (TITLE, FURNITURE, META),
    META: (TITLE, FURNITURE, META),
}
_CONTINUED = 1.5
"""Costs of an abstract's second paragraph: less than a long one that is furniture, more than any good pair."""


def _roles(paragraphs: Sequence[Paragraph]) -> list[int]:
    """The cheapest roles in which each title has its abstract after it, with nothing but dates and counts between."""
    prose = [i for i, p in enumerate(paragraphs) if len(p.text) >= LONG]
    first, last = (prose[0], prose[-1]) if prose else (0, 0)
    best = {FURNITURE: 0.0}
    steps: list[dict[int, int]] = []
    for i, paragraph in enumerate(paragraphs):
        costs = _costs(paragraph.text, inside=first < i < last)
        step: dict[int, tuple[float, int]] = {}
        for before, spent in best.items():
            for role in _NEXT[before]:
                more = costs[role] + (_CONTINUED if before == role == ABSTRACT else 0)
                if more < _NEVER and (role not in step or spent + more < step[role][0]):
                    step[role] = (spent + more, before)
        best = {role: spent for role, (spent, _) in step.items()}
        steps.append({role: before for role, (_, before) in step.items()})
    return _way_back(best, steps)


def _way_back(best: dict[int, float], steps: list[dict[int, int]]) -> list[int]:
    role = min((r for r in best if r not in (TITLE, META_INSIDE)), key=lambda r: best[r], default=FURNITURE)
    roles: list[int] = []
    for step in reversed(steps):
        roles.append(role)
        role = step[role]
    return roles[::-1]


def _costs(text: str, *, inside: bool) -> tuple[float, ...]:
    """What it costs to take the text in each role; `inside` is between the first and the last long text."""
    if _meta(text):
        return (_NEVER, _NEVER, _NEVER, 0.0, 0.5)
    size = len(text)
    furniture = (3.0 if inside else 2.0) if size < MEDIUM else 3.0 if size < LONG else 6.0
    return (_title_cost(text), _abstract_cost(text), furniture, _NEVER, _NEVER)


_SENTENCE_END = re.compile(r"[.!?…][\"')\]”’]*$")


def _title_cost(text: str) -> float:
    size = len(text)
    cost = 0.0 if size < MEDIUM * 1.3 else 2.0 if size < LONG else 10.0
    if text.endswith(".") and not text.endswith("..."):
        cost += 1.0
    return cost + (1.0 if " " not in text and size < 8 else 0.0)


def _abstract_cost(text: str) -> float:
    size, ends = len(text), _SENTENCE_END.search(text) is not None
    if size >= LONG:
        return 0.0
    if size >= MEDIUM:
        return 0.5 if ends else 2.5
    if size >= SHORT and ends and text.count(" ") >= 8:
        return 4.5
    return 8.0
