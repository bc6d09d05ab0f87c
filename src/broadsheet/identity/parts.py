"""Parts of a paper: a record as a part, a part brought up to date, and parts joined into one paper.

Joining does not depend on the order of the parts: they are put into an order of their own first. The title, abstract
and all other single fields come from the first part that has them, arXiv's before the venue's, newer before older;
only the venue comes from the venue's own record first. Lists are united. Nothing empty ever replaces something.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha1
from itertools import chain
from operator import attrgetter
from typing import TypeVar

from msgspec.structs import replace

from broadsheet.text import aliases_of, name_key, title_key
from broadsheet.text.links import link_key, links_in, links_of_id
from broadsheet.types import Announcement, Author, Enrichment, Link, Paper, Record, Version

SCHEMES = ("arxiv", "doi", "openreview", "acl", "pubmed", "s2", "corpusid", "local")
"""Which id is the key of a paper that has several, best first; also whose text is taken first."""

_RANK = {scheme: rank for rank, scheme in enumerate(SCHEMES)}
_VENUES = ("acl", "doi", "openreview", "pubmed", "s2", "corpusid", "local", "arxiv")
_VENUE_RANK = {scheme: rank for rank, scheme in enumerate(_VENUES)}
_LINK_ORDER = ("abstract", "pdf", "html", "code", "project", "data", "model", "demo", "discussion", "media", "other")
_LINK_RANK = {kind: rank for rank, kind in enumerate(_LINK_ORDER)}
_OWNERS = {"arxiv": "arxiv", "doi": "crossref", "openreview": "openreview", "acl": "acl", "pubmed": "pubmed"}
_FIRST_DAY = datetime.min.replace(tzinfo=UTC)

_T = TypeVar("_T")


def scheme_rank(id: str) -> tuple[int, str]:
    """Orders ids: best scheme first, then by value."""
    return _RANK.get(id.partition(":")[0], len(SCHEMES)), id


def local_key(title: str, authors: Sequence[Author]) -> str:
    """The key of a work that no source gave an id: the same for the same title and first author."""
    first = name_key(authors[0].name) if authors else ""
    text = f"{title_key(title)}\n{first}"
    return "local:" + sha1(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()[:16]


def ids_of(record: Record) -> tuple[str, ...]:
    """The ids of a record and those that follow from them, best first; its local key where it has none."""
    if len(record.ids) == 1 and not record.ids[0].startswith("doi:"):
        return record.ids
    ids = {alias for id in record.ids for alias in aliases_of(id)}
    return tuple(sorted(ids, key=scheme_rank)) if ids else (local_key(record.title, record.authors),)


def to_paper(record: Record, now: datetime) -> Paper:
    """A record as the only part of a paper, with the links that its ids have and its texts mention."""
    ids = ids_of(record)
    return Paper(
        key=ids[0],
        aliases=ids,
        sources=(record.source,),
        added=now,
        title=record.title,
        abstract=record.abstract,
        authors=record.authors,
        categories=tuple(dict.fromkeys(record.categories)),
        published=record.published,
        updated=record.updated,
        versions=_versions([record.versions]),
        announcements=_announcements([record.announcements]),
        venue=record.venue or None,
        licence=record.licence or None,
        comment=record.comment or None,
        links=_all_links(record, ids),
        enrichments=_enrichments([record.enrichments]),
        withdrawn=record.withdrawn,
    )


def _all_links(record: Record, ids: Sequence[str]) -> tuple[Link, ...]:
    mentioned = (record.links, links_in(record.comment or ""), links_in(record.abstract))
    if len(ids) == 1 and ids[0].startswith("arxiv:") and not any(mentioned):  # most papers of an import
        return links_of_id(ids[0])
    pages = [link for id in ids for link in links_of_id(id)]
    return _links([record.links, pages, *mentioned[1:]])


def update(part: Paper, record: Record) -> Paper:
    """The part with what a record says of it; the same record again changes nothing.

    An older state (a lower version, an earlier `updated`, a day before the last on which the same source listed it) and
    a source that only repeats another's work fill what is missing; else the record's fields replace the part's.
    """
    return renew(part, to_paper(record, part.added))


def renew(part: Paper, news: Paper) -> Paper:
    """`update` with the record already made a paper."""
    if _said(news) == _said(part):
        return _listed_again(part, news)
    leads = _leads(news, part)
    newer = _latest(news) > _latest(part)
    withdrawn = news.withdrawn if newer else part.withdrawn or (leads and news.withdrawn)
    merged = _combined((news, part) if leads else (part, news), part.key, withdrawn)
    if not news.enrichments:
        return merged
    return replace(merged, enrichments=_enrichments([news.enrichments, part.enrichments]))


_said = attrgetter(*(name for name in Paper.__struct_fields__ if name not in ("announcements", "added")))


def _listed_again(part: Paper, news: Paper) -> Paper:
    """The part with the announcements of news that say nothing else: nearly all that a second day brings."""
    if set(news.announcements) <= set(part.announcements) and news.added >= part.added:
        return part
    listed = _announcements([part.announcements, news.announcements])
    return replace(part, announcements=listed, added=min(part.added, news.added))


def join(parts: Iterable[Paper], keep_key: str | None = None) -> Paper:
    """The paper that the parts make, in whatever order they come.

    `keep_key` is the key under which it is already known: it stays, unless it is a `local:` one and a better is there.
    """
    ordered = _in_order(list(parts))
    if len(ordered) == 1 and keep_key in (None, ordered[0].key) and not ordered[0].key.startswith("local:"):
        return ordered[0]
    paper = _combined(ordered, keep_key or "", ordered[0].withdrawn)
    if len(ordered) == 1:
        return paper
    venues = sorted(ordered, key=lambda part: _VENUE_RANK.get(part.key.partition(":")[0], len(_VENUES)))
    return replace(paper, venue=_first(venues, lambda part: part.venue))


def _in_order(parts: list[Paper]) -> list[Paper]:
    """Text of arXiv before that of a venue, newer before older, then by key, then by all they say."""
    if len({part.key for part in parts}) < len(parts):
        parts = sorted(parts, key=repr)
    return sorted(parts, key=_order)


def _order(part: Paper) -> tuple[int, float, str]:
    newest = part.updated or part.published or _FIRST_DAY
    return scheme_rank(part.key)[0], -(newest - _FIRST_DAY).total_seconds(), part.key


def _latest(work: Paper) -> int:
    return max((version.number for version in work.versions), default=0)


def _leads(news: Paper, part: Paper) -> bool:
    """Whether the fields of the news replace those of the part: a newer state, else a source that is not a copy."""
    mine, known = _latest(news), _latest(part)
    if mine and known and mine != known:
        return mine > known
    if news.updated and part.updated and news.updated.date() != part.updated.date():
        return news.updated > part.updated
    if _listed_before(news, part):
        return False
    return _speaks_itself(news) or not _speaks_itself(part)


def _listed_before(news: Paper, part: Paper) -> bool:
    """Whether those who list the news did so on days before they last listed the part."""
    listing = {announcement.source for announcement in news.announcements}
    known = [announcement.day for announcement in part.announcements if announcement.source in listing]
    return bool(known) and max(announcement.day for announcement in news.announcements) < max(known)


def _speaks_itself(work: Paper) -> bool:
    """Whether one of the sources is the home of the work's key (arXiv for an arXiv id), not a site that repeats it."""
    owner = _OWNERS.get(work.key.partition(":")[0], "")
    return bool(owner) and any(source.startswith(owner) for source in work.sources)


