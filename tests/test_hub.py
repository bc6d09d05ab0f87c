"""Hugging Face's endpoints: what was harvested there comes out as it went in, for their client and for our harvest."""

import json
import tarfile
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import HfHubHTTPError

from broadsheet import config
from broadsheet.library.handle import Library
from broadsheet.library.harvest.ingest import ingest
from broadsheet.library.index import catch_up
from broadsheet.sources import huggingface
from broadsheet.types import Announcement, Record
from tests.libraries import library_at, sample_at
from tests.served import Served, served

NOW = datetime(2025, 11, 20, 9, tzinfo=UTC)
DAYS = (date(2025, 11, 18), date(2025, 11, 19))


def _item(number: int, day: date, **more: Any) -> dict[str, Any]:
    """An item of a list in the form of late 2025; what is `more` is of its paper."""
    published = datetime(2025, 11, 17, 18, number, tzinfo=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    paper = {
        "id": f"2511.{number:05}",
        "authors": [{"_id": "x", "name": "Ada Byron", "hidden": False}, {"name": "Jo Doe", "hidden": False}],
        "publishedAt": published,
        "submittedOnDailyAt": f"{day.isoformat()}T01:20:51.117Z",
        "submittedOnDailyBy": {"user": "ada", "fullname": "Ada B.", "type": "user"},
        "title": f"Paper {number} on $O(n)$",
        "summary": f"We count to {number}.",
        "upvotes": number,
        "discussionId": "abc",
        **more,
    }
    outer = {name: paper[name] for name in ("publishedAt", "title", "summary")}
    return {"paper": paper, **outer, "numComments": 2, "isAuthorParticipating": False}


RICH = {
    "ai_summary": "It counts.",
    "ai_keywords": ["counting", "numbers"],
    "projectPage": "https://example.org/count",
    "githubRepo": "https://github.com/example/count",
    "githubStars": 71,
    "organization": {"name": "counters", "fullname": "The Counters"},
}
LISTS = {
    DAYS[0]: [_item(3, DAYS[0]), _item(9, DAYS[0], submittedOnDailyBy={"user": "bob"})],
    DAYS[1]: [_item(1, DAYS[1]), _item(5, DAYS[1], **RICH), _item(7, DAYS[1], upvotes=0)],
}


def _harvested(day: date) -> tuple[Record, ...]:
    return huggingface.parse(json.dumps(LISTS[day]).encode(), now=NOW, day=day).records


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Two days of a list as harvested, and a paper that only arXiv announced."""
    settings = config.load({}, home=tmp_path_factory.mktemp("hub"), options={"encoder": "none"})
    other = Record(
        source="arxiv",
        seen=NOW,
        ids=("arxiv:2511.77777",),
        title="Not featured",
        abstract="Of sleep.",
        announcements=(Announcement("arxiv", DAYS[1], "new"),),
    )
    with Library(settings, now=lambda: NOW) as lib:
        with lib.store.writing() as conn:
            ingest(conn, [other, *(record for day in DAYS for record in _harvested(day))], NOW)
        catch_up(lib)
        with served(lib) as running:
            yield running


@pytest.fixture(scope="module")
def api(site: Served) -> HfApi:
    """Hugging Face's own client, with only the host changed."""
    return HfApi(endpoint=site.address, token=False)


def _items(site: Served, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(site(path).body)
    return items


@pytest.mark.slow
def test_a_day_comes_out_as_it_went_in(site: Served) -> None:
    """Those that were featured and no others, most votes first, with the fields and values that were harvested."""
    for day in DAYS:
        given = sorted(LISTS[day], key=lambda item: -item["paper"]["upvotes"])
        items = _items(site, f"/api/daily_papers?date={day}")

        assert [item["paper"]["id"] for item in items] == [item["paper"]["id"] for item in given]
        for item, before in zip(items, given, strict=True):
            assert set(before) <= set(item)
            assert set(before["paper"]) <= set(item["paper"])
            for name in ("id", "publishedAt", "title", "summary", "upvotes", "ai_summary", "ai_keywords"):
                assert item["paper"].get(name) == before["paper"].get(name)
            assert item["numComments"] == 2
            assert item["paper"]["submittedOnDailyAt"][:10] == day.isoformat()


def test_one_instance_can_harvest_another(site: Served) -> None:
    """The records that are read from our list are those that were read from theirs."""
    for day in DAYS:
        body = site(f"/api/daily_papers?date={day}").body
        ours = huggingface.parse(body, now=NOW, day=day)
        known = {record.ids: record for record in _harvested(day)}

        assert ours.drops == ()
        for record in ours.records:
            before = known.pop(record.ids)
            for name in ("title", "abstract", "authors", "published", "announcements", "signals", "enrichments"):
                assert getattr(record, name) == getattr(before, name), name
            assert {link.url for link in before.links} <= {link.url for link in record.links}
        assert known == {}


def test_their_client_lists_with_only_the_host_changed(api: HfApi) -> None:
    """`list_daily_papers` gives the day's papers with what it reads from a list, and what it otherwise misses."""
    found = {paper.id: paper for paper in api.list_daily_papers(date="2025-11-19")}
    rich = found["2511.00005"]

    assert list(found) == ["2511.00005", "2511.00001", "2511.00007"]
    assert (rich.upvotes, rich.comments, rich.title) == (5, 2, "Paper 5 on $O(n)$")
    assert rich.published_at == datetime(2025, 11, 17, 18, 5, tzinfo=UTC)
    assert (rich.ai_summary, rich.ai_keywords) == ("It counts.", ["counting", "numbers"])
    assert (rich.github_repo, rich.github_stars) == ("https://github.com/example/count", 71)
    assert rich.organization is not None
    assert rich.organization.fullname == "The Counters"
    assert rich.submitted_by is not None
    assert rich.submitted_by.username == "ada"
    assert [author.name for author in rich.authors or ()] == ["Ada Byron", "Jo Doe"]


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({}, ["5", "1", "7", "9", "3"]),
        ({"week": "2025-W47"}, ["5", "1", "7", "9", "3"]),
        ({"month": "2025-11", "limit": 2, "p": 1}, ["7", "9"]),
        ({"date": "2025-11-18", "submitter": "bob"}, ["9"]),
        ({"date": "2025-11-17"}, []),
        ({"week": "2025-W47", "sort": "trending", "limit": 1}, ["9"]),  # stars that were counted once say nothing
    ],
)
def test_lists_can_be_asked_for_as_theirs(api: HfApi, asked: Mapping[str, Any], ids: list[str]) -> None:
    """By day, week or month, page by page, by who featured them; without a date the most recent days."""
    assert [paper.id for paper in api.list_daily_papers(**asked)] == [f"2511.0000{id}" for id in ids]


