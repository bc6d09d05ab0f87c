"""Sentences as the store keeps them: with what they were made of, so that each reader has them in their language.

A text that was not made by `said` or `counted` is kept as it is, and so is read what was kept before sentences were.
"""

from datetime import date
from typing import Any, Final

import orjson

from broadsheet.words.said import Listed, Month, Row, Said, ShortDay, counted, said

_HEAD: Final = '{"said":'
"""How a sentence in a column of text begins; no sentence that is kept as it is does."""


def kept(text: str) -> object:
    """A text as a value of JSON."""
    if not isinstance(text, Said):
        return text
    values = {name: _kept(value) for name, value in text.values.items()}
    if text.plural == text.message:
        return {"said": text.message, "with": values}
    return {"said": text.message, "many": text.plural, "number": text.number, "with": values}


def heard(value: object) -> str:
    """The text that was kept as this value."""
    if not isinstance(value, dict):
        return str(value)
    values = {name: _heard(one) for name, one in value["with"].items()}
    if "many" in value:
        return counted(value["said"], value["many"], value["number"], **{n: v for n, v in values.items() if n != "num"})
    return said(value["said"], **values)


def to_column(text: str | None) -> str | None:
    """A text for a column of text."""
    return orjson.dumps(kept(text)).decode() if isinstance(text, Said) else text


def from_column(text: str | None) -> str | None:
    """What `to_column` made, or a text of before it."""
    return heard(orjson.loads(text)) if text and text.startswith(_HEAD) else text


def _kept(value: object) -> object:
    match value:
        case Month(day):
            return {"month": day.isoformat()}
        case ShortDay(day):
            return {"short_day": day.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case Listed(items):
            return {"listed": [kept(item) for item in items]}
        case Row(items):
            return {"row": [kept(item) for item in items]}
        case str():
            return kept(value)
    return value


def _heard(value: Any) -> object:
    match value:
        case {"month": day}:
            return Month(date.fromisoformat(day))
        case {"short_day": day}:
            return ShortDay(date.fromisoformat(day))
        case {"day": day}:
            return date.fromisoformat(day)
        case {"listed": items}:
            return Listed(tuple(map(heard, items)))
        case {"row": items}:
            return Row(tuple(map(heard, items)))
        case {"said": _}:
            return heard(value)
    return value
