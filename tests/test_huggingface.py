"""Hugging Face's daily papers: all recorded answers of two generations, then harvests against the local one."""

import json
import re
import tarfile
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet import config, net
from broadsheet.errors import FetchError, FormatError
from broadsheet.sources import SOURCES, Ask, huggingface, recount
from broadsheet.types import Announcement, Batch, Enrichment, Link, Signal
from tests.replay import Replay

NOW = datetime(2025, 11, 21, 6, 0, tzinfo=UTC)
DAY = date(2025, 11, 20)
ITEM: dict[str, Any] = {
    "paper": {
        "id": "2511.00001",
        "title": "A  title",
        "summary": "We\ntest.",
        "authors": [{"name": "Jane Doe", "hidden": False}, {"name": "Somebody Else", "hidden": True}, {"name": ""}],
        "publishedAt": "2025-11-18T09:07:12.000Z",
        "submittedOnDailyAt": "2025-11-20T01:36:44.468Z",
        "submittedOnDailyBy": {"user": "jdoe", "fullname": "Jane Doe"},
        "upvotes": 5,
        "githubRepo": "https://github.com/jdoe/test",
        "githubStars": 0,
        "projectPage": "javascript:alert(1)",
        "mediaUrls": ["https://pictures.example.org/1.png", 5, "ftp://pictures.example.org/2.png"],
        "ai_summary": "Tests.",
        "ai_keywords": ["test ", "bench", "test"],
        "organization": {"name": "acme", "fullname": "ACME"},
    },
    "publishedAt": "2025-11-18T04:07:12.000Z",
    "title": "A title",
    "numComments": 2,
    "submittedBy": {"name": "other"},
}


def changed(where: str, **values: Any) -> dict[str, Any]:
    """The item with some fields of itself or of its paper replaced; None takes a field away."""
    item = json.loads(json.dumps(ITEM))
    owner = item["paper"] if where == "paper" else item
    owner.update(values)
    for name in [name for name, value in values.items() if value is None]:
        del owner[name]
    assert isinstance(item, dict)
    return item


def parse(*items: object, day: date | None = DAY) -> huggingface.Listing:
    return huggingface.parse(json.dumps(items).encode(), now=NOW, day=day)


def ask(replay: Replay, cursor: Mapping[str, str] | None = None, since: date | None = None, url: str = "") -> Ask:
    options = {"net.retries": 2, "net.timeout": 5} | ({"huggingface.url": url} if url else {})
    settings = config.load(replay.environ, home=Path("/nonexistent"), options=options)
    return Ask(settings=settings, now=NOW, cursor=cursor or {}, since=since)


def harvest(asked: Ask) -> list[Batch]:
    with net.Client(asked.settings, sleep=lambda _: None, proxies={}) as client:
        return list(SOURCES["huggingface"].fetch(client.get, asked))


def dates(replay: Replay) -> list[str]:
    """The days that were asked for; `latest` is the request without one."""
    found = (re.search(r"date=([\d-]+)", entry["query"]) for entry in replay.log)
    return [match[1] if match else "latest" for match in found]


def recorded(shared: Path) -> dict[str, bytes]:
    with tarfile.open(shared / "data" / "recorded" / "huggingface_daily_papers.tar.gz") as tar:
        files = ((member.name, tar.extractfile(member)) for member in tar.getmembers())
        return {name: file.read() for name, file in files if file}


@pytest.mark.slow
def test_every_recorded_answer_is_read(shared: Path) -> None:
    """All 87 answers: each item is a record with its featured day, or a drop that says why, or a format error."""
    answers = recorded(shared)
    assert len(answers) == 87
    kinds: Counter[str] = Counter()
    for name, body in answers.items():
        day = date.fromisoformat(name[:10])
        try:
            listing = huggingface.parse(body, now=NOW, day=day)
        except FormatError:
            kinds["no list"] += 1
            continue
        assert len(listing.records) + len(listing.drops) == listing.items
        assert listing.days <= {day}
        kinds["records"] += len(listing.records)
        kinds["drops"] += len(listing.drops)
        kinds["summaries"] += sum(e.kind == "summary" for r in listing.records for e in r.enrichments)
        kinds["code"] += sum(link.kind == "code" for r in listing.records for link in r.links)
        kinds["stars"] += sum(s.kind == "github_stars" for r in listing.records for s in r.signals)
        assert all(r.abstract and r.authors and r.published and r.announcements for r in listing.records)
    assert kinds["records"] == 1354
    assert (kinds["summaries"], kinds["code"], kinds["stars"]) == (587, 388, 220)


