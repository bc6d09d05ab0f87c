"""Atom 1.0 (RFC 4287), with links to the neighbouring pieces of a long list (RFC 5005)."""

from broadsheet.feeds.entry import Entry, entries_of, names_of, rfc3339, updated_of
from broadsheet.feeds.record import Feed
from broadsheet.feeds.xml import Element, add, document

TYPE = "application/atom+xml"
GENERATOR = "Broadsheet"


def to_atom(feed: Feed) -> bytes:
    """The feed as an Atom document."""
    entries = entries_of(feed)
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"})
    add(root, "id", feed.site.tag(feed.path))
    add(root, "title", feed.title)
    if feed.description:
        add(root, "subtitle", feed.description)
    add(root, "updated", rfc3339(updated_of(feed, entries)))
    # An entry without an author takes the feed's, so that there always is one.
    add(add(root, "author"), "name", GENERATOR)
    add(root, "generator", GENERATOR, version=feed.site.version)
    add(root, "icon", f"{feed.site.address}/static/icon.svg")
    for rel, address, kind in _links(feed):
        add(root, "link", rel=rel, type=kind, href=address)
    for entry in entries:
        _add_entry(root, entry)
    return document(root)


def _links(feed: Feed) -> list[tuple[str, str, str]]:
    """Relation, address and media type."""
    given = (
        ("self", feed.url, TYPE),
        ("alternate", feed.page, "text/html"),
        ("previous", feed.before, TYPE),
        ("next", feed.after, TYPE),
        ("hub", feed.hub, ""),
    )
    return [(rel, address, kind) for rel, address, kind in given if address]


def _add_entry(root: Element, entry: Entry) -> None:
    node = add(root, "entry")
    add(node, "id", entry.id)
    add(node, "title", entry.title)
    add(node, "published", rfc3339(entry.published))
    add(node, "updated", rfc3339(entry.updated))
    add(node, "link", rel="alternate", type="text/html", href=entry.page)
    for link in entry.links:
        kind = "application/pdf" if link.kind == "pdf" else ""
        add(node, "link", rel="related", type=kind, title=link.kind, href=link.url)
    for name in names_of(entry):
        add(add(node, "author"), "name", name)
    for category in entry.categories:
        add(node, "category", term=category)
    if entry.licence:
        add(node, "rights", entry.licence)
    add(node, "content", entry.content, type="html")
