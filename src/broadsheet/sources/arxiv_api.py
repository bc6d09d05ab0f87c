"""arXiv's query API, for papers that are known by their ids (info.arxiv.org/help/api/user-manual.html).

The daily list never needs it. Errors come as Atom entries too, and ids that do not exist are left out in silence.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from xml.etree.ElementTree import Element

from broadsheet.config import Settings
from broadsheet.errors import FormatError
from broadsheet.sources import arxiv_work, moments, xmltree
from broadsheet.sources.address import completed
from broadsheet.sources.contract import Get
from broadsheet.types import Author, Batch, Drop, Record, Version
from broadsheet.words.said import said

NAME = "arxiv-api"
GROUP = "arxiv"
SUBJECT = "arxiv query API"
TOGETHER = 100  # ids in one request, so that an address stays short
ERRORS = "/api/errors"


def fetch_ids(get: Get, settings: Settings, ids: Sequence[str], now: datetime) -> Iterator[Batch]:
    """The papers with these canonical ids; one that arXiv does not give is a drop. Other ids than arXiv's are left."""
    url = completed(settings.arxiv.api_url, ("/api/query",))
    wanted = [id.removeprefix("arxiv:") for id in dict.fromkeys(ids) if id.startswith("arxiv:")]
    for at in range(0, len(wanted), TOGETHER):
        some = wanted[at : at + TOGETHER]
        params = {"id_list": ",".join(some), "max_results": f"{len(some)}"}
        records, drops = parse(get(url, host=GROUP, params=params, accept="application/atom+xml").body, now=now)
        found = {id for record in records for id in record.ids}
        missing = tuple(
            Drop(NAME, f"arxiv:{id}", said("arXiv gave no such paper")) for id in some if f"arxiv:{id}" not in found
        )
        yield Batch(records, (*drops, *missing), announced=len(some))


def parse(body: bytes, *, now: datetime) -> tuple[tuple[Record, ...], tuple[Drop, ...]]:
    """Read an answer. Raises FormatError where it is no Atom feed; an error entry or a broken one is a drop."""
    root = xmltree.parse(body, SUBJECT)
    if xmltree.local(root) != "feed":
        raise FormatError(
            SUBJECT, said("answered <%(what)s> instead of a feed", what=xmltree.local(root)), "check arxiv.api_url"
        )
    records, drops = [], []
    for number, entry in enumerate(xmltree.children(root, "entry"), 1):
        read = _record(entry, now)
        if isinstance(read, Record):
            records.append(read)
        else:
            drops.append(Drop(NAME, f"entry {number}", read))
    return tuple(records), tuple(drops)


def _record(entry: Element, now: datetime) -> Record | str:
    """The record of one entry, or why there is none."""
    raw_id, title = xmltree.text(entry, "id"), xmltree.text(entry, "title")
    if ERRORS in raw_id:
        return said("arXiv refuses it: %(told)s", told=xmltree.text(entry, "summary") or title)
    arxiv_id, number = arxiv_work.bare_id(raw_id)
    ids = arxiv_work.ids(arxiv_id, arxiv_work.split_dois(" ".join(xmltree.texts(entry, "doi"))))
    if not ids or not title:
        return said("no title") if ids else said("no arXiv id in %(given)s", given=repr(raw_id))
    abstract, comment = xmltree.text(entry, "summary"), xmltree.text(entry, "comment")
    published, updated = (moments.utc(xmltree.text(entry, name)) for name in ("published", "updated"))
    return Record(
        source=NAME,
        seen=now,
        ids=ids,
        title=title,
        abstract=abstract,
        authors=tuple(map(_author, xmltree.children(entry, "author"))),
        categories=_categories(entry),
        published=published,
        updated=updated if updated != published else None,
        versions=_versions(number, published, updated),
        venue=xmltree.text(entry, "journal_ref") or None,
        comment=comment or None,
        withdrawn=arxiv_work.is_withdrawn(comment, abstract),
    )


def _author(element: Element) -> Author:
    return Author(xmltree.text(element, "name"), "; ".join(xmltree.texts(element, "affiliation")) or None)


def _categories(entry: Element) -> tuple[str, ...]:
    """The primary category first."""
    named = (*xmltree.children(entry, "primary_category"), *xmltree.children(entry, "category"))
    return tuple(dict.fromkeys(term for c in named if (term := c.get("term"))))


def _versions(number: int | None, published: datetime | None, updated: datetime | None) -> tuple[Version, ...]:
    if number is None:
        return ()
    first = (Version(1, published),) if published else ()
    return first if number == 1 and first else (*first, Version(number, updated))
