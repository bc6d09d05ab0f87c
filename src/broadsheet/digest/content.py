"""What a digest holds, frozen: whatever becomes of papers and interests, it can be shown as it was sent."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson

from broadsheet.words.said import said


@dataclass(frozen=True, slots=True)
class Item:
    """A paper of a digest, readable. `links`: kind and address. `number`: from 1, through all sections."""

    number: int
    key: str
    title: str
    authors: str
    text: str
    links: tuple[tuple[str, str], ...]
    categories: tuple[str, ...]
    why: tuple[str, ...]
    interest: str | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a digest; `note` says why it is empty, or what else is to know."""

    name: str
    title: str
    items: tuple[Item, ...]
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """A digest. `note`: why there is nothing in it, or that it makes up for some that were missed."""

    edition: str
    day: date
    sections: tuple[Section, ...]
    note: str | None = None

    @property
    def items(self) -> Iterator[Item]:
        """All its papers, in order."""
        return (item for section in self.sections for item in section.items)


def in_words(content: Content, say: Callable[[str], str]) -> Content:
    """A digest in one language, in which it is frozen."""

    def maybe(text: str | None) -> str | None:
        return say(text) if text else text

    def item(one: Item) -> Item:
        links = tuple((say(said(kind)), url) for kind, url in one.links)
        why = tuple(map(say, one.why))
        return replace(one, authors=say(one.authors), why=why, links=links, interest=maybe(one.interest))

    sections = tuple(
        replace(one, title=say(one.title), items=tuple(item(each) for each in one.items), note=maybe(one.note))
        for one in content.sections
    )
    return replace(content, sections=sections, note=maybe(content.note))


def to_json(content: Content) -> str:
    """The text that is kept."""
    return orjson.dumps(content).decode()


def from_json(text: str) -> Content:
    """The digest of a kept text."""
    doc = orjson.loads(text)
    sections = tuple(
        Section(s["name"], s["title"], tuple(_item(item) for item in s["items"]), s["note"]) for s in doc["sections"]
    )
    return Content(doc["edition"], date.fromisoformat(doc["day"]), sections, doc["note"])


def _item(doc: dict[str, Any]) -> Item:
    lists = {"links": tuple((kind, url) for kind, url in doc["links"])}
    return Item(**{**doc, **lists, "categories": tuple(doc["categories"]), "why": tuple(doc["why"])})
