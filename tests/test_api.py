"""The REST API over HTTP: the commands' answers, errors in one envelope, limits that are told, and its description."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from broadsheet.library import answers
from broadsheet.library.access.tokens import make_token
from broadsheet.library.editions.edition import edition
from broadsheet.library.find import SearchAsk, search
from broadsheet.library.handle import Library
from broadsheet.library.papers.show import show
from broadsheet.library.readers import find_reader
from broadsheet.library.shelf import collections, saved
from tests.libraries import sample_at
from tests.served import Answer, Served, served

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
API = "/api/v1"


@pytest.fixture(scope="module")
def lib(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The sample edition of 20 November 2026."""
    with sample_at(tmp_path_factory.mktemp("api")) as opened:
        yield opened


@pytest.fixture(scope="module")
def site(lib: Library) -> Iterator[Served]:
    """The sample edition, served."""
    with served(lib) as running:
        yield running


def _json(answer: Answer) -> Any:
    assert answer.headers["content-type"] == "application/json"
    return orjson.loads(answer.body)


@pytest.mark.slow
def test_answers_are_those_of_the_commands(lib: Library, site: Served) -> None:
    """An edition and a paper have the fields that the shell prints with `--json`."""
    listed = answers.edition_answer(edition(lib, "2026-11-20", sort="votes", categories=("cs.LG",), limit=2))
    shown = answers.show_answer(show(lib, "demo:0001", related=5))

    assert _json(site(f"{API}/editions/2026-11-20?sort=votes&category=cs.LG&limit=2")) == listed
    assert _json(site(f"{API}/papers/demo:0001")) == shown


def test_days_are_listed_newest_first(site: Served) -> None:
    """The days that have papers, with how many; between two days, or so many."""
    told = _json(site(f"{API}/editions"))

    assert [row["edition"] for row in told["editions"]] == ["2026-11-20", "2026-11-19", "2026-11-18"]
    assert told["editions"][0]["kinds"] == {"featured": told["editions"][0]["papers"]}
    some = _json(site(f"{API}/editions?until=2026-11-19&limit=1"))
    assert ([row["edition"] for row in some["editions"]], some["total"]) == (["2026-11-19"], 2)
    assert _json(site(f"{API}/editions?since=2027-01-01"))["editions"] == []


@pytest.mark.parametrize("path", ["/editions/month?limit=5", "/search?limit=5&sort=new", "/search?q=the&limit=3"])
def test_pages_lead_to_each_other(site: Served, path: str) -> None:
    """`Link: rel=next` leads through the whole list, each paper once."""
    keys, address = [], f"{site.address}{API}{path}"
    while address:
        answer = site(address.removeprefix(site.address))
        doc = _json(answer)
        keys += [paper["key"] for paper in doc.get("papers", doc.get("hits"))]
        link = answer.headers.get("link", "")
        address = link.removeprefix("<").removesuffix('>; rel="next"')

    assert len(keys) == len(set(keys)) == doc["total"]


def test_a_search_says_why_and_counts(site: Served) -> None:
    """Hits have their words and scores, facets their counts, and a mistake of the query is a note, no error."""
    found = _json(site(f"{API}/search?q=sleep&facets=true"))

    assert found["hits"][0]["why"]["words"][0]["word"] == "sleep"
    assert found["facets"]["category"]
    assert "seconds" not in found
    assert site(f"{API}/search?q=((").status == 200


def test_several_papers_come_at_once(site: Served) -> None:
    """In the order asked for, under any spelling of an id; what is not here is named."""
    told = _json(site(f"{API}/papers?ids=demo:0002, DEMO:0001 ,arxiv:9999.99999"))

    assert [paper["key"] for paper in told["papers"]] == ["demo:0002", "demo:0001"]
    assert told["missing"] == ["arxiv:9999.99999"]


def test_related_papers_are_others(site: Served) -> None:
    """As many as asked for at most, never the paper itself, best first."""
    told = _json(site(f"{API}/papers/demo:0001/related?limit=3"))

    assert told["key"] == "demo:0001"
    assert 0 < len(told["papers"]) <= 3
    assert "demo:0001" not in [paper["key"] for paper in told["papers"]]
    scores = [paper["score"] for paper in told["papers"]]
    assert scores == sorted(scores, reverse=True)


def test_the_status_keeps_settings_and_paths_to_itself(lib: Library, site: Served) -> None:
    """Sources, runs and indexes are told to everybody, where the library lies and how it is set is not."""
    answer = site(f"{API}/status")

    assert _json(answer)["papers"] == 24
    assert "settings" not in _json(answer)
    assert str(lib.home) not in answer.text


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/nothing", 404, "nothing at this address"),
        ("/papers/arxiv:0000.00000", 404, "not in the library"),
        ("/papers/nope/related", 404, "not in the library"),
        ("/editions/2026-13", 400, "is no date"),
        ("/editions/newest?limit=1001", 400, "limit=1001: is more than 1,000; write that or less"),
        ("/editions/newest?limit=0", 400, "limit=0: is less than 1; write that or more"),
        ("/editions/newest?limit=1.5", 400, "limit=1.5: is no whole number; write one such as 20"),
        ("/editions/newest?srt=new", 400, "srt: is not known here; did you mean sort? Known are "),
        ("/status?full=1", 400, "full: is not known here; this address takes none"),
        ("/search?q=sleep&q=dreams", 400, "q: is given 2 times; give it once"),
        ("/search?limit=5&q=&limit=5", 400, "limit: is given 2 times; give it once"),
        ("/me", 401, "/api/v1/me: is for readers who have signed in; send the token of one as `Authorization: "),
        ("/editions/newest?sort=best", 400, "best"),
        ("/editions?since=yesterday", 400, "since=yesterday: is no day; write one such as 2025-11-20"),
        ("/search?facets=perhaps", 400, "facets=perhaps: is neither true nor false"),
        ("/search?limit=5000", 400, "1,000"),
        ("/search?mode=magic", 400, "'hybrid'"),
        ("/papers", 400, "ids: is missing; /api/v1/openapi.json says"),
        ("/papers?ids=,", 400, "0 ids"),
        ("/papers?ids=" + ",".join("a" * 101), 400, "101 ids"),
    ],
)
def test_every_error_is_the_envelope(site: Served, path: str, status: int, word: str) -> None:
    """Status, sentence, subject, cause and way out; no page, no traceback."""
    answer = site(API + path)
    told = _json(answer)

    assert answer.status == status
    assert set(told) == {"error"}
    assert set(told["error"]) == {"status", "message", "subject", "cause", "remedy"}
    assert told["error"]["status"] == status
    assert word in told["error"]["message"]
    assert "Traceback" not in answer.text