def _combined(works: Sequence[Paper], key: str, withdrawn: bool) -> Paper:
    """One paper: single fields from the first that has them, lists united. `key` is kept where it is not local."""
    aliases = sorted({alias for work in works for alias in work.aliases}, key=scheme_rank)
    if not key or key.startswith("local:"):
        key = aliases[0]
    return Paper(
        key=key,
        aliases=(key, *(alias for alias in aliases if alias != key)),
        sources=tuple(sorted({source for work in works for source in work.sources})),
        added=min(work.added for work in works),
        title=_first(works, lambda work: work.title) or "",
        abstract=_first(works, lambda work: work.abstract) or "",
        authors=_authors([work.authors for work in works]),
        categories=tuple(dict.fromkeys(category for work in works for category in work.categories)),
        published=min((work.published for work in works if work.published), key=_first_public, default=None),
        updated=max((work.updated for work in works if work.updated), default=None),
        versions=_versions([work.versions for work in works]),
        announcements=_announcements([work.announcements for work in works]),
        venue=_first(works, lambda work: work.venue),
        licence=_first(works, lambda work: work.licence),
        comment=_first(works, lambda work: work.comment),
        links=_links([work.links for work in works]),
        enrichments=_enrichments([work.enrichments for work in works]),
        withdrawn=withdrawn,
    )


