"""A digest as a short message for chats and telephones: titles, why, and links to the papers' pages. Pure.

Its links act for nobody, as everybody in a channel sees them.
"""

from collections.abc import Callable
from typing import Final

from broadsheet.digest.content import Content, Item
from broadsheet.words.catalogue import Words

MOST: Final = 12
"""Papers; what is longer is cut off by some services, and read by nobody."""


def bulletin(content: Content, page_of: Callable[[str], str], archive: str, words: Words) -> str:
    """The message, as Markdown. `content` is in the language of `words` already."""
    lines: list[str] = []
    left = MOST
    for section in content.sections:
        shown = section.items[:left]
        if shown:
            lines += [f"**{section.title}**", "", *(_line(item, page_of(item.key)) for item in shown), ""]
        left -= len(shown)
    more = len(list(content.items)) - (MOST - left)
    if more > 0:
        lines += [f"[{words.gettext('+ %(more)s more') % {'more': more}}]({archive})", ""]
    if content.note:
        lines += [content.note, ""]
    return "\n".join(lines).strip() + "\n"


def _line(item: Item, page: str) -> str:
    told = (_plain(item.authors), _plain("; ".join(item.why)))
    return " · ".join((f"- [{_plain(item.title)}]({page})", *filter(None, told)))


def _plain(text: str) -> str:
    """Text in which nothing is markup."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>#|" else c for c in " ".join(text.split()))
