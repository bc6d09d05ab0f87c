"""GitHub, Semantic Scholar and OpenAlex as sources of counts, against local ones that speak as they do."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet import config, net
from broadsheet.errors import FetchError, FormatError, SourceError
from broadsheet.sources.signals import SIGNAL_SOURCES, Look, Looks, Poll, Subject
from broadsheet.sources.signals.answers import count
from broadsheet.sources.signals.github import repository
from broadsheet.sources.signals.openalex import dois_of
from broadsheet.sources.signals.semanticscholar import their_id
from broadsheet.types import Link, LinkKind
from tests.services import Fault, Services, breaks_off, says


def code(number: int, repository: str, **memory: str) -> Subject:
    """A paper that names its code."""
    links = (Link("abstract", "https://arxiv.org/abs/2511.00001"), Link("code", f"https://github.com/{repository}"))
    return Subject(number, (f"arxiv:2511.{number:05}",), links, memory)


def paper(number: int, *aliases: str) -> Subject:
    """A paper with these ids, or an arXiv id."""
    return Subject(number, aliases or (f"arxiv:2511.{number:05}",))


def batches(services: Services, name: str, subjects: Sequence[Subject], **options: Any) -> list[Looks]:
    """What a poll of a source yields; waits take no time."""
    given = {f"{name}.{option}": value for option, value in options.items()}
    settings = config.load(services.environ(name), home=Path("/nonexistent"), options={"net.retries": 1} | given)
    with net.Client(settings, sleep=lambda _: None, proxies={}) as client:
        return list(SIGNAL_SOURCES[name].fetch(client, Poll(settings, iter(subjects))))


def looks(services: Services, name: str, subjects: Sequence[Subject], **options: Any) -> dict[int, Look]:
    """What a poll finds of each paper."""
    return {look.id: look for found in batches(services, name, subjects, **options) for look in found.looks}


# GitHub


def test_stars_are_counted_once_for_a_repository(services: Services) -> None:
    """Papers of one repository share a request; one without code costs none; what is missing is no zero."""
    services.stars = {"ada/engine": 42}
    found = looks(services, "github", [code(1, "ada/engine"), code(2, "Ada/Engine.git"), paper(3), code(4, "ada/gone")])
    assert [found[i].counts for i in (1, 2, 3, 4)] == [{"github_stars": 42}, {"github_stars": 42}, {}, {}]
    assert [found[i].state for i in (1, 2, 3, 4)] == ["counted", "counted", "skipped", "unknown"]
    assert found[4].reason == "no such repository"
    assert services.paths() == ["/repos/ada/engine", "/repos/ada/gone"]


def test_an_unchanged_repository_costs_nothing_of_the_limit(services: Services) -> None:
    """The second look is conditional; a 304 is the count of the last time."""
    services.stars = {"ada/engine": 42}
    memory = looks(services, "github", [code(1, "ada/engine")])[1].memory
    left = services.left
    again = looks(services, "github", [code(1, "ada/engine", **memory)])
    assert (again[1].counts, services.left) == ({"github_stars": 42}, left)
    assert services.asked[-1][2]["if-none-match"] == 'W/"42"'
    services.stars["ada/engine"] = 43
    assert looks(services, "github", [code(1, "ada/engine", **memory)])[1].counts == {"github_stars": 43}


def test_a_renamed_repository_is_followed_and_remembered(services: Services) -> None:
    """The redirect is followed once; from then on it is asked for by its new name."""
    services.stars, services.renamed = {"ada/new": 7}, {"ada/old": "ada/new"}
    found = looks(services, "github", [code(1, "ada/old")])
    assert (found[1].counts, found[1].memory["name"]) == ({"github_stars": 7}, "ada/new")
    looks(services, "github", [code(1, "ada/old", **found[1].memory)])
    assert services.paths() == ["/repos/ada/old", "/repositories/0", "/repos/ada/new"]


def test_another_repository_of_a_paper_is_asked_afresh(services: Services) -> None:
    """What was remembered of one repository is not taken for another."""
    services.stars = {"ada/engine": 42, "ada/other": 42}
    memory = looks(services, "github", [code(1, "ada/engine")])[1].memory
    assert looks(services, "github", [code(1, "ada/other", **memory)])[1].counts == {"github_stars": 42}
    assert services.paths()[-1] == "/repos/ada/other"
    assert "if-none-match" not in services.asked[-1][2]


def test_half_of_the_limit_is_left_to_others(services: Services) -> None:
    """A poll ends where half of the hour's requests are used, and says so."""
    services.stars = {f"ada/r{i}": i for i in range(10)}
    services.limit, services.left = 8, 8
    found = batches(services, "github", [code(i, f"ada/r{i}") for i in range(10)])
    assert len(services.asked) == 4
    assert [b.note for b in found if b.note] == [
        "GitHub allows 8 requests an hour, and half of them are left to others"
    ]


