"""Counting what is due: a pull asks the services, stores series of counts, and tells what came of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from broadsheet import config
from broadsheet.library.answers import pull_answer
from broadsheet.library.handle import Library
from broadsheet.library.harvest.due import is_due, known_sources, standing
from broadsheet.library.harvest.import_ import import_files
from broadsheet.library.harvest.polling import POLL_COUNTS
from broadsheet.library.harvest.pull import pull
from broadsheet.library.papers.joining import merge
from broadsheet.library.papers.show import show
from broadsheet.library.upkeep.status import status
from broadsheet.sources.signals import SIGNAL_SOURCES
from tests.replay import Replay
from tests.services import Services, says
from tests.shell import Shell, write_listing

ALL = ("github", "semanticscholar", "openalex")
DAY = timedelta(days=1)
PAPERS: list[dict[str, Any]] = [
    {"id": "2511.00001", "title": "Bees", "abstract": "Bees hum.", "comment": "Code: https://github.com/mara/bees"},
    {"id": "2511.00002", "title": "Tides", "abstract": "Tides rise.", "comment": "https://github.com/mara/tides"},
    {"id": "2511.00003", "title": "Clouds", "abstract": "Clouds drift."},
]


class Clock:
    """The time of the library, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2025, 11, 20, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forth(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def open_library(services: Services, clock: Clock, tmp_path: Path) -> Callable[..., Library]:
    """Opens a library of three papers of one day, with some of the services switched on."""
    home = tmp_path / "home"

    def make(*enabled: str, **options: Any) -> Library:
        given = {"encoder": "none", "net.retries": 0, **options}
        lib = Library(config.load(services.environ(*enabled), home=home, options=given), clock)
        if not (home / "library.db").exists():
            import_files(lib, [str(write_listing(tmp_path / "papers.jsonl", PAPERS))])
        return lib

    return make


def polled(*numbers: int) -> dict[str, int]:
    """The numbers of papers of a run, in their order."""
    return dict(zip(POLL_COUNTS, numbers, strict=True))


def counts(lib: Library, number: int) -> list[tuple[str, str, int]]:
    """The series of a paper as source, kind and value."""
    return [(s.source, s.kind, s.value) for s in show(lib, f"arxiv:2511.{number:05}").signals]


@pytest.mark.slow
def test_stars_become_a_series(services: Services, clock: Clock, open_library: Callable[..., Library]) -> None:
    """A named source is asked about what is due; each look adds a count; the answer says what came of it."""
    services.stars = {"mara/bees": 5, "mara/tides": 7}
    with open_library("github") as lib:
        [run] = pull_answer(pull(lib, ["github"]))["runs"]
        clock.forth(days=1)
        services.stars["mara/bees"] = 9
        [again] = pull_answer(pull(lib, ["github"]))["runs"]

        assert (run["state"], run["new"], run["note"]) == (
            "ok",
            0,
            "asked about 2 papers: new 2, same 0; not asked about 1 (no code on GitHub)",
        )
        assert run["polled"] == polled(2, 2, 0, 0, 1, 0)
        assert again["polled"] == polled(2, 1, 1, 0, 0, 0)
        assert counts(lib, 1) == [("github", "github_stars", 5), ("github", "github_stars", 9)]
        assert counts(lib, 2) == [("github", "github_stars", 7), ("github", "github_stars", 7)]
        assert counts(lib, 3) == []


@pytest.mark.slow
def test_what_is_not_due_is_not_asked(services: Services, clock: Clock, open_library: Callable[..., Library]) -> None:
    """Within a day no paper is looked at again, also where a person insists; counts that rest wait twice as long."""
    services.stars = {"mara/bees": 5, "mara/tides": 7}
    with open_library("github") as lib:
        pull(lib, ["github"])
        [run] = pull(lib, ["github"]).runs
        assert (run.state, run.note, len(services.asked)) == ("unchanged", "no paper is due", 2)
        clock.forth(days=1)
        services.stars["mara/bees"] = 6
        pull(lib, ["github"])
        clock.forth(days=1)
        pull(lib, ["github"])
        assert services.paths()[4:] == ["/repos/mara/bees"]


@pytest.mark.slow
def test_a_poll_runs_by_itself_where_papers_wait(
    services: Services, clock: Clock, open_library: Callable[..., Library]
) -> None:
    """It is due when a paper is, an hour after the last one at the earliest, however that ended."""
    services.stars = {"mara/bees": 5, "mara/tides": 7}

    def due(lib: Library) -> bool:
        with lib.store.reading() as conn:
            stands = standing(conn, "github")
        return is_due(lib, SIGNAL_SOURCES["github"], stands)

    with open_library("github") as lib:
        assert due(lib)
        services.fault("/repos", says(500, b""), times=2)
        assert pull(lib, ["github"]).runs[0].state == "failed"
        assert not due(lib)
        clock.forth(hours=1)
        assert due(lib)
        pull(lib, ["github"])
        clock.forth(hours=2)
        assert not due(lib)
        clock.forth(days=1)
        assert due(lib)
        clock.forth(days=400)
        assert not due(lib)


@pytest.mark.slow
def test_nobody_is_asked_who_is_not_switched_on(open_library: Callable[..., Library]) -> None:
    """All three are off by default, so that nothing of the library leaves the machine."""
    defaults = config.load({}, home=Path("/nonexistent"))
    assert not any(source.enabled(defaults) for source in SIGNAL_SOURCES.values())
    with open_library() as lib:
        assert set(known_sources(lib)).isdisjoint(ALL)


@pytest.mark.slow
def test_a_person_may_ask_who_is_off(services: Services, open_library: Callable[..., Library]) -> None:
    """Naming a source asks it once, whatever the settings say."""
    services.stars = {"mara/bees": 5}
    with open_library() as lib:
        assert pull(lib, ["github"]).runs[0].polled is not None
    assert services.asked


@pytest.mark.slow
def test_a_fault_of_one_leaves_the_others_untouched(
    services: Services, clock: Clock, open_library: Callable[..., Library]
) -> None:
    """Each run ends for itself, and what is unknown somewhere is no zero."""
    services.stars = {"mara/bees": 5}
    services.works = [{"doi": "https://doi.org/10.48550/arxiv.2511.00001", "cited_by_count": 0}]
    services.fault("/graph", says(503, b""))
    clock.forth(days=7)
    with open_library(*ALL) as lib:
        runs = {run.source: run for run in pull(lib, ALL).runs}
        problems = status(lib)["problems"]

        assert {name: run.state for name, run in runs.items()} == {
            "github": "ok",
            "semanticscholar": "failed",
            "openalex": "ok",
        }
        assert runs["github"].note == (
            "asked about 2 papers: new 1, same 0; unknown there 1 (no such repository); "
            "not asked about 1 (no code on GitHub)"
        )
        assert runs["openalex"].note == "asked about 3 papers: new 1, same 0; unknown there 2 (not there yet)"
        assert [problem.partition(":")[0] for problem in problems] == ["semanticscholar"]
        assert sorted(counts(lib, 1)) == [("github", "github_stars", 5), ("openalex", "citations", 0)]
        assert counts(lib, 2) == counts(lib, 3) == []


@pytest.mark.slow
def test_a_limit_that_is_used_up_is_no_failure(
    services: Services, clock: Clock, open_library: Callable[..., Library]
) -> None:
    """The run says when to come back; what was counted stays, what was not waits."""
    services.stars = {"mara/bees": 5, "mara/tides": 7}
    used_up = says(403, {"message": "limit"}, X_RateLimit_Remaining="0", X_RateLimit_Reset="3600")
    services.fault("/repos/mara/tides", used_up)
    with open_library("github") as lib:
        [run] = pull(lib, ["github"]).runs
        assert (run.state, run.failed) == ("ok", False)
        assert "come back after" in (run.note or "")
        assert "2 papers left for the next run" in (run.note or "")
        assert status(lib)["problems"] == []
        [held] = pull(lib, ["github"]).runs
        assert (held.state, len(services.asked)) == ("empty", 2)


@pytest.mark.slow
def test_what_a_budget_left_over_comes_next(services: Services, open_library: Callable[..., Library]) -> None:
    """A run that ended early is gone on with, paper by paper."""
    services.stars = {"mara/bees": 5, "mara/tides": 7}
    with open_library("github", **{"github.budget": 1}) as lib:
        [run] = pull(lib, ["github"]).runs
        pull(lib, ["github"])
        assert (run.polled or {})["waiting"] == 2
        assert services.paths() == ["/repos/mara/bees", "/repos/mara/tides"]


@pytest.mark.slow
def test_citations_are_first_counted_after_a_week(
    services: Services, clock: Clock, open_library: Callable[..., Library]
) -> None:
    """A paper of today is not asked about; a week later it is, and years later it is not."""
    services.citations = {"ARXIV:2511.00001": 2}
    with open_library("semanticscholar") as lib:
        pull(lib, ["semanticscholar"])
        clock.forth(days=7)
        pull(lib, ["semanticscholar"])
        assert len(services.asked) == 1
        assert counts(lib, 1) == [("semanticscholar", "citations", 2)]
        clock.forth(days=900)
        pull(lib, ["semanticscholar"])
        assert len(services.asked) == 1


@pytest.mark.slow
def test_status_tells_what_a_poll_did(services: Services, open_library: Callable[..., Library]) -> None:
    """Asked, new, unknown, skipped and waiting, with the sentence; a source that is off and never ran is not shown."""
    services.stars = {"mara/bees": 5}
    with open_library("github") as lib:
        pull(lib, ["github"])
        sources = {source["source"]: source for source in status(lib)["sources"]}
    assert sources["github"]["polled"] == polled(2, 1, 0, 1, 1, 0)
    assert sources["github"]["note"].startswith("asked about 2 papers")
    assert (sources["github"]["due"], sources["arxiv"]["polled"]) == (False, None)
    assert "openalex" not in sources


@pytest.mark.slow
def test_papers_that_were_counted_can_be_joined(services: Services, open_library: Callable[..., Library]) -> None:
    """The joined paper has the counts of both, and is looked at as one."""
    services.stars = {"mara/bees": 5, "mara/tides": 7}
    with open_library("github") as lib:
        pull(lib, ["github"])
        merge(lib, "arxiv:2511.00001", "arxiv:2511.00002")
        assert sorted(counts(lib, 2)) == [("github", "github_stars", 5), ("github", "github_stars", 7)]
        assert pull(lib, ["github"]).runs[0].state == "unchanged"


@pytest.mark.slow
def test_papers_of_this_pull_are_counted_by_it(
    services: Services, clock: Clock, small_replay: Replay, open_library: Callable[..., Library]
) -> None:
    """Counts come after the harvest, so that the day's papers are asked about on their day."""
    arxiv = {
        name.removeprefix("BROADSHEET_").replace("__", ".").lower(): value
        for name, value in small_replay.environ.items()
    }
    with open_library("github", **arxiv) as lib:
        runs = {run.source: run for run in pull(lib).runs}
        assert list(runs)[-1] == "github"
        assert (runs["github"].polled or {})["asked"] > 2  # those that were there before
        clock.forth(hours=5)
        assert "github" not in {run.source for run in pull(lib, counting=False).runs}


@pytest.mark.slow
def test_a_service_of_counts_that_is_down_is_not_a_network_that_is(
    services: Services, clock: Clock, open_library: Callable[..., Library]
) -> None:
    """`up` offers the sample where no papers could be harvested; missing counts are told, and no more."""
    services.fault("/graph", says(503, b""), times=9)
    clock.forth(days=7)
    with open_library("semanticscholar") as lib:
        report = pull(lib, ["semanticscholar"])
        assert (report.any_failed, report.all_failed) == (True, False)


@pytest.mark.slow
def test_the_shell_shows_polls(stocked: Shell, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pull` and `status` print the sentence; a day further back does not make counts due."""
    for name, value in {**services.environ("github"), "COLUMNS": "200"}.items():
        monkeypatch.setenv(name, value)
    outcome = stocked("pull", "github", "--from", "2025-11-19")
    assert outcome.code == 0, outcome.err
    assert "no paper is due" in outcome.out or "asked about" in outcome.out
    assert "github" in stocked("status").out