def test_an_item_is_read_whole() -> None:
    """Featured day and submitter, counts as signals now, links by kind, their words kept as theirs."""
    [record] = parse(ITEM, day=None).records
    assert (record.ids, record.title, record.abstract) == (("arxiv:2511.00001",), "A title", "We test.")
    assert [author.name for author in record.authors] == ["Jane Doe"]
    assert record.published == datetime(2025, 11, 18, 9, 7, 12, tzinfo=UTC)
    at = datetime(2025, 11, 20, 1, 36, 44, 468000, tzinfo=UTC)
    assert record.announcements == (Announcement("huggingface", DAY, "featured", "jdoe", at),)
    assert record.signals == (
        Signal("huggingface", "upvotes", NOW, 5),
        Signal("huggingface", "comments", NOW, 2),
        Signal("huggingface", "github_stars", NOW, 0),
    )
    assert record.enrichments == (
        Enrichment("huggingface", "summary", "Tests."),
        Enrichment("huggingface", "keywords", "test; bench"),
        Enrichment("huggingface", "organisation", "ACME"),
    )
    assert record.links[-3:] == (
        Link("code", "https://github.com/jdoe/test"),
        Link("media", "https://pictures.example.org/1.png"),
        Link("discussion", "https://huggingface.co/papers/2511.00001"),
    )


def test_what_is_missing_is_unknown() -> None:
    """No count, no summary and no code is nothing, never zero or an empty text."""
    item = {"paper": {"id": "2511.00001", "title": "T"}}
    [record] = parse(item).records
    assert (record.signals, record.enrichments, record.authors, record.published) == ((), (), (), None)
    odd = changed("paper", upvotes=True, githubStars="7", ai_keywords="no list", ai_summary=None, organization=None)
    assert [signal.kind for signal in parse(odd).records[0].signals] == ["comments"]
    assert parse(odd).records[0].enrichments == ()


@pytest.mark.parametrize(
    ("item", "day", "featured"),
    [
        (changed("paper", submittedOnDailyAt=None), DAY, DAY),
        (changed("paper", submittedOnDailyAt=None), None, None),
        (changed("item", publishedAt="2024-11-28T23:30:00.000Z"), None, DAY),
        (
            changed("paper", submittedOnDailyAt=None) | {"publishedAt": "2024-11-28T23:30:00.000Z"},
            None,
            date(2024, 11, 28),
        ),
        (changed("paper", submittedOnDailyAt="2025-11-21T00:10:00+02:00"), None, DAY),
        (changed("paper", submittedOnDailyAt="soon"), None, None),
    ],
)
def test_the_featured_day_comes_from_the_right_field(
    item: dict[str, Any], day: date | None, featured: date | None
) -> None:
    """submittedOnDailyAt in UTC, else the day asked for, else the old meaning of publishedAt, else unknown."""
    [record] = parse(item, day=day).records
    assert [a.day for a in record.announcements] == ([featured] if featured else [])


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("{'paper': {}}", "a str without a paper"),
        (None, "a NoneType without a paper"),
        ({"paper": []}, "a dict without a paper"),
        (changed("paper", id="what"), "no id that is known"),
        ({"paper": {"id": "2511.00001"}}, "no title"),
    ],
)
def test_an_item_that_cannot_be_read_is_dropped(item: object, reason: str) -> None:
    """The rest goes on."""
    listing = parse(item, ITEM)
    assert [(drop.at, drop.reason) for drop in listing.drops] == [("2025-11-20, item 1", reason)]
    assert (len(listing.records), listing.items) == (1, 2)


@pytest.mark.parametrize(
    "body", [b"", b"<html></html>", b'{"error": "Invalid date"}', b"null", b"[", b"[" * 100_000, b"\xff\xfe"]
)
def test_what_is_no_list_is_a_format_error(body: bytes) -> None:
    """Nothing, a web page, an error object or half an answer: one error that may pass."""
    with pytest.raises(FormatError, match="of 2025-11-20: answered") as caught:
        huggingface.parse(body, now=NOW, day=DAY)
    assert not caught.value.permanent


@pytest.mark.slow
def test_the_first_harvest_reaches_back(replay: Replay) -> None:
    """The latest list tells the newest day; the days before it follow, oldest first."""
    replay.today("2025-11-19")
    batches = harvest(ask(replay))
    assert dates(replay) == ["latest", *(f"2025-11-{day}" for day in range(12, 19))]
    assert sum(len(batch.records) for batch in batches) == 12
    assert batches[-1].cursor["day"] == "2025-11-19"
    assert {a.day for b in batches for r in b.records for a in r.announcements} == {date(2025, 11, 19)}


def test_later_harvests_ask_the_last_days_again(replay: Replay) -> None:
    """Fresh counts for the newest day and the one before."""
    replay.today("2025-11-19")
    first = harvest(ask(replay))
    before = len(replay.log)
    second = harvest(ask(replay, first[-1].cursor))
    assert dates(replay)[before:] == ["latest", "2025-11-18"]
    assert second[-1].records == first[-1].records


