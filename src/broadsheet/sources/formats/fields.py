"""What the readers of files share: numbered lines, drops with reasons, checked fields, names and dates."""

import calendar
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import BinaryIO, TypeVar

import orjson

from broadsheet.sources.arxiv_work import is_withdrawn
from broadsheet.text import canonical_id, one_line
from broadsheet.types import Author, Drop
from broadsheet.words.said import said

NOT_UTF8 = said("the entry is not UTF-8; convert the file, as with `iconv -f latin1 -t utf-8`")

MAX_LINE = 1 << 24
"""The longest line in bytes that is taken for a record; a longer one is no paper."""

BOM = b"\xef\xbb\xbf"

FIRST_NEWS = date(1900, 1, 1)
"""No edition has an earlier name."""

AHEAD = timedelta(days=31)
"""How far a clock may be behind a file; a day beyond would be the newest edition until it comes."""

_T = TypeVar("_T")


class BadRecord(ValueError):
    """One record of a file cannot be taken; `reason` is what a person reads."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Numbered lines with their ends, the first without a byte order mark, each cut at MAX_LINE bytes."""
    for number, line in enumerate(iter(partial(stream.readline, MAX_LINE), b""), 1):
        rest = line
        while len(rest) == MAX_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE)
        yield number, line.removeprefix(BOM) if number == 1 else line


def json_lines(stream: BinaryIO, origin: str, build: Callable[[dict[str, object]], _T]) -> Iterator[_T | Drop]:
    """What `build` makes of each line's JSON object, or the Drop that says why it cannot."""
    for number, line in lines(stream):
        try:
            yield build(json_object(line))
        except BadRecord as e:
            if not line.isspace():
                yield Drop(origin, line_of(number), e.reason)


def json_object(data: bytes | str) -> dict[str, object]:
    """The JSON object in `data`. Raises BadRecord for anything else."""
    if len(data) >= MAX_LINE:
        raise BadRecord(said("longer than %(most)s MB", most=MAX_LINE >> 20))
    try:
        doc = orjson.loads(data)
    except orjson.JSONDecodeError as e:
        raise BadRecord(_json_reason(data, e)) from None
    if not isinstance(doc, dict):
        raise BadRecord(said("%(kind)s, not a JSON object", kind=kind_of(doc)))
    return doc


def _json_reason(data: bytes | str, error: ValueError) -> str:
    if isinstance(data, bytes):
        try:
            data.decode()
        except UnicodeDecodeError as e:
            return said("not UTF-8 (byte %(byte)s at %(place)s)", byte=f"{data[e.start]:#04x}", place=str(e.start))
    return said("not valid JSON (%(why)s)", why=str(error).split(": line")[0])


def kind_of(value: object) -> str:
    """What a JSON value is, in words."""
    return _KINDS.get(type(value), said("a number"))


_KINDS: Mapping[type, str] = {
    str: said("a text"),
    bool: said("true or false"),
    dict: said("an object"),
    list: said("a list"),
    type(None): said("nothing"),
}


def line_of(number: int) -> str:
    """Where in a file a record stands."""
    return said("line %(number)s", number=str(number))


def text_field(doc: Mapping[str, object], name: str) -> str:
    """The text under `name` on one line, or "" where there is none. Raises BadRecord for other types."""
    value = doc.get(name)
    if isinstance(value, str):
        return one_line(value)
    if value is None:
        return ""
    raise BadRecord(said("its %(name)s is %(kind)s, not a text", name=name, kind=kind_of(value)))


def needed(doc: Mapping[str, object], name: str) -> str:
    """The text under `name`. Raises BadRecord where there is none."""
    value = text_field(doc, name)
    if not value:
        raise BadRecord(said("it has no %(name)s", name=name))
    return value


def arxiv_id(raw: str) -> str:
    """The canonical arXiv id. Raises BadRecord where it is none."""
    if _USUAL_ID.fullmatch(raw):
        return f"arxiv:{raw}"
    found = canonical_id(raw)
    if found is None or not found.startswith("arxiv:"):
        raise BadRecord(said("its id %(id)s is no arXiv id", id=repr(raw[:60])))
    return found