def test_their_client_reads_one_paper(api: HfApi, site: Served) -> None:
    """`paper_info` has what is known of a paper, under its arXiv id; `read_paper` its text."""
    paper = api.paper_info("2511.00005")

    assert (paper.id, paper.upvotes, paper.summary) == ("2511.00005", 5, "We count to 5.")
    assert paper.submitted_at == datetime(2025, 11, 19, 1, 20, 51, 117000, tzinfo=UTC)
    assert (paper.ai_summary, paper.num_total_models, paper.linked_models) == ("It counts.", 0, [])
    assert api.read_paper("2511.00005").startswith("# Paper 5 on O(n)\n\nAda Byron, Jo Doe\n\nWe count to 5.")
    assert site("/papers/2511.00005").headers["location"].endswith("/paper/arxiv:2511.00005")


def test_their_client_searches(api: HfApi) -> None:
    """`list_papers` finds by words, also what was not featured; without a query it lists the newest."""
    assert [paper.id for paper in api.list_papers(query="sleep")] == ["2511.77777"]
    assert len(list(api.list_papers(limit=3))) == 3


@pytest.mark.slow
def test_what_is_not_there_is_their_clients_error(api: HfApi) -> None:
    """The sentence of an error reaches the person who uses the client."""
    with pytest.raises(HfHubHTTPError, match="not in the library"):
        api.paper_info("2511.99999")
    with pytest.raises(HfHubHTTPError, match="date 2025-99-99: is no day, week or month"):
        list(api.list_daily_papers(date="2025-99-99"))
    with pytest.raises(HfHubHTTPError, match="limit=101"):
        list(api.list_daily_papers(limit=101))
    with pytest.raises(HfHubHTTPError, match="one day, week or month"):
        list(api.list_daily_papers(date="2025-11-19", month="2025-11"))


@pytest.mark.slow
def test_a_library_without_a_curated_list_has_its_editions_there(tmp_path: Path) -> None:
    """Where nobody features papers, the day's papers are the day's edition."""
    settings = config.load({}, home=tmp_path / "plain", options={"encoder": "none"})
    new = Record(
        source="arxiv",
        seen=NOW,
        ids=("arxiv:2511.77777",),
        title="New",
        announcements=(Announcement("arxiv", DAYS[1], "new"),),
    )
    with Library(settings, now=lambda: NOW) as lib:
        with lib.store.writing() as conn:
            ingest(conn, [new], NOW)
        with served(lib) as site:
            listed = _items(site, "/api/daily_papers?date=2025-11-19")

    assert [item["paper"]["id"] for item in listed] == ["2511.77777"]
    assert listed[0]["paper"]["upvotes"] == 0


@pytest.mark.slow
def test_the_sample_edition_is_there_too(tmp_path: Path) -> None:
    """A paper without an arXiv id goes by its key."""
    with sample_at(tmp_path / "demo") as lib, served(lib) as site:
        assert "demo:0001" in [item["paper"]["id"] for item in _items(site, "/api/daily_papers")]


@pytest.mark.slow
def test_recorded_days_come_out_as_they_went_in(shared: Path, tmp_path: Path) -> None:
    """Real answers of two generations: the same papers with the same votes, comments and words, most votes first."""
    days = [date(2024, 6, 3), date(2025, 3, 18), date(2025, 12, 24)]
    with tarfile.open(shared / "data" / "recorded" / "huggingface_daily_papers.tar.gz") as tar:
        files = {Path(member.name).name[:10]: tar.extractfile(member) for member in tar if member.isfile()}
        bodies = {day: file.read() for day, file in files.items() if file and day in map(str, days)}
    with library_at(tmp_path / "real", now=lambda: datetime(2026, 1, 1, tzinfo=UTC)) as lib:
        theirs = {day: huggingface.parse(bodies[str(day)], now=NOW, day=day).records for day in days}
        with lib.store.writing() as conn:
            for records in theirs.values():
                ingest(conn, records, NOW)
        with served(lib) as site:
            answers = {day: site(f"/api/daily_papers?date={day}&limit=100").body for day in days}
    for day, records in theirs.items():
        ours = huggingface.parse(answers[day], now=NOW, day=day).records
        told = {record.ids: record for record in records}

        assert {record.ids for record in ours} == set(told)
        for record in ours:
            before = told[record.ids]
            for name in ("title", "abstract", "published", "signals", "enrichments"):
                assert getattr(record, name) == getattr(before, name), (day, record.ids, name)
        votes = [item["paper"]["upvotes"] for item in json.loads(answers[day])]
        assert votes == sorted(votes, reverse=True)