def test_a_harvest_goes_on_where_the_last_one_ended(replay: Replay) -> None:
    """After a break, every day since the cursor's is asked."""
    replay.today("2025-11-19")
    harvest(ask(replay, {"day": "2025-11-11"}))
    assert dates(replay) == ["latest", *(f"2025-11-{day}" for day in range(10, 19))]


def test_a_day_that_is_asked_for_reaches_back(replay: Replay) -> None:
    """`since` goes before the cursor and does not turn it back."""
    replay.today("2025-11-19")
    batches = harvest(ask(replay, {"day": "2025-11-19"}, date(2025, 11, 11)))
    assert {record.source for record in batches[0].records} == {"huggingface"}
    assert len(batches[0].records) == 19
    assert batches[0].cursor["day"] == "2025-11-19"


def test_nothing_featured_is_empty(replay: Replay) -> None:
    """Without any list the last batch says so."""
    replay.today("2025-11-16")
    batches = harvest(ask(replay, {"day": "2025-11-22"}))
    assert (batches[-1].state, batches[-1].records) == ("empty", ())
    assert "no papers featured" in (batches[-1].note or "")
    assert [batch.note for batch in batches[:-1]] == [None] * (len(batches) - 1)


def test_an_unknown_newest_day_is_not_asked_for_without_end(replay: Replay) -> None:
    """Where the latest list is empty, a far `since` costs a few requests, not one per day until now."""
    replay.today("2025-11-16")
    batches = harvest(ask(replay, since=date(2024, 11, 27)))
    assert len(replay.log) == 10
    assert sum(len(batch.records) for batch in batches) == 5


@pytest.mark.parametrize("ending", ["", "/", "/api", "/api/", "/api/daily_papers"])
def test_the_address_may_be_written_in_any_way(replay: Replay, ending: str) -> None:
    """A bare host, the API or the very list."""
    replay.today("2025-11-19")
    harvest(ask(replay, {"day": "2025-11-19"}, url=replay.url + ending))
    assert {entry["path"] for entry in replay.log} == {"/api/daily_papers"}


def test_a_full_answer_is_turned_over() -> None:
    """A hundred items are a page: the next is asked until nothing new comes."""
    asked: list[Mapping[str, str]] = []

    def get(url: str, *, params: Mapping[str, str] | None = None, **_: object) -> net.Response:
        assert params
        asked.append(params)
        first, last = {"0": (0, 100), "1": (100, 130)}[params.get("p", "0")]
        body = json.dumps([changed("paper", id=f"2511.{n:05}") for n in range(first, last)]).encode()
        return net.Response(200, body, None, url, {})

    settings = config.load({}, home=Path("/nonexistent"))
    batches = list(huggingface.fetch(get, Ask(settings=settings, now=NOW, cursor={"day": "2025-11-20"}, since=DAY)))
    assert [(len(batch.records), batch.announced) for batch in batches] == [(130, 130)]
    assert [(params.get("date"), params.get("p")) for params in asked] == [
        (None, None),
        ("2025-11-20", None),
        ("2025-11-20", "1"),
    ]


class Featured:
    """A Hugging Face that features a paper each day, whose votes grow by one with each hour of the harvests."""

    def __init__(self, first: date) -> None:
        self.first, self.now, self.cursor = first, datetime.combine(first, time(7), UTC), dict[str, str]()
        self.asked: list[list[date]] = []
        self.broken: dict[date, bytes] = {}

    def get(self, url: str, *, params: Mapping[str, str] | None = None, **_: object) -> net.Response:
        day = date.fromisoformat((params or {}).get("date", f"{self.now.date()}"))
        self.asked[-1].append(day)
        hours = (self.now - datetime.combine(day, time(), UTC)) // timedelta(hours=1)
        number = f"2511.{day.toordinal() % 100_000:05}"
        at = f"{day}T06:00:00.000Z"
        items = [changed("paper", id=number, upvotes=hours, submittedOnDailyAt=at)] if day >= self.first else []
        return net.Response(200, self.broken.get(day, json.dumps(items).encode()), None, url, {})

    def harvest(self, **options: object) -> list[Batch]:
        settings = config.load({}, home=Path("/nonexistent"), options=options)
        self.asked.append([])
        batches = list(huggingface.fetch(self.get, Ask(settings=settings, now=self.now, cursor=self.cursor)))
        self.cursor = {**self.cursor, **batches[-1].cursor}
        self.now += timedelta(days=1)
        return batches


