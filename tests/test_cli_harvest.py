"""The main job, end to end: harvest from a local arXiv and Hugging Face, list, search, and stand their faults."""

from collections import Counter

import pytest

from tests.replay import Replay
from tests.shell import Shell

pytestmark = pytest.mark.slow


@pytest.fixture
def online(shell: Shell, replay: Replay, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A command line that asks the local arXiv and Hugging Face."""
    for name, value in replay.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BROADSHEET_ENCODER", "none")
    return shell


def test_the_first_run_harvests_a_day_and_a_week_behind_it(online: Shell, replay: Replay) -> None:
    """`up --once` takes the day's feed and back-fills; the edition lists the day and search finds in it."""
    replay.today("2025-11-19")  # the newest day of which both services have an answer
    answer = online.json("up", "--once")

    assert {run["source"]: run["state"] for run in answer["runs"]} == {
        "arxiv": "ok",
        "arxiv-oai": "ok",
        "huggingface": "ok",
    }
    assert answer["dropped_total"] == 0
    day = online.json("edition", "2025-11-19", "--limit", 0)
    assert day["state"] == "ok"
    assert day["total"] > 50
    title = day["papers"][0]["title"]
    assert online.json("search", f'title:"{title}"')["hits"][0]["key"] == day["papers"][0]["key"]
    assert online.json("edition", "2025-11-17")["total"] > 50


def test_a_second_run_is_cheap_and_changes_nothing(online: Shell, replay: Replay) -> None:
    """Nothing is due right after a harvest; asked all the same, nothing is new."""
    online.json("pull")
    asked = len(replay.log)

    assert online.json("pull")["runs"] == []
    assert len(replay.log) == asked
    again = online.json("pull", "--all")
    assert (again["new"], again["changed"]) == (0, 0)
    assert "unchanged since the feed of" in online("pull", "--all").out


def test_papers_are_imported_by_id_and_address(online: Shell, replay: Replay) -> None:
    """What is no file is asked of arXiv; what that lacks is dropped, what is neither is told, and the rest comes in."""
    replay.today("2025-11-19")
    assert "`broadsheet import arxiv:2511.11563` asks arXiv for it" in online("show", "2511.11563").err
    named = ("2511.11563", "https://arxiv.org/abs/2511.14159v2", "2511.99999")

    answer = online.json("import", *named)
    assert (answer["new"], [drop["at"] for drop in answer["dropped"]]) == (2, ["arxiv:2511.99999"])
    assert online.json("show", "2511.11563")["title"].startswith("LARM")
    alone = online("import", "2511.99999")
    assert (alone.code, "arXiv gave no such paper" in alone.out + alone.err) == (1, True)

    mixed = online("import", "2511.11563", "https://example.org/papers", "nowhere.bib")
    assert mixed.code == 1
    assert "https://example.org/papers: there is no such file, and it is no arXiv id" in mixed.err
    assert online.json("status")["runs"][0]["same"] == 1


@pytest.mark.parametrize("kind", ["429", "503", "truncate", "reset", "garbage", "html", "empty"])
def test_a_passing_fault_costs_nothing(
    online: Shell, replay: Replay, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a fault of any kind at the first request, at the latest the next pull has every paper, each once."""
    monkeypatch.setenv("BROADSHEET_NET__RETRIES", "0")
    for path in ("/atom", "/oai", "/api/daily"):
        replay.fault(path, kind)

    first = online("pull", "--json")
    online.json("pull", "--all")

    assert first.code in (0, 1)
    assert online.json("status")["problems"] == []
    served = {row["id"] for day in replay.world.days for row in replay.world.by_day[day] if _wanted(row)}
    listed = Counter(p["key"] for p in online.json("edition", "2025-11", "--limit", 0)["papers"])
    assert set(listed.values()) == {1}
    assert {f"arxiv:{i}" for i in served} <= set(listed)


def _wanted(row: dict[str, list[str]]) -> bool:
    return bool({"cs.AI", "cs.CL", "cs.CV", "cs.LG"} & set(row["categories"]))


def test_a_fault_in_one_source_leaves_the_others_untouched(
    online: Shell, replay: Replay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that stays down is named with its reason; the others are harvested."""
    monkeypatch.setenv("BROADSHEET_NET__RETRIES", "0")
    replay.fault("/api/daily_papers", "503", times=99)

    outcome = online("pull", "--json")

    states = {run["source"]: run["state"] for run in outcome.json["runs"]}
    assert outcome.code == 1
    assert states == {"arxiv": "ok", "arxiv-oai": "ok", "huggingface": "failed"}
    problems = online("status", "--json").json["problems"]
    assert len(problems) == 1
    assert "503" in problems[0]


def test_without_a_network_the_demo_is_offered(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """When no source can be reached, `up --once` fails with a sentence that offers the sample edition."""
    for name in ("ARXIV__FEED_URL", "ARXIV__OAI_URL", "HUGGINGFACE__URL"):
        monkeypatch.setenv(f"BROADSHEET_{name}", "http://127.0.0.1:9")
    monkeypatch.setenv("BROADSHEET_NET__RETRIES", "0")

    outcome = shell("up", "--once")

    assert outcome.code == 1
    assert "--demo" in outcome.err


def test_other_categories_are_asked_for_at_once(online: Shell, replay: Replay) -> None:
    """What was harvested for one category does not keep the others from being due."""
    online.json("pull", "--category", "cs.RO")

    again = online.json("pull")

    assert {run["source"] for run in again["runs"]} >= {"arxiv", "arxiv-oai"}
    assert again["new"] > 0
    assert online.json("pull")["runs"] == []


def test_a_mistyped_category_is_doubted_and_asked_for_all_the_same(online: Shell) -> None:
    """arXiv may have a category that is newer than the list of them; one that is known is not spoken of."""
    outcome = online("pull", "arxiv", "--category", "cs.XX", "--category", "cs.CL")

    assert outcome.code == 0
    assert "note: category 'cs.XX'" in outcome.err
    assert "'cs.CL'" not in outcome.err


@pytest.mark.parametrize("args", [("pull", "--from", "2999-01-01"), ("pull", "no-such-source")])
def test_what_cannot_be_harvested_is_wrong_use(online: Shell, args: tuple[str, ...]) -> None:
    """A day to come and a source that is none end with exit code 2 and ask nobody."""
    assert online(*args).code == 2


def test_learning_comes_last_and_is_told(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """A library of many papers says that it learns from them, once, after the answer, and each reindex says so."""
    monkeypatch.setattr("broadsheet.search.indexing.LEAST_TO_LEARN", 20)
    monkeypatch.setattr("broadsheet.search.taught._BATCH", 8)
    monkeypatch.setattr("broadsheet.search.learnt.LEAST", 8)

    first = shell("up", "--demo", "--once", "--json")
    again = shell("up", "--demo", "--once", "--json")
    anew = shell("reindex", "--json")

    assert first.json["new"] == 24
    assert first.err.startswith("Learning from 24 papers ")
    assert again.err == ""
    assert anew.err.startswith("Indexing 24 papers anew and learning from them")
    assert [row["state"] for row in shell.json("status")["indexes"]] == ["ok", "ok", "ok"]
