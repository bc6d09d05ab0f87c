"""JSON Feed 1.1. What the format has no field for is under `_broadsheet`: key, ids, links by kind, votes."""

from typing import Any

import orjson

from broadsheet.feeds.entry import Entry, clean, entries_of, names_of, rfc3339
from broadsheet.feeds.record import Feed

TYPE = "application/feed+json"
VERSION = "https://jsonfeed.org/version/1.1"


def to_json_feed(feed: Feed) -> bytes:
    """The feed as a JSON document."""
    doc = {
        "version": VERSION,
        "title": clean(feed.title),
        "home_page_url": feed.page,
        "feed_url": feed.url,
        "description": clean(feed.description),
        "icon": f"{feed.site.address}/static/icon.svg",
        "language": "en",
        "next_url": feed.after,
        "hubs": [{"type": "WebSub", "url": feed.hub}] if feed.hub else None,
    }
    said = {name: value for name, value in doc.items() if value}
    return orjson.dumps({**said, "items": [_item(entry) for entry in entries_of(feed)]}) + b"\n"


def _item(entry: Entry) -> dict[str, Any]:
    paper = entry.paper
    outside = next((link.url for link in entry.links if link.kind in ("abstract", "discussion")), None)
    fields = {
        "id": entry.id,
        "url": entry.page,
        "external_url": outside,
        "title": entry.title,
        "content_html": entry.content or "<p></p>",
        "date_published": rfc3339(entry.published),
        "date_modified": rfc3339(entry.updated),
        "authors": [{"name": name} for name in names_of(entry)],
        "tags": list(entry.categories),
        "_broadsheet": {
            "key": clean(paper.key),
            "ids": [clean(alias) for alias in paper.aliases],
            "links": [{"kind": link.kind, "url": link.url} for link in entry.links],
            "votes": entry.votes,
        },
    }
    return {name: value for name, value in fields.items() if value}
