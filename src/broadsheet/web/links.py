"""Links and licences of a paper as a page shows them: by kind, with the place that each leads to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Final
from urllib.parse import urlsplit

from broadsheet.types import Link
from broadsheet.words.said import said

_NAMES: Final[dict[str, str]] = {
    "abstract": said("Abstract page"),
    "pdf": "PDF",
    "html": "HTML",
    "code": said("Code"),
    "project": said("Project page"),
    "data": said("Data"),
    "model": said("Model"),
    "demo": "Demo",
    "discussion": said("Discussion"),
    "media": said("Picture or video"),
    "other": said("Other"),
}
_OF_PEOPLE: Final = frozenset(("github.com", "gitlab.com", "huggingface.co", "codeberg.org", "bitbucket.org"))
_CREATIVE_COMMONS: Final = re.compile(r"creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/([0-9.]+)")


@dataclass(frozen=True, slots=True)
class Place:
    """An address and where it leads, short."""

    url: str
    where: str


def by_kind(links: Iterable[Link]) -> tuple[tuple[str, tuple[Place, ...]], ...]:
    """The links under the names of their kinds, in the order in which they come; what is no web address is left out."""
    web = [link for link in links if urlsplit(link.url).scheme in ("http", "https")]
    return tuple(
        (_NAMES[kind], tuple(Place(link.url, where(link.url)) for link in some))
        for kind, some in groupby(web, key=lambda link: link.kind)
    )


def where(url: str) -> str:
    """The host of an address, and whose or what it is where hosts are shared: `github.com/someone/thing`."""
    parts = urlsplit(url)
    host = parts.netloc.removeprefix("www.")
    path = [step for step in parts.path.split("/") if step]
    return "/".join([host, *path[:2]]) if host in _OF_PEOPLE else host


def licence_name(licence: str) -> str:
    """A licence as people call it, where its address is known; else as the source wrote it."""
    found = _CREATIVE_COMMONS.search(licence)
    if found:
        kind = {"zero": "CC0", "mark": "Public domain"}.get(found[2], f"CC {found[2].upper()}")
        return f"{kind} {found[3]}"
    if "arxiv.org/licenses/nonexclusive-distrib" in licence:
        return said("arXiv’s licence to distribute")
    return licence