def test_repositories_that_are_not_there_use_up_the_limit_too(services: Services) -> None:
    """404 counts at GitHub, and so here."""
    services.limit, services.left = 8, 8
    assert batches(services, "github", [code(i, f"ada/r{i}") for i in range(10)])
    assert len(services.asked) == 4


def test_the_budget_of_a_run_holds(services: Services) -> None:
    """No more requests than the setting allows; papers that cost nothing are still looked at before the end."""
    services.stars = {f"ada/r{i}": i for i in range(10)}
    found = batches(
        services, "github", [code(0, "ada/r0"), code(1, "ada/r1"), code(2, "ada/r0"), code(3, "ada/r3")], budget=2
    )
    assert len(services.asked) == 2
    assert [look.id for b in found for look in b.looks] == [0, 1, 2]
    assert [b.note for b in found if b.note] == ["github.budget allows 2 requests a run"]


def test_a_used_up_limit_says_when_to_come_back(services: Services) -> None:
    """403 with nothing remaining is a pause, not a refusal: the error has the time, and the token is sent."""
    used_up = says(
        403, {"message": "API rate limit exceeded"}, X_RateLimit_Remaining="0", X_RateLimit_Reset="4000000000"
    )
    services.fault("/repos", used_up)
    with pytest.raises(FetchError, match="API rate limit exceeded") as caught:
        looks(services, "github", [code(1, "ada/engine")], token="secret")
    assert caught.value.until is not None
    assert services.asked[0][2]["authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    "fault",
    [
        says(502, b""),
        says(403, {"message": "Repository access blocked"}),
        breaks_off,
        says(200, b"<html>"),
        says(200, [1]),
        says(200, {"full_name": "a/b", "stargazers_count": "7"}),
    ],
)
def test_one_repository_at_fault_does_not_stop_the_others(services: Services, fault: Fault) -> None:
    """A fault of one repository is its reason; the next ones are asked."""
    services.stars = {"ada/bad": 1, "ada/good": 2}
    services.fault("/repos/ada/bad", fault, times=2)
    found = looks(services, "github", [code(1, "ada/bad"), code(2, "ada/good")])
    assert (found[1].state, found[2].counts) == ("unknown", {"github_stars": 2})
    assert found[1].reason


@pytest.mark.parametrize("papers", [1, 2, 3])
def test_a_service_that_is_down_is_an_error(services: Services, papers: int) -> None:
    """Two faults in a row, or one where nothing else was asked, end the poll; no paper counts as looked at."""
    services.fault("/repos", says(500, b""), times=9)
    with pytest.raises(SourceError, match="500"):
        looks(services, "github", [code(i, f"ada/r{i}") for i in range(papers)])
    assert len(services.asked) <= 4


def test_a_wrong_token_is_an_error_at_once(services: Services) -> None:
    """401 ends the poll with what GitHub says."""
    services.fault("/repos", says(401, {"message": "Bad credentials"}))
    with pytest.raises(FetchError, match="Bad credentials"):
        looks(services, "github", [code(1, "ada/engine"), code(2, "ada/b")], token="wrong")
    assert len(services.asked) == 1


@pytest.mark.parametrize(
    ("kind", "url", "found"),
    [
        ("code", "https://github.com/ada/engine", "ada/engine"),
        ("code", "https://www.github.com/ada/engine.git", "ada/engine"),
        ("code", "https://github.com/ada/engine/tree/main/x?y#z", "ada/engine"),
        ("code", "https://github.com/ada/eng.ine-2_b", "ada/eng.ine-2_b"),
        ("code", "https://github.com/ada", None),
        ("code", "https://github.com/orgs/ada", None),
        ("code", "https://github.com/ada/..", None),
        ("code", "https://gist.github.com/ada/123", None),
        ("code", "https://gitlab.com/ada/engine", None),
        ("project", "https://github.com/ada/engine", None),
        ("code", "https://github.com/ada/eng%2Fine", None),
    ],
)  # fmt: skip
def test_a_repository_is_read_from_a_link(kind: LinkKind, url: str, found: str | None) -> None:
    """Owner and name of what can be a repository, and of nothing else."""
    assert repository([Link(kind, url)]) == found


@given(st.text())
def test_no_link_breaks_the_reading(rest: str) -> None:
    """Whatever a link is, there is a repository that may stand in a path, or none."""
    found = repository([Link("code", f"https://github.com/{rest}"), Link("code", rest)])
    assert found is None or found.replace("/", "", 1).replace("-", "").replace("_", "").replace(".", "").isalnum()


