"""Sentences that one face says otherwise than the others: a page knows of no options, and a shell of no buttons."""

from collections.abc import Mapping

from broadsheet.words.said import Listed, Row, Said, counted, said


def reworded(text: str, instead: Mapping[str, str]) -> str:
    """The sentence with its message, and those within its values, replaced where `instead` has others for them."""
    if not isinstance(text, Said) or not instead:
        return text
    values = {name: _value(value, instead) for name, value in text.values.items()}
    if other := instead.get(text.message):
        return said(other, **values)
    if all(value is text.values[name] for name, value in values.items()):
        return text
    if text.plural == text.message:
        return said(text.message, **values)
    return counted(text.message, text.plural, text.number, **{n: v for n, v in values.items() if n != "num"})


def _value(value: object, instead: Mapping[str, str]) -> object:
    if isinstance(value, Listed | Row):
        items = tuple(reworded(item, instead) for item in value.items)
        same = all(map(lambda one, other: one is other, items, value.items))
        return value if same else type(value)(items)
    return reworded(value, instead) if isinstance(value, str) else value
