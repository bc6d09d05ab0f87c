"""What trends in a library: what is rising, learning from the library's own counts, a fixed number of queries."""

import gzip
import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from broadsheet import config
from broadsheet.library.editions.attention import featured, sighting
from broadsheet.library.editions.edition import edition
from broadsheet.library.editions.trending import trending
from broadsheet.library.handle import Library
from broadsheet.library.harvest.ingest import ingest
from broadsheet.rank.evaluate_trending import read_cases
from broadsheet.rank.sighting import Sighting
from broadsheet.sources import huggingface
from broadsheet.store import papers, signals
from broadsheet.types import Announcement, Author, Signal
from tests.shell import Shell
from tests.statements import counting
from tests.stores import item, paper, put

NOW = datetime(2025, 11, 20, 20, tzinfo=UTC)
HUB = "huggingface"


def library(tmp_path: Path) -> Library:
    """An empty library, late on a Thursday, that encodes no texts."""
    return Library(config.load({"BROADSHEET_ENCODER": "none"}, home=tmp_path / "home"), now=lambda: NOW)


def feature(lib: Library, days_ago: int, votes: dict[str, list[tuple[float, int]]], field: str = "cs.CL") -> None:
    """Papers featured on a day, each with its votes at hours after midnight."""
    day = NOW.date() - timedelta(days=days_ago)
    announcement = Announcement(HUB, day, "featured", "someone")
    papers = [paper(key, categories=(field,), announcements=(announcement,), title=f"On {key}") for key in votes]
    numbers = put(lib.store, *map(item, papers))
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    with lib.store.writing() as conn:
        for number, counts in zip(numbers, votes.values(), strict=True):
            told = [Signal(HUB, "upvotes", midnight + timedelta(hours=hours), count) for hours, count in counts]
            signals.append(conn, number, told)


def past(lib: Library, days: int = 40) -> None:
    """Weeks of papers whose votes grow sixfold after the first morning."""
    rng = np.random.default_rng(0)
    for ago in range(8, 8 + days):
        early = rng.lognormal(2, 0.8, 6)
        feature(lib, ago, {f"old:{ago}-{i}": [(8, round(n)), (150, round(6 * n))] for i, n in enumerate(early)})


@pytest.mark.slow
@pytest.mark.parametrize(("days", "by"), [(5, "30 authors"), (40, "text and 30 authors")])
def test_words_are_a_reason_when_a_past_has_taught_them(tmp_path: Path, days: int, by: str) -> None:
    """Before any vote the line names a paper's many authors, and its text where there is a past of a hundred papers."""
    day = Announcement("arxiv", NOW.date(), "new")
    with library(tmp_path) as lib:
        past(lib, days)
        for key, people in (("arxiv:2511.00001", 30), ("arxiv:2511.00002", 1)):
            names = tuple(Author(f"A. {n}") for n in range(people))
            put(lib.store, item(paper(key, categories=("cs.CL",), announcements=(day,), title=key, authors=names)))
        first = trending(lib, window="day").entries[0]

    assert first.why.startswith(f"no votes yet, more expected than of most: {by}; ")


@pytest.mark.slow
def test_a_library_learns_from_its_own_counts(tmp_path: Path) -> None:
    """With weeks of counts that grow sixfold, a morning's votes are forecast to do so too."""
    with library(tmp_path) as lib:
        past(lib)
        feature(lib, 0, {"arxiv:2511.00001": [(8, 10)], "arxiv:2511.00002": [(8, 3)], "arxiv:2511.00003": [(8, 0)]})
        found = trending(lib, window="day")
        rising = trending(lib, window="day", rising=True)

    first = found.entries[0]
    assert [e.paper.key for e in found.entries] == ["arxiv:2511.00001", "arxiv:2511.00002", "arxiv:2511.00003"]
    assert first.expected is not None
    assert 45 < first.expected.votes < 75
    assert first.expected.low < 60 < first.expected.high
    assert "10 votes so far" in first.why
    assert rising.entries[0].paper.key == "arxiv:2511.00001"
    assert rising.entries[0].why.startswith("10 votes so far, ")


def test_an_edition_ranks_by_the_same_score(tmp_path: Path) -> None:
    """A day's edition sorted by trending has the parts of each score, and old editions rank by all their votes."""
    with library(tmp_path) as lib:
        feature(lib, 300, {"arxiv:2501.00001": [(8, 2), (200, 90)], "arxiv:2501.00002": [(8, 9), (200, 20)]})
        name = (NOW.date() - timedelta(days=300)).isoformat()
        found = edition(lib, name)

    assert [e.paper.key for e in found.entries] == ["arxiv:2501.00001", "arxiv:2501.00002"]
    assert {p.name for p in found.entries[0].parts} == {"attention on Hugging Face", "crowd", "age"}


def test_an_older_paper_that_wakes_is_listed(tmp_path: Path) -> None:
    """A paper of months ago whose votes rise this week trends this week; one that rests does not."""
    with library(tmp_path) as lib:
        feature(lib, 60, {"arxiv:2509.00001": [(8, 5), (59 * 24, 400)], "arxiv:2509.00002": [(8, 500), (200, 700)]})
        feature(lib, 1, {"arxiv:2511.00001": [(8, 4)]})
        found = trending(lib, window="week")

    assert {e.paper.key for e in found.entries} == {"arxiv:2509.00001", "arxiv:2511.00001"}


def test_one_field_is_listed_alone(tmp_path: Path) -> None:
    """`cs` stands for all of its categories, and a field without papers says so."""
    with library(tmp_path) as lib:
        feature(lib, 1, {"arxiv:2511.00001": [(8, 4)]})
        feature(lib, 1, {"arxiv:2511.00002": [(8, 4)]}, field="math.AG")
        assert [e.paper.key for e in trending(lib, field="math.AG").entries] == ["arxiv:2511.00002"]
        assert [e.paper.key for e in trending(lib, field="cs").entries] == ["arxiv:2511.00001"]
        nothing = trending(lib, field="hep-th")

    assert nothing.entries == ()
    assert "hep-th" in (nothing.note or "")


