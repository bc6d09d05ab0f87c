"""RSS 2.0, with Dublin Core for authors (RSS's own field asks for mail addresses) and Atom's self link and update."""

from email.utils import format_datetime

from broadsheet.feeds.entry import Entry, clean, entries_of, names_of, rfc3339, updated_of
from broadsheet.feeds.record import Feed
from broadsheet.feeds.xml import Element, add, document

TYPE = "application/rss+xml"
MINUTES = 60
"""How long a reader's program may keep the feed before it asks again: sources are asked every few hours."""

_PREFIXES = {"xmlns:atom": "http://www.w3.org/2005/Atom", "xmlns:dc": "http://purl.org/dc/elements/1.1/"}


def to_rss(feed: Feed) -> bytes:
    """The feed as an RSS document."""
    entries = entries_of(feed)
    root = Element("rss", {"version": "2.0", **_PREFIXES})
    channel = add(root, "channel")
    add(channel, "title", feed.title)
    add(channel, "link", feed.page)
    add(channel, "description", clean(feed.description).strip() or feed.title)
    add(channel, "language", "en")
    add(channel, "lastBuildDate", format_datetime(updated_of(feed, entries)))
    add(channel, "generator", f"Broadsheet {feed.site.version}".strip())
    add(channel, "docs", "https://www.rssboard.org/rss-specification")
    add(channel, "ttl", str(MINUTES))
    links = {"self": feed.url, "previous": feed.before, "next": feed.after}
    for rel, address in links.items():
        if address:
            add(channel, "atom:link", rel=rel, type=TYPE, href=address)
    if feed.hub:
        add(channel, "atom:link", rel="hub", href=feed.hub)
    for entry in entries:
        _add_item(channel, entry)
    return document(root)


def _add_item(channel: Element, entry: Entry) -> None:
    node = add(channel, "item")
    add(node, "title", entry.title)
    add(node, "link", entry.page)
    add(node, "guid", entry.id, isPermaLink="false")
    add(node, "pubDate", format_datetime(entry.published))
    add(node, "atom:updated", rfc3339(entry.updated))
    for name in names_of(entry):
        add(node, "dc:creator", name)
    for category in entry.categories:
        add(node, "category", category)
    if entry.licence:
        add(node, "dc:rights", entry.licence)
    add(node, "description", entry.content)
