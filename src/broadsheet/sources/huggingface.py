"""Hugging Face's daily papers: who was featured on which day, with counts, links and their own words about it.

The JSON is parsed here because of what its meaning depends on (measured on 580 days of answers): the featured day is
`paper.submittedOnDailyAt`; the top-level `publishedAt` was that day before 11 March 2025 and is not since; every
enrichment is optional, and a missing one is unknown, not zero.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from broadsheet.config import Settings
from broadsheet.errors import FetchError, FormatError, SourceError
from broadsheet.sources import moments, recount
from broadsheet.sources.address import completed
from broadsheet.sources.contract import Ask, Get
from broadsheet.text import canonical_id, one_line
from broadsheet.text.links import links_of_id
from broadsheet.types import Announcement, Author, Batch, Drop, Enrichment, Link, LinkKind, Record, Signal
from broadsheet.words.said import said

NAME = "huggingface"
GROUP = "huggingface"
SUBJECT = "Hugging Face daily papers"
PUBLIC = "https://huggingface.co/papers"
EVERY = timedelta(hours=3)
CHANGED = date(2025, 3, 11)  # from here on the top-level publishedAt is no featured day
PAGE = 100  # the largest `limit` that the service takes
PAGES = 10
ONE = timedelta(days=1)
LOOKS = "looks"  # in the cursor: when each day's votes were last counted

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Listing:
    """A parsed answer: its records, the drops, and how many items it had."""

    records: tuple[Record, ...]
    drops: tuple[Drop, ...]
    items: int

    @property
    def days(self) -> set[date]:
        """The featured days of its records."""
        return {a.day for record in self.records for a in record.announcements}


def due(last_ok: datetime | None, now: datetime, settings: Settings) -> bool:
    """Every three hours, where it is enabled: votes come in all day."""
    return settings.huggingface.enabled and (last_ok is None or now - last_ok >= EVERY)


def fetch(get: Get, ask: Ask) -> Iterator[Batch]:
    """Day by day up to the newest featured one; the last two days are asked again for fresh counts, older ones less."""
    url = completed(ask.settings.huggingface.url.rstrip("/").removesuffix("/api"), ("/api/daily_papers",))
    latest = _ask(get, url, ask, None, 0)
    newest = max(latest.days, default=None)
    day, last = _span(ask, newest)
    cursor, seen = dict(ask.cursor), False
    while day <= last:
        listing = latest if _is_whole(latest, day) else _whole_day(get, url, ask, day)
        if not listing.items and day == newest:
            listing = latest
        if listing.items:
            seen = True
            cursor["day"] = max(f"{day}", cursor.get("day", ""))
            cursor[LOOKS] = _looked(cursor, ask, day)
        if seen or day < last:
            yield Batch(listing.records, listing.drops, dict(cursor), listing.items)
        else:
            yield Batch(
                cursor=dict(cursor),
                announced=0,
                note=said("no papers featured up to %(day)s", day=f"{day}"),
                state="empty",
            )
        day += ONE
    yield from _recounts(get, url, ask, cursor)


def _recounts(get: Get, url: str, ask: Ask, cursor: dict[str, str]) -> Iterator[Batch]:
    """The days whose votes are due to be counted again. One that cannot be read is dropped until its next turn."""
    for day in recount.due(recount.read(cursor.get(LOOKS, "")), ask.now, ask.settings.huggingface.recount_days):
        try:
            listing = _whole_day(get, url, ask, day)
        except SourceError as e:
            if isinstance(e, FetchError) and not e.permanent:
                raise
            listing = Listing((), (Drop(NAME, f"{day}", f"its votes cannot be counted again: {e.cause}"),), 1)
        cursor[LOOKS] = _looked(cursor, ask, day)
        yield Batch(listing.records, listing.drops, dict(cursor), listing.items)


def _looked(cursor: Mapping[str, str], ask: Ask, day: date) -> str:
    looks = recount.read(cursor.get(LOOKS, "")) | {day: ask.now}
    return recount.write(looks, ask.now, ask.settings.huggingface.recount_days)


def _span(ask: Ask, newest: date | None) -> tuple[date, date]:
    """The first and the last day to ask for. Where the newest is not known, no further than a first harvest reaches."""
    reach = timedelta(days=ask.settings.huggingface.backfill_days)
    last = newest or ask.now.astimezone(UTC).date()
    done = ask.cursor.get("day")
    if ask.since:
        first = min(ask.since, last)
    elif done:
        first = min(date.fromisoformat(done), last) - ONE
    else:
        first = last - reach
    return first, last if newest else min(last, first + reach + ONE)


def _is_whole(latest: Listing, day: date) -> bool:
    """Whether the answer without a date is all of that day: of one day, and far from full."""
    return latest.days == {day} and latest.items < PAGE // 2


def _whole_day(get: Get, url: str, ask: Ask, day: date) -> Listing:
    """All pages of a day: a full page may have another behind it."""
    found = _ask(get, url, ask, day, 0)
    items = found.items
    for number in range(1, PAGES):
        if items < PAGE:
            break
        more = _ask(get, url, ask, day, number)
        known = {record.ids for record in found.records}
        fresh = tuple(record for record in more.records if record.ids not in known)
        if not fresh:
            break
        items = more.items
        count = found.items + len(fresh) + len(more.drops)
        found = Listing(found.records + fresh, found.drops + more.drops, count)
    return found


def _ask(get: Get, url: str, ask: Ask, day: date | None, number: int) -> Listing:
    params = ({"date": f"{day}"} if day else {}) | {"limit": f"{PAGE}"} | ({"p": f"{number}"} if number else {})
    answer = get(url, host=GROUP, params=params, accept="application/json")
    return parse(answer.body, now=ask.now, day=day)


def parse(body: bytes, *, now: datetime, day: date | None = None) -> Listing:
    """Read an answer to `?date=day` (None: without a date). Raises FormatError where it is no list of papers."""
    place = f"{SUBJECT} of {day}" if day else SUBJECT
    if not body.strip():
        raise FormatError(place, "answered nothing", "try again later")
    try:
        items = json.loads(body)
    except (ValueError, RecursionError) as e:
        kind = "a web page" if body.lstrip()[:1] == b"<" else "what is no JSON"
        raise FormatError(place, said("answered %(kind)s instead of a list", kind=kind), "try again later") from e
    if not isinstance(items, list):
        told = _text(_mapping(items), "error", "message")
        raise FormatError(
            place,
            said("answered no list (%(told)s)", told=told[:200]) if told else said("answered no list"),
            "try again later",
        )
    records, drops = [], []
    for number, item in enumerate(items, 1):
        read = _record(item, now, day)
        if isinstance(read, Record):
            records.append(read)
        else:
            drops.append(Drop(NAME, f"{day or 'latest'}, item {number}", read))
    return Listing(tuple(records), tuple(drops), len(items))


def _record(item: object, now: datetime, day: date | None) -> Record | str:
    """The record of one item, or why it cannot be read."""
    if not isinstance(item, dict) or not isinstance(item.get("paper"), dict):
        return f"a {type(item).__name__} without a paper"
    paper = _mapping(item["paper"])
    raw_id = _text(paper, "id")
    own = canonical_id(f"arxiv:{raw_id}") or canonical_id(raw_id)
    title = _text(paper, "title") or _text(item, "title")
    if not own or not title:
        return "no id that is known" if not own else "no title"
    published = moments.utc(paper.get("publishedAt"))
    featured = _featured(item, paper, day)
    return Record(
        source=NAME,
        seen=now,
        ids=(own,),
        title=title,
        abstract=_text(paper, "summary") or _text(item, "summary"),
        authors=_authors(paper.get("authors")),
        published=published,
        announcements=(featured,) if featured else (),
        links=_links(own, raw_id, item, paper),
        enrichments=_enrichments(item, paper),
        signals=_signals(item, paper, now),
    )


def _featured(item: Json, paper: Json, asked: date | None) -> Announcement | None:
    submitted = moments.utc(paper.get("submittedOnDailyAt"))
    day = submitted.date() if submitted else asked
    if day is None:
        shown = moments.utc(item.get("publishedAt"))
        day = shown.date() if shown and shown.date() < CHANGED else None
    by = _mapping(paper.get("submittedOnDailyBy")) or _mapping(item.get("submittedBy"))
    name = _text(by, "user", "name", "fullname")
    return Announcement(NAME, day, "featured", name or None, submitted) if day else None


def _authors(listed: object) -> tuple[Author, ...]:
    people = [_mapping(person) for person in listed] if isinstance(listed, list) else []
    names = (_text(person, "name") for person in people if person.get("hidden") is not True)
    return tuple(Author(name) for name in names if name)


def _links(own: str, raw_id: str, item: Json, paper: Json) -> tuple[Link, ...]:
    media = paper.get("mediaUrls") or item.get("mediaUrls")
    given: tuple[tuple[LinkKind, str], ...] = (
        ("code", _web(paper.get("githubRepo"))),
        ("project", _web(paper.get("projectPage"))),
        *(("media", _web(url)) for url in (media if isinstance(media, list) else ())),
    )
    found = tuple(Link(kind, url) for kind, url in given if url)
    return (*links_of_id(own), *found, Link("discussion", f"{PUBLIC}/{raw_id}"))


def _web(value: object) -> str:
    """The address if it is one of the web: what a stranger typed may be anything."""
    url = one_line(value) if isinstance(value, str) else ""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and " " not in url
    except ValueError:
        fine = False
    return url if fine else ""


def _enrichments(item: Json, paper: Json) -> tuple[Enrichment, ...]:
    words = paper.get("ai_keywords")
    keywords = [one_line(word) for word in words if isinstance(word, str)] if isinstance(words, list) else []
    organisation = _mapping(paper.get("organization")) or _mapping(item.get("organization"))
    values = {
        "summary": _text(paper, "ai_summary"),
        "keywords": "; ".join(dict.fromkeys(word for word in keywords if word)),
        "organisation": _text(organisation, "fullname", "name"),
    }
    return tuple(Enrichment(NAME, kind, value) for kind, value in values.items() if value)


def _signals(item: Json, paper: Json, now: datetime) -> tuple[Signal, ...]:
    counts = {
        "upvotes": paper.get("upvotes"),
        "comments": item.get("numComments"),
        "github_stars": paper.get("githubStars"),
    }
    return tuple(
        Signal(NAME, kind, now, count)
        for kind, count in counts.items()
        if isinstance(count, int) and not isinstance(count, bool) and count >= 0
    )


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _text(owner: Json, *names: str) -> str:
    """The first of the named fields that holds text, whitespace folded."""
    found = (one_line(value) for name in names if isinstance(value := owner.get(name), str))
    return next((text for text in found if text), "")
