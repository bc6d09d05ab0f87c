"""OPML 2.0: a list of feeds that a reader's program subscribes to at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from broadsheet.feeds.xml import Element, add, document

TYPE = "text/x-opml"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A feed that is offered: its group and title, what it brings, its address, and the page that people read."""

    group: str
    title: str
    about: str
    url: str
    page: str


def to_opml(title: str, offered: Sequence[Subscription]) -> bytes:
    """The feeds under their groups, in the order given."""
    root = Element("opml", {"version": "2.0"})
    head = add(root, "head")
    add(head, "title", title)
    add(head, "docs", "https://opml.org/spec2.opml")
    body = add(root, "body")
    for group in dict.fromkeys(one.group for one in offered):
        outline = add(body, "outline", text=group, title=group)
        for one in offered:
            if one.group == group:
                _add(outline, one)
    return document(root)


def _add(parent: Element, one: Subscription) -> None:
    about = {"text": one.title, "title": one.title, "description": one.about}
    add(parent, "outline", type="rss", **about, xmlUrl=one.url, htmlUrl=one.page)
