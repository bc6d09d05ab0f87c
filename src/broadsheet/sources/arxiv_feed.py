"""arXiv's daily feeds, Atom and RSS: the day's list, with abstracts, in one request.

info.arxiv.org/help/rss.html: rebuilt at midnight Eastern, empty at weekends and after holidays, at most 2,000 items.
The announcement day is the item's own date, never our clock's.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal, get_args
from xml.etree.ElementTree import Element

from broadsheet.config import Settings
from broadsheet.errors import FormatError
from broadsheet.sources import arxiv_calendar as calendar
from broadsheet.sources import arxiv_work, xmltree
from broadsheet.sources.address import completed
from broadsheet.sources.contract import Ask, Get
from broadsheet.text import one_line
from broadsheet.types import Announcement, Author, Batch, Drop, Record, Version
from broadsheet.words.said import said

NAME = "arxiv"
GROUP = "arxiv"
FULL = 2000  # arXiv's limit for one feed
ACCEPT = "application/atom+xml, application/rss+xml, text/xml"
TOGETHER = 10  # categories in one request, so that an address stays short
AGAIN_AFTER = timedelta(hours=6)  # an announcement can be late; an unchanged feed costs one empty answer

AnnounceType = Literal["new", "cross", "replace", "replace-cross"]
_SUMMARY = re.compile(r"\s*arXiv:\S+\s+Announce Type:\s*(?P<type>[\w-]+)\s+Abstract:\s*(?P<abstract>.*)", re.DOTALL)
_FEED_ERROR = "feed error for query"


@dataclass(frozen=True, slots=True)
class Feed:
    """A parsed feed. `day` is the feed's own date, where it has one; `items` how many it lists."""

    records: tuple[Record, ...]
    drops: tuple[Drop, ...]
    items: int
    day: date | None


def due(last_ok: datetime | None, now: datetime, _settings: Settings) -> bool:
    """When nothing was asked since the last announcement, and once more some hours after it, should it be late."""
    if last_ok is None:
        return True
    announced = calendar.last_announcement(now)
    return last_ok < announced or (last_ok < announced + AGAIN_AFTER <= now)


def fetch(get: Get, ask: Ask) -> Iterator[Batch]:
    """The feeds of all categories; a feed that is full is asked again in halves."""
    categories = ask.categories or ask.settings.arxiv.categories
    todo = [tuple(categories[at : at + TOGETHER]) for at in range(0, len(categories), TOGETHER)]
    cursor = dict(ask.cursor)
    while todo:
        group = todo.pop(0)
        batch = _fetch_one(get, ask, group, cursor)
        cursor = dict(batch.cursor)
        yield batch
        if (batch.announced or 0) >= FULL and len(group) > 1:
            half = len(group) // 2
            todo[:0] = [group[:half], group[half:]]


def _fetch_one(get: Get, ask: Ask, group: Sequence[str], cursor: dict[str, str]) -> Batch:
    query = "+".join(group)
    url = f"{completed(ask.settings.arxiv.feed_url, ('/atom', '/rss'))}/{query}"
    etag_key, day_key = f"etag:{query}", f"day:{query}"
    answer = get(url, host=GROUP, etag=cursor.get(etag_key), accept=ACCEPT)
    if answer.status == 304:
        before = cursor.get(day_key)
        note = said("unchanged since the feed of %(day)s", day=before) if before else said("unchanged")
        return Batch(cursor=cursor, note=note, state="unchanged")
    feed = parse(answer.body, now=ask.now, query=query)
    day = feed.day or calendar.eastern_day(ask.now)
    if not feed.items:
        return _nothing(cursor, day)
    cursor = cursor | {day_key: f"{day}", etag_key: ""}  # emptied, not left out: a store may only add
    if feed.items >= FULL:  # not remembered as seen: its halves are still to come
        note = said("the feed of %(query)s is full (%(n)s items): arxiv-oai brings the rest", query=query, n=feed.items)
        return Batch(feed.records, feed.drops, cursor, feed.items, note)
    if answer.etag:
        cursor[etag_key] = answer.etag
    return Batch(feed.records, feed.drops, cursor, feed.items)


def _nothing(cursor: dict[str, str], day: date) -> Batch:
    reason = calendar.why_empty(day)
    if reason:
        note = said("no papers on %(day)s: %(reason)s", day=f"{day}", reason=reason)
        return Batch(cursor=cursor, announced=0, note=note, state="holiday")
    note = said("the feed of %(day)s has no papers", day=f"{day}")
    return Batch(cursor=cursor, announced=0, note=note, state="empty")


