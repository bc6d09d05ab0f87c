"""What every format says of a paper: id, times, names, addresses, and its text as plain HTML."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from urllib.parse import quote, urlsplit, urlunsplit

from broadsheet.feeds.record import Feed, Item, Site
from broadsheet.text import plain
from broadsheet.types import Link, Paper

MOST_AUTHORS = 20
"""Collaborations have thousands; a feed of a hundred papers must stay one that a telephone reads."""

MOST_LINKS = 12
LONGEST_ABSTRACT = 8_000
"""Characters: several times the longest abstract that arXiv takes. Imported files may hold whole texts there."""

_NEWS = frozenset(("new", "cross", "listed", "featured"))
_REPLACED = frozenset(("replace", "replace-cross"))
# What XML 1.0 cannot hold, in any notation (production 2 of its grammar).
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_IN_HOST, _IN_PATH, _IN_QUERY = "%:[]@!$&'()*+,;=", "%/:@!$&'()*+,;=", "%/:@!$&'()*+,;=?"
_LONE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Entry:
    """A paper as its entry tells it. `authors` are the first, `more` how many were left out. Texts are plain."""

    id: str
    page: str
    title: str
    authors: tuple[str, ...]
    more: int
    published: datetime
    updated: datetime
    categories: tuple[str, ...]
    links: tuple[Link, ...]
    content: str
    licence: str
    paper: Paper
    votes: int | None


def entries_of(feed: Feed) -> list[Entry]:
    """The feed's entries in its order; a paper that is listed twice has one."""
    once = {item.paper.key: item for item in reversed(feed.items)}
    return [_entry(item, feed.site) for item in feed.items if once[item.paper.key] is item]


def updated_of(feed: Feed, entries: list[Entry]) -> datetime:
    """When the feed last had news."""
    return max((entry.updated for entry in entries), default=feed.changed)


def rfc3339(at: datetime) -> str:
    """A time as Atom and JSON Feed write it, in UTC to the second."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def clean(text: str) -> str:
    """The text without the characters that XML has no way to write."""
    return _FORBIDDEN.sub("", text)


def readable(tex: str) -> str:
    """Text of a paper on one line, formulas in plain characters."""
    return " ".join(clean(plain(clean(tex))).split())


def web_address(url: str) -> str:
    """The address in ASCII with nothing that a URI may not hold; empty where it is none of the web."""
    try:
        parts = urlsplit(clean(url).strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    if not usable:
        return ""
    host, path = quote(parts.netloc, safe=_IN_HOST), quote(parts.path, safe=_IN_PATH)
    rest = (quote(part, safe=_IN_QUERY) for part in (parts.query, parts.fragment))
    return _LONE_PERCENT.sub("%25", urlunsplit((parts.scheme, host, path, *rest)))


def _entry(item: Item, site: Site) -> Entry:
    paper = item.paper
    published = _published(paper)
    names = tuple(name for author in paper.authors if (name := readable(author.name)))
    links = _links(paper)
    return Entry(
        id=site.tag(paper.key),
        page=site.page_of(paper),
        title=readable(paper.title) or "Untitled",
        authors=names[:MOST_AUTHORS],
        more=max(len(names) - MOST_AUTHORS, 0),
        published=published,
        updated=_updated(paper, published),
        categories=tuple(dict.fromkeys(c for category in paper.categories if (c := readable(category)))),
        links=links,
        content="".join(_paragraphs(paper, names, links)),
        licence=clean(paper.licence or ""),
        paper=paper,
        votes=item.votes,
    )


def _published(paper: Paper) -> datetime:
    """The beginning of the first day that it was news; where no day is known, when it came out, or came here."""
    day = min((a.day for a in paper.announcements if a.kind in _NEWS), default=None)
    return datetime.combine(day, time(), UTC) if day else paper.published or paper.added


def _updated(paper: Paper, published: datetime) -> datetime:
    """When its last version came."""
    replaced = [datetime.combine(a.day, time(), UTC) for a in paper.announcements if a.kind in _REPLACED]
    dated = [version.date for version in paper.versions if version.date]
    return max([published, *replaced, *dated, *([paper.updated] if paper.updated else [])])


def _links(paper: Paper) -> tuple[Link, ...]:
    cleaned = {address: Link(link.kind, address) for link in paper.links if (address := web_address(link.url))}
    return tuple(cleaned.values())[:MOST_LINKS]


def _paragraphs(paper: Paper, names: tuple[str, ...], links: tuple[Link, ...]) -> Iterator[str]:
    if names:
        yield _paragraph(", ".join(names[:MOST_AUTHORS]) + _others(len(names) - MOST_AUTHORS))
    if paper.withdrawn:
        yield _paragraph("The authors have withdrawn this paper.")
    abstract = readable(paper.abstract)
    if len(abstract) > LONGEST_ABSTRACT:
        abstract = abstract[:LONGEST_ABSTRACT].rsplit(" ", 1)[0] + " …"
    if abstract:
        yield _paragraph(abstract)
    about = [readable(paper.venue or ""), readable(paper.comment or ""), _last_version(paper)]
    if any(about):
        yield _paragraph(" · ".join(part for part in about if part))
    if links:
        shown = (f'<a href="{html.escape(link.url)}">{html.escape(link.kind)}</a>' for link in links)
        yield f"<p>{' · '.join(shown)}</p>"


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text, quote=False)}</p>"


def _others(count: int) -> str:
    return f" and {count:,} more" if count > 0 else ""


def _last_version(paper: Paper) -> str:
    last = max(paper.versions, key=lambda version: version.number, default=None)
    if last is None or last.number < 2:
        return ""
    return f"version {last.number}" + (f" of {last.date.date().isoformat()}" if last.date else "")


def names_of(entry: Entry) -> Iterator[str]:
    """The names of an entry's authors; the last says how many were left out."""
    yield from entry.authors
    if entry.more:
        yield f"and {entry.more:,} more"