def _first_public(at: datetime) -> tuple[int, bool, int, bool, datetime]:
    """Orders by time, where midnight on the first of a month is a month and no more, and on New Year a year.

    Any other time of that month, or year, is known more exactly and comes before it.
    """
    month_only = (at.day, at.hour, at.minute) == (1, 0, 0)
    return at.year, month_only and at.month == 1, at.month, month_only, at


def _first(works: Iterable[Paper], field: Callable[[Paper], _T | None]) -> _T | None:
    return next((value for work in works if (value := field(work))), None)


def _authors(lists: Sequence[tuple[Author, ...]]) -> tuple[Author, ...]:
    """The first list; affiliation and ORCID also from others that name the same people in the same order."""
    named = [authors for authors in lists if authors]
    if not named or len(named) == 1:
        return named[0] if named else ()
    lead = named[0]
    for other in named[1:]:
        if other != lead and len(other) == len(lead) and any(author.affiliation or author.orcid for author in other):
            lead = tuple(_richer(mine, yours) for mine, yours in zip(lead, other, strict=True))
    return lead


def _richer(mine: Author, yours: Author) -> Author:
    if (mine.affiliation and mine.orcid) or name_key(mine.name) != name_key(yours.name):
        return mine
    return Author(mine.name, mine.affiliation or yours.affiliation, mine.orcid or yours.orcid)


def _versions(lists: Iterable[Iterable[Version]]) -> tuple[Version, ...]:
    found: dict[int, Version] = {}
    for versions in lists:
        for version in versions:
            known = found.get(version.number)
            if known is None or known.date is None:
                found[version.number] = version
    return tuple(found[number] for number in sorted(found))


def _announcements(lists: Sequence[tuple[Announcement, ...]]) -> tuple[Announcement, ...]:
    """Each once, with the first moment that is said of it."""
    if len(lists) == 1 and len(lists[0]) <= 1:
        return lists[0]
    found: dict[Announcement, Announcement] = {}
    for announcement in chain.from_iterable(lists):
        day = announcement if announcement.at is None else replace(announcement, at=None)
        known = found.get(day)
        if known is None or known.at is None or (announcement.at is not None and announcement.at < known.at):
            found[day] = announcement
    return tuple(sorted(found.values(), key=lambda a: (a.day, a.source, a.kind, a.by or "")))


def _links(lists: Iterable[Iterable[Link]]) -> tuple[Link, ...]:
    """Each address once, under the first kind that says something; in the order in which people want them."""
    found: dict[str, Link] = {}
    for links in lists:
        for link in links:
            key = link_key(link.url)
            known = found.get(key)
            if known is None or (known.kind == "other" and link.kind != "other"):
                found[key] = link
    return tuple(sorted(found.values(), key=lambda link: (_LINK_RANK[link.kind], link.url)))


def _enrichments(lists: Iterable[Iterable[Enrichment]]) -> tuple[Enrichment, ...]:
    """One of each kind from each source; the first given."""
    found: dict[tuple[str, str], Enrichment] = {}
    for enrichments in lists:
        for enrichment in enrichments:
            found.setdefault((enrichment.source, enrichment.kind), enrichment)
    return tuple(found[key] for key in sorted(found))