# Semantic Scholar


def test_citations_of_a_batch(services: Services) -> None:
    """One request for all; null is unknown, a paper without an id is skipped, zero is a count."""
    services.citations = {"ARXIV:2511.00001": 12, "DOI:10.1/x": 0, "ARXIV:2511.00004": None}
    papers = [paper(1), paper(2, "doi:10.1/x"), paper(3), paper(4), paper(5, "local:00")]
    found = looks(services, "semanticscholar", papers, key="k")
    assert [found[i].counts for i in range(1, 6)] == [{"citations": 12}, {"citations": 0}, {}, {}, {}]
    assert [found[i].state for i in range(1, 6)] == ["counted", "counted", "unknown", "unknown", "skipped"]
    [(method, path, headers, said)] = services.asked
    assert (method, path) == ("POST", "/graph/v1/paper/batch?fields=citationCount")
    assert (headers["x-api-key"], len(said["ids"])) == ("k", 4)


def test_a_batch_of_which_nothing_is_known_is_unknown(services: Services) -> None:
    """The service says 400 where it knows none of the papers; that is an answer. Any other 400 is an error."""
    found = looks(services, "semanticscholar", [paper(1), paper(2)])
    assert {look.state for look in found.values()} == {"unknown"}
    services.fault("/graph", says(400, {"error": "Bad fields"}))
    with pytest.raises(FetchError, match="Bad fields"):
        looks(services, "semanticscholar", [paper(1)])


def test_batches_hold_500_and_the_budget_ends_them(services: Services) -> None:
    """As many requests as the setting allows; the rest waits."""
    services.citations = {f"ARXIV:2511.{i:05}": i for i in range(1200)}
    found = batches(services, "semanticscholar", [paper(i) for i in range(1200)], budget=2)
    assert [len(said["ids"]) for _, _, _, said in services.asked] == [500, 500]
    assert sum(len(b.looks) for b in found) == 1000
    assert found[-1].note == "semanticscholar.budget allows 2 requests a run"
    assert not [b for b in batches(services, "semanticscholar", [paper(1)], budget=1) if b.note]


def test_too_many_requests_are_waited_for(services: Services) -> None:
    """429 is asked again, after `Retry-After`; where that is long, the error has the time."""
    services.citations = {"ARXIV:2511.00001": 3}
    services.fault("/graph", says(429, {"message": "Too Many Requests"}, Retry_After="3"))
    assert looks(services, "semanticscholar", [paper(1)])[1].counts == {"citations": 3}
    services.fault("/graph", says(429, b"", Retry_After="9000"))
    with pytest.raises(FetchError) as caught:
        looks(services, "semanticscholar", [paper(1)])
    assert caught.value.until is not None


@pytest.mark.parametrize("body", [b"", b"[1", b"<html>", b"{}", b"[]", b'[{"citationCount": 1}]', b'"x"', b"\xff"])
@pytest.mark.parametrize("name", ["semanticscholar", "openalex"])
def test_an_answer_that_cannot_be_read_is_an_error(services: Services, name: str, body: bytes) -> None:
    """No list, or one of another length: nothing is taken from it, and it says so in a sentence."""
    services.fault("/", says(200, body))
    with pytest.raises(FormatError, match="answered"):
        looks(services, name, [paper(1), paper(2)])


@pytest.mark.parametrize("name", ["semanticscholar", "openalex"])
def test_half_an_answer_is_asked_for_again(services: Services, name: str) -> None:
    """An answer that breaks off is no answer."""
    services.citations = {"ARXIV:2511.00001": 3}
    services.works = [work("10.48550/arxiv.2511.00001", 3)]
    services.fault("/", breaks_off)
    assert looks(services, name, [paper(1)])[1].counts == {"citations": 3}


names = st.sampled_from(["citationCount", "doi", "cited_by_count", "results", "full_name", "stargazers_count", "x"])
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("a/b")
odd = st.recursive(scalars, lambda v: st.lists(v, max_size=3) | st.dictionaries(names, v, max_size=4), max_leaves=8)


@pytest.mark.parametrize(
    ("owner", "found"),
    [
        ({"n": 0}, 0),
        ({"n": 12}, 12),
        ({"n": -1}, None),
        ({"n": True}, None),
        ({"n": 3.0}, None),
        ({"n": "3"}, None),
        ({"n": None}, None),
        ({"n": 1 << 70}, None),
        ({}, None),
        ([1], None),
        (None, None),
    ],
)
def test_a_count_is_a_whole_number_from_zero(owner: object, found: int | None) -> None:
    """All else is no count, and no count is not zero."""
    assert count(owner, "n") == found