def parse(body: bytes, *, now: datetime, query: str = "") -> Feed:
    """Read an Atom or RSS feed. Raises FormatError where it is none; an item that cannot be read is dropped."""
    subject = f"arxiv feed {query}".rstrip()
    root = xmltree.parse(body, subject)
    channel, items = _items(root, subject)
    title = xmltree.text(channel, "title")
    if _FEED_ERROR in title.lower():
        told = xmltree.text(channel, "description") or xmltree.text(channel, "subtitle") or title
        raise FormatError(
            subject, said("arXiv refuses the query (%(told)s)", told=told), "check the categories", permanent=True
        )
    records, drops = [], []
    for number, item in enumerate(items, 1):
        read = _record(item, now)
        if isinstance(read, Record):
            records.append(read)
        else:
            drops.append(Drop(NAME, _place(item, number), read))
    return Feed(tuple(records), tuple(drops), len(items), _feed_day(channel, records))


def _items(root: Element, subject: str) -> tuple[Element, list[Element]]:
    kind = xmltree.local(root)
    if kind == "feed":
        return root, xmltree.children(root, "entry")
    channel = xmltree.child(root, "channel")
    if kind in {"rss", "RDF"} and channel is not None:
        return channel, xmltree.children(channel, "item") or xmltree.children(root, "item")
    raise FormatError(subject, said("answered <%(what)s> instead of a feed", what=kind), "check arxiv.feed_url")


def _feed_day(channel: Element, records: Sequence[Record]) -> date | None:
    if records:
        return max(a.day for record in records for a in record.announcements)
    for name in ("updated", "pubDate", "lastBuildDate"):
        moment = _moment(xmltree.text(channel, name))
        if moment:  # built at midnight Eastern, which is the same day in UTC
            return moment.astimezone(UTC).date()
    return None


def _place(item: Element, number: int) -> str:
    named = xmltree.text(item, "id") or xmltree.text(item, "guid") or xmltree.text(item, "link")
    return f"item {number} ({named})" if named else f"item {number}"


def _record(item: Element, now: datetime) -> Record | str:
    """The record of one item, or why it cannot be read."""
    raw_id = xmltree.text(item, "id") or xmltree.text(item, "guid") or _link(item)
    arxiv_id, version = arxiv_work.bare_id(raw_id)
    dois = arxiv_work.split_dois(xmltree.text(item, "DOI") or xmltree.text(item, "doi"))
    ids = arxiv_work.ids(arxiv_id, dois)
    if not ids:
        return f"no arXiv id in {raw_id!r}" if raw_id else "no id"
    title = xmltree.text(item, "title")
    if not title:
        return "no title"
    moment = _moment(xmltree.text(item, "published") or xmltree.text(item, "pubDate"))
    if moment is None:
        return "no announcement date"
    kind, abstract = _summary(item)
    if kind is None:
        return "no announce type that arXiv knows"
    announced = Announcement(NAME, moment.date(), kind)
    utc = moment.astimezone(UTC)
    return Record(
        source=NAME,
        seen=now,
        ids=ids,
        title=title,
        abstract=abstract,
        authors=_authors(item),
        categories=_categories(item),
        published=utc if kind == "new" else None,
        updated=utc if kind.startswith("replace") else None,
        versions=(Version(version),) if version else (),
        announcements=(announced,),
        venue=xmltree.text(item, "journal_reference") or None,
        licence=xmltree.text(item, "rights") or None,
        withdrawn=arxiv_work.is_withdrawn("", abstract),
    )


def _link(item: Element) -> str:
    found = xmltree.child(item, "link")
    return (found.get("href") or xmltree.text(item, "link")) if found is not None else ""


def _summary(item: Element) -> tuple[AnnounceType | None, str]:
    summary = xmltree.child(item, "summary")
    summary = summary if summary is not None else xmltree.child(item, "description")
    whole = "".join(summary.itertext()) if summary is not None else ""
    found = _SUMMARY.fullmatch(whole)
    kind = xmltree.text(item, "announce_type") or (found["type"] if found else "")
    abstract = one_line(found["abstract"] if found else whole)
    return next((known for known in get_args(AnnounceType) if known == kind.lower()), None), abstract


def _authors(item: Element) -> tuple[Author, ...]:
    lines = xmltree.texts(item, "creator")
    lines += [xmltree.text(author, "name") for author in xmltree.children(item, "author")]
    return tuple(author for line in lines for author in arxiv_work.split_names(line))


def _categories(item: Element) -> tuple[str, ...]:
    named = (one_line(c.get("term") or c.text or "") for c in xmltree.children(item, "category"))
    return tuple(dict.fromkeys(name for name in named if name))


def _moment(value: str) -> datetime | None:
    """An ISO or RFC 822 date; one without a zone is arXiv's."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(value)
        except (ValueError, TypeError, IndexError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=calendar.EASTERN)
    return None