_USUAL_ID = re.compile(r"[0-9]{2}(?:0[1-9]|1[0-2])\.[0-9]{4,5}")


def of_our_time(day: date, now: datetime) -> date:
    """A day of news that can be an edition. Raises BadRecord for one that has not come, or of before all editions."""
    if not FIRST_NEWS <= day <= now.date() + AHEAD:
        raise BadRecord(said("its day %(day)s is none on which it can have been news", day=day.isoformat()))
    return day


def id_of(raw: str, *schemes: str) -> tuple[str, ...]:
    """The canonical id in a field that may hold one, if it is of one of the schemes (of any where none is named)."""
    found = canonical_id(raw.strip()) if raw else None
    return (found,) if found and (not schemes or found.split(":")[0] in schemes) else ()


def withdrawn(comment: str, abstract: str) -> bool:
    """Whether arXiv's comment or abstract say so; most papers are let through without a look at the wording."""
    return ("ithdraw" in comment or "ithdraw" in abstract) and is_withdrawn(comment, abstract)


def category(word: str) -> bool:
    """Whether a word has the shape of an arXiv category; MSC and ACM classes have not."""
    return _CATEGORY.fullmatch(word) is not None


_CATEGORY = re.compile(r"[a-z-]+(\.[A-Za-z-]+)?")


_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|v)\.?", re.IGNORECASE)


def author(name: str) -> Author | None:
    """The Author of a name in any order, such as `Family, Given` or `Family, Jr., Given`; None for an empty one."""
    parts = [one_line(part) for part in name.split(",")]
    if len(parts) == 2:
        parts = [parts[1], parts[0]]
    elif len(parts) == 3:  # BibTeX has the suffix before the given names, RIS after them
        given, suffix = (1, 2) if _SUFFIX.fullmatch(parts[2]) else (2, 1)
        parts = [parts[given], parts[0], parts[suffix]]
    whole = one_line(" ".join(parts))
    return Author(whole) if whole else None


def year_month_day(year: object, month: object = None, day: object = None) -> datetime | None:
    """Midnight UTC of a date whose month and day may be missing (then the first); None where it is no date."""
    y, m, d = _whole(year), _whole(month), _whole(day)
    if y is None or not 1000 <= y <= 9998:
        return None
    try:
        return datetime(y, m or 1, (d or 1) if m else 1, tzinfo=UTC)
    except ValueError:
        return datetime(y, 1, 1, tzinfo=UTC)


def _whole(value: object) -> int | None:
    match = _DIGITS.search(str(value)) if isinstance(value, str | int | float) else None
    return int(match[0]) if match else None


_DIGITS = re.compile(r"[0-9]{1,4}")

_MONTHS = {name.lower(): i for i, name in enumerate(calendar.month_abbr) if i}


def month_number(text: str) -> int | None:
    """1 to 12 of a month's name, its first three letters or its number; None where it is none."""
    named = _MONTHS.get(text.strip()[:3].lower())
    number = _whole(text) if named is None else named
    return number if number and 1 <= number <= 12 else None


def date_of(text: str) -> datetime | None:
    """Midnight UTC of `2020`, `2020-3`, `2020/03/15/…`, `15 March 2020` or `Mar 15, 2020`; None where it is none."""
    numeric = _NUMERIC.match(text.strip())
    if numeric:
        return year_month_day(*numeric.groups())
    year, month = _YEAR.search(text), _MONTH.search(text)
    if year is None:
        return None
    rest = text[: year.start()] + " " + text[year.end() :]
    return year_month_day(year[0], month_number(month[0]) if month else None, rest if month else None)


_NUMERIC = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})?(?:[-/.]([0-9]{1,2})?)?)?(?![0-9])")
_YEAR = re.compile(r"(?<![0-9])[12][0-9]{3}(?![0-9])")
_MONTH = re.compile(r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*", re.IGNORECASE)