@pytest.mark.slow
@pytest.mark.parametrize("papers", [3, 30])
def test_the_number_of_queries_does_not_depend_on_the_number_of_papers(tmp_path: Path, papers: int) -> None:
    """Ten times as many papers take as many statements; of what is ranked already only the state and the papers."""
    with library(tmp_path) as lib:
        feature(lib, 1, {f"arxiv:2511.{i:05}": [(8, i), (20, 2 * i)] for i in range(papers)})
        with counting(lib) as ran:
            assert trending(lib, window="week").total == papers
        yesterday = (NOW.date() - timedelta(days=1)).isoformat()
        with counting(lib) as ranked:
            edition(lib, yesterday)
        with counting(lib) as again:
            edition(lib, yesterday)

    assert len(ran) <= 16
    assert len(ranked) <= 19
    assert again == [ran[0], again[-1]]


@pytest.mark.slow
def test_the_command_explains_itself(shell: Shell) -> None:
    """For people a list with the parts of each score, for programs the same as JSON; a wrong window is wrong use."""
    assert shell("up", "--demo", "--once").code == 0
    told = shell("trending", "--window", "month", "--explain")
    answer = shell("trending", "--window", "month", "--json").json
    first = answer["papers"][0]

    assert told.code == 0
    assert "times the usual" in told.out
    assert "half-life 12 days" in told.out
    assert answer["window"] == "month"
    assert {"rank", "key", "title", "votes", "score", "why", "parts"} <= first.keys()
    assert first["score"] == pytest.approx(sum(part["value"] for part in first["parts"]), abs=1e-4)
    assert shell("trending", "--window", "year").code == 2
    assert shell("trending", "--rising").code == 0


def test_a_ranking_is_made_once_until_something_changes(tmp_path: Path) -> None:
    """The same list is not fitted twice; a new count, or another hour, makes it anew."""
    moments = [NOW]
    settings = config.load({"BROADSHEET_ENCODER": "none"}, home=tmp_path / "home")
    with Library(settings, now=lambda: moments[0]) as lib:
        feature(lib, 0, {"new:1": [(8, 3)], "new:2": [(8, 1)]})
        first = trending(lib, window="day").entries
        again = trending(lib, window="day").entries
        with lib.store.writing() as conn:
            signals.append(conn, 2, [Signal(HUB, "upvotes", NOW - timedelta(minutes=5), 90)])
        counted = trending(lib, window="day").entries
        moments[0] = NOW + timedelta(hours=1)
        later = trending(lib, window="day").entries

    assert all(one.parts is other.parts for one, other in zip(first, again, strict=True))
    assert [entry.paper.key for entry in first] == ["new:1", "new:2"]
    assert [entry.paper.key for entry in counted] == ["new:2", "new:1"]
    assert later[0].parts is not counted[0].parts


def test_the_evaluation_sees_of_a_paper_what_the_library_keeps(tmp_path: Path) -> None:
    """Of one answer the library makes the sighting that the evaluation's protocol tells of it, in every field."""
    answers = [
        {
            "numComments": comments,
            "paper": {
                "id": "2511.00001",
                "title": "On rain",
                "summary": "It rains.",
                "authors": [{"name": "Ada Byron"}, {"name": "Lise Meitner"}],
                "publishedAt": "2025-11-18T09:07:12.000Z",
                "submittedOnDailyAt": "2025-11-20T01:36:44.468Z",
                "submittedOnDailyBy": {"user": "ada"},
                "upvotes": votes,
                "githubRepo": "https://github.com/ada/rain",
                "githubStars": stars,
                "projectPage": "https://rain.example.org",
                "mediaUrls": ["https://rain.example.org/1.png"],
                "organization": {"name": "acme"},
            },
        }
        for votes, comments, stars in ((5, 2, 40), (31, 0, 600))
    ]
    first, second = datetime(2025, 11, 20, 8, tzinfo=UTC), datetime(2025, 11, 20, 20, tzinfo=UTC)
    with library(tmp_path) as lib:
        for answer, at in zip(answers, (first, second), strict=True):
            with lib.store.writing() as conn:
                ingest(conn, huggingface.parse(json.dumps([answer]).encode(), now=at).records, at)
        with lib.store.reading() as conn:
            [(number, stored)] = papers.by_ids(conn, [1])
            listed = featured(stored, NOW)
            assert listed
            kept = sighting(stored, listed, signals.histories(conn, [number])[number], NOW)
    told = {
        "id": "arxiv:2511.00001",
        "day": "2025-11-20",
        "t0": first.isoformat(),
        "upvotes0": 5,
        "comments0": 2,
        "stars0": 40,
        "age_sub_h": (first - datetime(2025, 11, 20, 1, 36, 44, 468000, tzinfo=UTC)) / timedelta(hours=1),
        "obs30h": [[20.0, 31]],
        "published_at": "2025-11-18T09:07:12.000Z",
        "submitter": "ada",
        "organization": "acme",
        "github": True,
        "project_page": True,
        "media": True,
        "n_authors": 2,
        "title": "On rain",
        "abstract": "It rains.",
    }
    with gzip.open(tmp_path / "items.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write(json.dumps(told))
    (tmp_path / "truth.tsv").write_text("id\n", encoding="utf-8")
    [case] = read_cases(tmp_path)

    assert replace(case.sighting, at=second) == kept
    assert all(getattr(kept, field.name) not in (None, field.default) for field in fields(Sighting))
