"""A sentence in English that remembers how it was made, so that a face can say it in another language.

The library and the pure parts say what they have to say with `said` and know nothing of languages. To commands, feeds
and JSON the sentence is a plain text; pages and mails hand it to `Words.say`.
"""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct


class Month(Struct, frozen=True):
    """The month of a day, as a value of a sentence."""

    day: date


class ShortDay(Struct, frozen=True):
    """A day without its name, as a value of a sentence."""

    day: date


class Listed(Struct, frozen=True):
    """Several things, as a value of a sentence: `a, b and c`."""

    items: tuple[str, ...]

    def __str__(self) -> str:
        *first, last = self.items
        return f"{', '.join(first)} and {last}" if first else last


class Row(Struct, frozen=True):
    """Sentences one after the other, as a value of a sentence: `a; b`."""

    items: tuple[str, ...]

    def __str__(self) -> str:
        return "; ".join(self.items)


class Said(str):
    """An English sentence with what it was made of: the message, its plural and the number that chooses, the values."""

    __slots__ = ("message", "number", "plural", "values")

    message: str
    plural: str
    number: int
    values: dict[str, object]


def said(message: str, /, **values: object) -> Said:
    """The sentence of a message with `%(name)s` places. Without values the message is taken as it is written."""
    return _made(message, message, 1, values)


def counted(one: str, many: str, number: int, /, **values: object) -> Said:
    """The sentence that fits a number, which stands at `%(num)s`."""
    return _made(one, many, number, {"num": number, **values})


def in_a_row(sentences: Iterable[str]) -> Said:
    """Sentences one after the other, as one."""
    return said("%(told)s", told=Row(tuple(sentences)))


def _made(one: str, many: str, number: int, values: dict[str, object]) -> Said:
    message = one if number == 1 else many
    text = message % {n: v if type(v) is str else _english(v) for n, v in values.items()} if values else message
    made = Said(text)
    made.message, made.plural, made.number, made.values = one, many, number, values
    return made


def _english(value: object) -> object:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.1f}"
    if isinstance(value, date):
        return f"{value:%A}, {value.day} {value:%B} {value.year}"
    if isinstance(value, ShortDay):
        return f"{value.day.day} {value.day:%B} {value.day.year}"
    if isinstance(value, Month):
        return f"{value.day:%B} {value.day.year}"
    return value
