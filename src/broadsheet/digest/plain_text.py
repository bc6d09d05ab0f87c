"""The text part of a mail: what a person would type, in lines that any terminal shows. Pure."""

import textwrap
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from broadsheet.digest.content import Content, Item
from broadsheet.words.catalogue import Words

WIDTH: Final = 72


def digest_text(content: Content, page: str, unsubscribe: str, heading: str, because: str, words: Words) -> str:
    """A digest. `page`: its page, on which papers can be marked."""
    lines = [heading, "=" * min(len(heading), WIDTH), ""]
    if content.note:
        lines += [*_wrapped(content.note), ""]
    for section in content.sections:
        lines += [section.title.upper(), ""]
        if section.note:
            lines += [*_wrapped(section.note), ""]
        for item in section.items:
            lines += [*_item(item), ""]
    lines += ["-- ", words.gettext("Mark papers, and see this digest as a page:"), page, ""] if page else ["-- "]
    lines += _wrapped(because)
    if unsubscribe:
        lines += [words.gettext("Unsubscribe:"), unsubscribe]
    return "\n".join(lines) + "\n"


def notice_text(sentence: str, link: str, otherwise: str) -> str:
    """A mail that asks for one click."""
    return "\n".join([*_wrapped(sentence), "", link, "", *_wrapped(otherwise)]) + "\n"


def _item(item: Item) -> Iterator[str]:
    number = f"{item.number}."
    yield from _wrapped(f"{number:<4}{item.title}", "    ")
    if item.authors:
        yield from _wrapped(f"    {item.authors}", "    ")
    if item.text:
        yield ""
        yield from _wrapped(f"    {item.text}", "    ")
        yield ""
    why = "; ".join(item.why)
    if item.interest or why:
        told = f"{item.interest} · {why}" if item.interest and why else item.interest or why
        yield from _wrapped(f"    > {told}", "      ")
    for kind, url in item.links[:2]:
        yield f"    {kind}: {url}"


@lru_cache(maxsize=4096)
def _wrapped(text: str, indent: str = "") -> Sequence[str]:
    """Kept, as many digests have the same papers, and breaking lines takes longer than all else of this part."""
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]