@pytest.mark.slow
def test_votes_are_counted_again_after_a_day_and_then_ever_less() -> None:
    """With a harvest a day each paper is counted on its day, a day later, and some six times more in a month."""
    site = Featured(DAY)
    for _ in range(45):
        site.harvest()
    ages = [at for at, asked in enumerate(site.asked) if DAY in asked]
    assert ages[:5] == [0, 1, 2, 4, 7]
    assert all(later - earlier >= earlier / 2 for earlier, later in pairwise(ages[2:]))
    assert 7 <= len(ages) <= 11
    assert ages[-1] <= 30


@pytest.mark.slow
def test_a_day_s_harvest_asks_for_few_days() -> None:
    """In the long run a harvest a day costs a dozen requests at most, and the cursor stays small."""
    site = Featured(DAY)
    for _ in range(60):
        site.harvest()
    assert max(map(len, site.asked[40:])) <= 12
    assert len(site.cursor["looks"]) < 2_000


def test_counting_again_can_be_switched_off() -> None:
    """With `recount_days = 0` only the day's own list and those of the two days before are asked."""
    site = Featured(DAY)
    for _ in range(9):
        site.harvest(**{"huggingface.recount_days": 0})
    assert set(site.asked[-1]) == {DAY + timedelta(days=at) for at in (6, 7, 8)}


def test_a_day_that_cannot_be_read_again_is_dropped_until_its_next_turn() -> None:
    """The harvest goes on, says which day and why, and does not ask for it with each harvest."""
    site = Featured(DAY)
    for _ in range(4):
        site.harvest()
    site.broken[DAY] = b'{"error": "gone"}'
    drops = [drop for batch in site.harvest() for drop in batch.drops]
    assert [(drop.at, drop.reason) for drop in drops] == [
        ("2025-11-20", "its votes cannot be counted again: answered no list (gone)")
    ]
    site.now -= timedelta(hours=12)
    site.harvest()
    assert DAY not in site.asked[-1]


@pytest.mark.slow
@given(st.dictionaries(st.dates(date(2025, 10, 25), date(2025, 11, 20)), st.datetimes(timezones=st.just(UTC))))
def test_looks_survive_the_cursor(looks: dict[date, datetime]) -> None:
    """What is written is read again, to the second."""
    kept = {day: at.replace(microsecond=0) for day, at in looks.items() if at.year >= 1000}
    assert recount.read(recount.write(kept, NOW, 30)) == kept


@pytest.mark.parametrize("text", ["", "x", "[]", "null", '{"x": 1}', '{"2025-11-20": 5}', "[" * 100_000])
def test_a_torn_cursor_is_no_looks(text: str) -> None:
    """What cannot be read counts as not looked at."""
    assert recount.read(text) == {}


@pytest.mark.parametrize("kind", ["429", "503", "truncate", "reset"])
def test_a_passing_fault_is_waited_out(replay: Replay, kind: str) -> None:
    """Two failures, and the day is there."""
    replay.today("2025-11-19")
    replay.fault("/api", kind, times=2, retry_after="1")
    assert sum(len(batch.records) for batch in harvest(ask(replay))) == 12


@pytest.mark.parametrize(
    ("kind", "error"),
    [("503", FetchError), ("html", FormatError), ("garbage", FormatError), ("empty", FormatError)],
)
def test_a_lasting_fault_is_one_error_that_may_pass(replay: Replay, kind: str, error: type[Exception]) -> None:
    """The error is not permanent, and the next harvest is whole."""
    replay.today("2025-11-19")
    replay.fault("/api", kind, times=99)
    with pytest.raises(error) as caught:
        harvest(ask(replay))
    assert getattr(caught.value, "permanent", None) is False
    replay.heal()
    assert sum(len(batch.records) for batch in harvest(ask(replay))) == 12


def test_it_is_due_every_three_hours_where_enabled() -> None:
    """Votes come in all day; a source that is switched off is never due."""
    due = SOURCES["huggingface"].due
    on = config.load({}, home=Path("/nonexistent"))
    off = config.load({}, home=Path("/nonexistent"), options={"huggingface.enabled": False})
    assert due(None, NOW, on)
    assert due(NOW - timedelta(hours=3), NOW, on)
    assert not due(NOW - timedelta(hours=2), NOW, on)
    assert not due(None, NOW, off)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(ITEM["paper"])), inner),
    max_leaves=6,
)


@pytest.mark.slow
@given(st.lists(st.fixed_dictionaries({"paper": JSON}, optional={"publishedAt": JSON}) | JSON, max_size=3))
def test_any_json_is_records_and_drops(items: list[object]) -> None:
    """No item, whatever it holds, raises; every one is accounted for."""
    listing = parse(*items)
    assert len(listing.records) + len(listing.drops) == listing.items == len(items)