def test_other_methods_are_refused_in_the_envelope(site: Served) -> None:
    """The API reads; it says so to those who write."""
    answer = site(f"{API}/search", "POST")

    assert answer.status == 405
    assert _json(answer)["error"]["cause"] == "takes no POST"


def test_a_list_is_given_as_often_as_it_has_values(site: Served) -> None:
    """Categories are repeated and all of them count; pages and feeds go on to take the last of what is repeated."""
    some = [_json(site(f"{API}/editions/month?{asked}"))["total"] for asked in ("category=cs.CR", "category=cs.DB")]

    assert _json(site(f"{API}/editions/month?category=cs.CR&category=cs.DB"))["total"] == sum(some) > max(some)
    assert site("/search?q=sleep&q=dreams").status == site("/search.atom?q=sleep&q=dreams").status == 200


@pytest.mark.parametrize("path", ["/search?q=sleep", "/status", "/papers/demo:0001"])
def test_a_body_where_none_is_taken_is_refused(site: Served, path: str) -> None:
    """Also where the answer without it is remembered; an empty object says nothing, and no page minds either."""
    assert site(API + path).status == 200
    refused = site(API + path, body=b'{"limit": 5}')

    assert refused.status == 400
    assert _json(refused)["error"]["message"] == (
        "body: is not taken at this address; /api/v1/openapi.json says what each address takes"
    )
    assert site(API + path, body=b"{}").status == 200
    assert site("/search", body=b"limit=5").status == 200


@pytest.mark.parametrize("query", ["\x00", "\u202e\ud7ff", "a" * 2000, '"', "cat:", "<script>", "%ff", "id:", "-"])
def test_no_query_is_an_error(site: Served, query: str) -> None:
    """Whatever is searched for, the answer is JSON."""
    assert _json(site(f"{API}/search?q={quote(query)}"))["mode"] in ("hybrid", "keyword")


def test_a_query_is_read_up_to_one_length_wherever_it_is_asked(lib: Library, site: Served) -> None:
    """Page, API and shell leave the rest out, and say so in the same sentence."""
    text, told = "sleep " + "x" * 2_000, "longer than 2,000 letters, the rest is left out"

    assert _json(site(f"{API}/search?q={quote(text)}"))["notes"][-1] == told
    assert search(lib, SearchAsk(text)).notes[-1] == told
    assert f'<p class="note">{told.capitalize()}.</p>' in site(f"/search?q={quote(text)}").text
    assert told not in search(lib, SearchAsk(text[:2_000])).notes


def test_answers_that_are_still_good_are_not_sent_again(site: Served) -> None:
    """As for feeds: a tag, and a 304 for who has it."""
    for path in ("/editions", "/editions/newest", "/search?q=sleep", "/papers/demo:0001", "/papers/demo:0001/related"):
        tag = site(API + path).headers["etag"]

        assert site(API + path, If_None_Match=tag).status == 304


@pytest.mark.slow
def test_the_description_covers_every_route_and_its_examples_are_true(lib: Library, site: Served) -> None:
    """Each route is in OpenAPI with a sentence, parameters that are explained, and an example of its form."""
    schema = _json(site(f"{API}/openapi.json"))
    token = make_token(lib, find_reader(lib, "ada"), "test", "read", None)
    kept = collections.make(lib, "ada", "Reading group", "Mondays at ten", ["demo:0001"]).collection.ref
    saved.save(lib, "ada", "Sleep", "sleep")
    asked = {"{name}": "2026-11-20", "{key}": "demo:0001", "{id}": "demo:0001", "{ref}": str(kept)}

    assert schema["openapi"].startswith("3.")
    assert {"/api/v1/editions/{name}", "/api/daily_papers", "/search.{extension}"} <= set(schema["paths"])
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            assert operation["description"]
            assert all(p.get("description") for p in operation.get("parameters", ()) if p["in"] == "query")
            assert "422" not in operation["responses"]
        if path.startswith("/api/") and "get" in operations and not path.endswith("/export"):  # that is a file
            content = operations["get"]["responses"]["200"].get("content", {}).get("application/json", {})
            for name, value in asked.items():
                path = path.replace(name, value)
            query = "?ids=demo:0001" if path == "/api/v1/papers" else "?q=sleep" if path.endswith("search") else ""
            assert _form(content["example"]) == _form(_json(site(path + query, Authorization=f"Bearer {token}"))), path


def _form(value: Any) -> object:
    """The names of an answer's fields, of the first item of a list."""
    if isinstance(value, list):
        return [_form(value[0])] if value and isinstance(value[0], dict) else "list"
    return sorted(value) if isinstance(value, dict) else "value"
