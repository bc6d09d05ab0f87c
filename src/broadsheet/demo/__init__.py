"""The invented sample edition: two dozen papers of three days that nobody wrote, to show Broadsheet at work.

People, results and addresses (all under example.org) are invented. Days are counted back from the day on which the
sample is loaded, so that it always looks fresh.
"""

import json
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from typing import TypedDict

from broadsheet.types import Announcement, Author, Link, LinkKind, Record, Signal, Version

SOURCE = "demo"

VOTES_EVERY = timedelta(hours=16)
"""Between two of the counts of votes in `papers.jsonl`; the first is of the day's beginning."""


class _Sample(TypedDict):
    id: str
    day: int
    title: str
    authors: list[str]
    categories: list[str]
    abstract: str
    comment: str
    versions: int
    votes: list[int]


class _Row(_Sample, total=False):
    venue: str
    links: list[tuple[LinkKind, str]]


def records(today: date) -> list[Record]:
    """The sample papers as their source would give them on `today`; no time in them is later than its beginning."""
    text = files("broadsheet.demo").joinpath("papers.jsonl").read_text(encoding="utf-8")
    now = datetime.combine(today, time(), UTC)
    return [_record(json.loads(line), now) for line in text.splitlines()]


def _record(row: _Row, now: datetime) -> Record:
    day = now - timedelta(days=row["day"])
    versions = _versions(row["versions"], day)
    return Record(
        source=SOURCE,
        seen=now,
        ids=(row["id"],),
        title=row["title"],
        abstract=row["abstract"],
        authors=tuple(map(Author, row["authors"])),
        categories=tuple(row["categories"]),
        published=versions[0].date,
        updated=versions[-1].date,
        versions=versions,
        announcements=(Announcement(SOURCE, day.date(), "featured"),),
        venue=row.get("venue"),
        comment=row["comment"],
        links=tuple(Link(kind, url) for kind, url in row.get("links", ())),
        signals=tuple(_signals(row["votes"], day, now)),
    )


def _versions(count: int, day: datetime) -> tuple[Version, ...]:
    """One a day, the last in the afternoon before the paper was featured."""
    last = day - timedelta(hours=8)
    return tuple(Version(number, last - timedelta(days=count - number)) for number in range(1, count + 1))


def _signals(votes: list[int], day: datetime, now: datetime) -> list[Signal]:
    times = [min(day + i * VOTES_EVERY, now) for i in range(len(votes))]
    return [Signal(SOURCE, "upvotes", at, count) for at, count in dict(zip(times, votes, strict=True)).items()]