class Canned:
    """A web of one answer."""

    def __init__(self, answer: object) -> None:
        self._answer = net.Response(200, json.dumps(answer).encode(), None, "", {})

    def get(self, url: str, **_: Any) -> net.Response:
        return self._answer

    def post(self, url: str, **_: Any) -> net.Response:
        return self._answer


@pytest.mark.slow
@given(
    st.sampled_from(sorted(SIGNAL_SOURCES)),
    st.lists(odd, min_size=2, max_size=2) | st.fixed_dictionaries({"results": st.lists(odd)}) | odd,
)
def test_any_json_is_read_or_refused(name: str, answer: object) -> None:
    """Whatever types come, each paper has a count that is a whole number not below zero, or none; or it is an error."""
    settings = config.load({}, home=Path("/nonexistent"))
    try:
        found = list(SIGNAL_SOURCES[name].fetch(Canned(answer), Poll(settings, [code(1, "a/b"), code(2, "a/c")])))
    except SourceError:
        return
    counts = [value for b in found for look in b.looks for value in look.counts.values()]
    assert all(type(value) is int and value >= 0 for value in counts)


@pytest.mark.parametrize(
    ("aliases", "theirs"),
    [
        (("doi:10.1/x", "arxiv:2511.00001"), "ARXIV:2511.00001"),
        (("arxiv:math/0309136",), "ARXIV:math/0309136"),
        (("acl:2022.acl-long.572",), "ACL:2022.acl-long.572"),
        (("corpusid:12",), "CorpusId:12"),
        (("s2:" + "0a" * 20,), "0a" * 20),
        (("pubmed:12",), "PMID:12"),
        (("openreview:x", "local:00"), None),
    ],
)
def test_ids_in_the_spelling_of_semantic_scholar(aliases: tuple[str, ...], theirs: str | None) -> None:
    """The surest of a paper's ids, with the prefix that the service knows."""
    assert their_id(paper(1, *aliases)) == theirs


# OpenAlex


def work(doi: str, cited: object) -> dict[str, object]:
    return {"doi": f"https://doi.org/{doi}", "cited_by_count": cited}


def test_citations_by_doi(services: Services) -> None:
    """arXiv's papers by arXiv's DOI; of several works of a paper the greatest count; the key is sent."""
    services.works = [
        work("10.48550/arxiv.2511.00001", 3),
        work("10.1000/venue", 10),
        work("10.1000/venue", 8),
        work("10.48550/arxiv.2511.00002", 0),
        work("10.48550/arxiv.2511.00003", None),
    ]
    papers = [paper(1, "arxiv:2511.00001", "doi:10.1000/venue"), paper(2), paper(3), paper(4), paper(5, "acl:x")]
    found = looks(services, "openalex", papers, key="k")
    assert [found[i].counts for i in range(1, 6)] == [{"citations": 10}, {"citations": 0}, {}, {}, {}]
    assert [found[i].state for i in range(1, 6)] == ["counted", "counted", "unknown", "unknown", "skipped"]
    [path] = services.paths()
    assert "select=doi,cited_by_count&per_page=100&api_key=k" in path


def test_dois_that_a_filter_would_read_as_something_else_are_left_out() -> None:
    """A comma means AND and a bar OR, so such a DOI is not asked for."""
    assert dois_of(paper(1, "arxiv:hep-th/9901001", "doi:10.1/a,b", "doi:10.1/a|b", "doi:10.1/c")) == [
        "10.48550/arxiv.hep-th/9901001",
        "10.1/c",
    ]


def test_batches_leave_room_for_works_that_come_twice(services: Services) -> None:
    """Fifty DOIs a request, on a page of a hundred works; the budget ends them."""
    services.works = [work(f"10.48550/arxiv.2511.{i:05}", i) for i in range(120) for _ in range(2)]
    found = batches(services, "openalex", [paper(i) for i in range(120)], budget=2)
    assert sum(len(b.looks) for b in found) == 100
    assert all(look.counts == {"citations": look.id} for b in found for look in b.looks)
    assert found[-1].note == "openalex.budget allows 2 requests a run"


def test_a_merged_address_is_followed(services: Services) -> None:
    """301 leads to where the works are now."""
    services.works = [work("10.48550/arxiv.2511.00001", 3)]
    services.fault("/works", says(301, b"", Location="/works?filter=doi:10.48550/arxiv.2511.00001"))
    assert looks(services, "openalex", [paper(1)])[1].counts == {"citations": 3}
