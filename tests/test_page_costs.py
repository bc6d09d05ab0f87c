"""What pages cost: statements however many papers there are, bytes of a first view, and pages that are made once."""

import gzip
import os
import random
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, event

from broadsheet.library.editions.attention import attention, candidate, counts_of, outlook
from broadsheet.library.editions.edition import edition
from broadsheet.library.editions.rankings import Rankings
from broadsheet.library.editions.ready import prepare
from broadsheet.library.editions.trending import weights
from broadsheet.library.handle import Library
from broadsheet.library.index import catch_up
from broadsheet.library.readers import add_reader
from broadsheet.library.shelf import collections
from broadsheet.library.shelf.mark import mark, unmark
from broadsheet.rank import trending as rank
from broadsheet.rank.order import order
from broadsheet.store import editions, signals
from broadsheet.types import Author, Link, Paper, Signal
from broadsheet.web.app import create_app
from tests.libraries import library_at
from tests.statements import counting
from tests.stores import item, paper, put
from tests.visitors import csrf_of, signed_in

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
DAY = NOW.date()
SYLLABLES = ("gra", "ne", "lo", "ti", "ma"), ("phi", "tro", "sed"), ("cal", "n", "rix")
WORDS = ["".join(word) for word in product(*SYLLABLES)]
FIRST = "arxiv:2611.00000"


def library(home: Path) -> Library:
    """An empty library, in the evening of a Friday."""
    return library_at(home, now=lambda: NOW)


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    with library(tmp_path) as made:
        add_reader(made, "ada")
        yield made


def fill(lib: Library, first: int, many: int) -> list[int]:
    """So many papers of the day, as long as papers are, every third with votes; returns their store ids."""
    ids = put(lib.store, *(item(made(number)) for number in range(first, first + many)))
    with lib.store.writing() as conn:
        for paper_id in ids[::3]:
            signals.append(conn, paper_id, [Signal("huggingface", "upvotes", NOW - timedelta(hours=2), paper_id % 7)])
    catch_up(lib)
    return ids


def made(number: int) -> Paper:
    """A paper with a text of its own."""
    chance = random.Random(number)
    text = " ".join(chance.choices(WORDS, k=170))
    key = f"arxiv:2611.{number:05}"
    return paper(
        key,
        title=f"Graphs and {' '.join(chance.choices(WORDS, k=8))}",
        abstract=f"{text} ({chance.getrandbits(400):x})",
        authors=tuple(Author(f"{chance.choice(WORDS)} {number} {i}") for i in range(8)),
        categories=("cs.LG", chance.choice(("cs.CV", "cs.CL"))),
        links=(Link("abstract", f"https://arxiv.org/abs/{key[6:]}"), Link("pdf", f"https://arxiv.org/pdf/{key[6:]}")),
        days={DAY: "new"},
    )


PAGES = {
    "/": 12,
    f"/{DAY}?sort=votes": 9,
    f"/{DAY}?sort=new&cat=cs.CV": 9,
    f"/{DAY}?sort=mine": 17,
    f"/{DAY:%Y-%m}": 9,
    "/search?q=graphs": 6,
    "/trending": 7,
    f"/paper/{FIRST}": 17,
    "/collection/saved": 9,
}
"""Pages of a signed-in reader, each with the statements that it may take when it was looked at before."""


@pytest.mark.slow
def test_the_number_of_statements_does_not_depend_on_the_number_of_papers(lib: Library) -> None:
    """Fifteen times as many papers take as many statements, on the first look and on the next."""
    site = signed_in(lib, "ada")
    taken: list[dict[str, tuple[int, int]]] = []
    for first, many in ((0, 4), (4, 56)):
        fill(lib, first, many)
        for number in range(first, first + many, 2):
            mark(lib, "ada", f"arxiv:2611.{number:05}", "save")
        if not first:
            collections.make(lib, "ada", "Seminar", papers=[FIRST])
        site.get("/status")  # takes up what an hour's first page does
        found = {}
        for path in PAGES:
            counts = []
            for _ in range(2):
                with counting(lib) as ran:
                    assert site.get(path).status_code == 200
                counts.append(len(ran))
            found[path] = (counts[0], counts[1])
        taken.append(found)
    few, more = taken

    assert {path: again for path, (_, again) in more.items()} == {path: again for path, (_, again) in few.items()}
    # An interest's space looks whether the library has outgrown it.
    assert all(first <= few[path][0] + 1 for path, (first, _) in more.items())
    assert {path: again for path, (_, again) in more.items() if again > PAGES[path]} == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "most"), [("/", 1), ("/search?q=graphs", 1), ("/collection/saved", 2), ("/collections", 2)]
)
def test_a_page_is_of_one_moment(lib: Library, path: str, most: int) -> None:
    """All that is told is read in one transaction; where a page is for readers alone, who asks is found out before."""
    fill(lib, 0, 4)
    mark(lib, "ada", FIRST, "save")
    site = signed_in(lib, "ada")
    site.get(path)
    begun: list[Connection] = []
    event.listen(lib.store._readers, "begin", begun.append)
    assert site.get(path).status_code == 200
    assert len(begun) <= most


@pytest.mark.slow
def test_lists_are_ranked_before_anybody_opens_them(lib: Library) -> None:
    """Once they are made ready, the first reader's look at them asks the store no more than the next."""
    fill(lib, 0, 20)
    site = signed_in(lib, "ada")
    site.get("/status")
    prepare(lib)
    taken = []
    for _ in range(2):
        with counting(lib) as ran:
            assert [site.get(path).status_code for path in (f"/{DAY}", "/trending")] == [200, 200]
        taken.append(len(ran))

    assert taken[0] <= taken[1] + 2  # the days with new papers, which are a reader's own


@pytest.mark.slow
@pytest.mark.parametrize("reader", [None, "ada"])
def test_a_first_view_is_light_and_from_here_alone(lib: Library, reader: str | None) -> None:
    """The page with all that a browser loads for it is less than 100 kB on the wire, and asks no other host."""
    fill(lib, 0, 60)
    site = signed_in(lib, reader) if reader else TestClient(create_app(lib))
    page = site.get("/").text
    needed = re.findall(r'<(?:link rel="(?:stylesheet|icon)"|script|img|source)[^>]*(?:href|src)="([^"]+)"', page)
    sizes = {path: _on_the_wire(site, path) for path in ("/", *needed)}

    assert page.count('<li class="paper') == 50
    assert len(needed) >= 3
    assert all(path.startswith("/static/") for path in needed)
    assert sum(sizes.values()) < 100_000, sizes


def _on_the_wire(site: TestClient, path: str) -> int:
    with site.stream("GET", path, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.status_code == 200
        return sum(map(len, answer.iter_raw()))


@pytest.mark.slow
def test_pages_of_readers_are_packed(lib: Library) -> None:
    """What a browser that takes gzip gets is packed, and says the same."""
    fill(lib, 0, 3)
    site = signed_in(lib, "ada")
    with site.stream("GET", f"/{DAY}", headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == "gzip"
    assert "Graphs and" in gzip.decompress(packed).decode()


@pytest.mark.slow
def test_a_form_says_its_secret_otherwise_on_each_page(lib: Library) -> None:
    """So that how well a page packs tells nothing of it; each of the ways is believed, and nothing else."""
    fill(lib, 0, 1)
    site = signed_in(lib, "ada")
    one, other = csrf_of(site), csrf_of(site)
    answers = [
        site.post("/mark", data={"csrf": token, "say": f"{kind} {FIRST}"}, follow_redirects=False).status_code
        for token, kind in ((one, "up"), (other, "-up"), (one[:-4] + "AAA=", "up"), ("", "up"), ("é", "up"))
    ]
    assert one != other
    assert answers == [303, 303, 403, 403, 403]


@pytest.mark.slow
def test_a_page_for_nobody_is_made_once(lib: Library) -> None:
    """It is the same until a vote changes it, costs no statement, and is told apart from that of a reader."""
    fill(lib, 0, 6)
    nobody, ada = TestClient(create_app(lib)), signed_in(lib, "ada")
    for file in lib.home.glob("library.db*"):
        os.utime(file, (0, 0))  # long after a write the files alone tell that nothing has changed
    first = nobody.get(f"/{DAY}?sort=votes")
    with counting(lib) as ran:
        again = nobody.get(f"/{DAY}?sort=votes")
    same = nobody.get(f"/{DAY}?sort=votes", headers={"If-None-Match": first.headers["etag"]})
    german = nobody.get(f"/{DAY}?sort=votes", headers={"Accept-Language": "de"})
    hers = ada.get(f"/{DAY}?sort=votes", headers={"If-None-Match": first.headers["etag"]})
    for number in range(5):
        add_reader(lib, f"fan{number}")
        mark(lib, f"fan{number}", "arxiv:2611.00004", "up")
    voted = nobody.get(f"/{DAY}?sort=votes")

    assert again.text == first.text
    assert ran == []
    assert same.status_code == 304
    assert first.headers["cache-control"] == "private, no-cache"
    assert 'lang="de"' in german.text
    assert "Sign out" in hers.text
    assert "etag" not in hers.headers
    assert hers.headers["cache-control"] == "private, no-cache"  # no proxy may show it to others
    assert "5 votes" in voted.text
    assert "5 votes" not in first.text


@pytest.mark.slow
def test_a_vote_ranks_anew_and_forecasts_nothing(lib: Library) -> None:
    """Votes are counted at once; what the past lets expect is not worked out again for them."""
    fill(lib, 0, 6)
    before = edition(lib, DAY.isoformat())
    mark(lib, "ada", "arxiv:2611.00005", "up")
    with counting(lib) as ran:
        after = edition(lib, DAY.isoformat())
    unmark(lib, "ada", "arxiv:2611.00005", ["up"])
    taken_back = edition(lib, DAY.isoformat())

    assert not any("DISTINCT signal" in statement for statement in ran), "the past was looked at"
    assert {e.key: e.votes for e in after.entries}["arxiv:2611.00005"] == 1
    assert "1 reader of this library" in {e.key: e.why for e in after.entries}["arxiv:2611.00005"]
    assert [(e.key, e.score) for e in taken_back.entries] == [(e.key, e.score) for e in before.entries]


@pytest.mark.slow
@settings(max_examples=15)
@given(
    rows=st.lists(st.tuples(st.integers(0, 2), st.none() | st.integers(0, 3), st.booleans()), min_size=1, max_size=9),
    size=st.integers(1, 4),
)
def test_pages_in_a_row_are_the_order_of_the_plain_functions(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, int | None, bool]], size: int
) -> None:
    """Whatever was counted, with ties: the pages of each order say what `rank` says of the whole papers."""
    with library(tmp_path_factory.mktemp("home")) as lib:
        add_reader(lib, "ada")
        for number, (ago, votes, liked) in enumerate(rows):
            when = NOW.replace(hour=1) - timedelta(days=ago)
            one = paper(f"a:{number}", categories=("cs.LG",), days={when.date(): "new"}, published=when)
            put(lib.store, item(one))
            with lib.store.writing() as conn:
                signals.append(conn, number + 1, [] if votes is None else [Signal("hub", "upvotes", when, votes)])
            if liked:
                mark(lib, "ada", one.key, "up")
        name = f"{DAY:%G-W%V}"
        for sort in ("trending", "votes", "new"):
            pages = [edition(lib, name, sort=sort, limit=size, offset=at) for at in range(0, len(rows), size)]
            told = [(e.rank, e.paper.key, e.score, e.why) for page in pages for e in page.entries]
            assert told == _plainly(lib, sort), sort


def _plainly(lib: Library, sort: str) -> list[tuple[int, str, float, str]]:
    """The edition of the week by the pure functions over whole papers."""
    monday = DAY - timedelta(days=DAY.weekday())
    with lib.store.reading() as conn:
        listed = editions.papers(conn, monday, monday + timedelta(days=6))
        counts = counts_of(conn, [row[0] for row in listed])
        candidates = [candidate(row, counts) for row in listed]
        if sort == "trending":
            outlined = editions.outlines(conn, monday, monday + timedelta(days=6))
            expected = outlook(lib, conn, outlined, NOW)
            ask = rank.Ask("week", NOW, weights(lib))
            places = rank.trending(candidates, attention(conn, outlined, expected), expected.usual, ask)
        else:
            places = order(candidates, "votes" if sort == "votes" else "new")
    return [(p.rank, p.key, p.score, p.why) for p in places]


def test_what_is_kept_of_rankings_is_bounded() -> None:
    """Lists are kept up to so many papers in all; what was asked for longest ago is made again."""
    kept, made = Rankings(most=10), list[str]()

    def ask(name: str, papers: int) -> None:
        kept.get(name, lambda: made.append(name) or [date.min] * papers)  # type: ignore[func-returns-value]

    for name, papers in (("a", 4), ("b", 4), ("a", 4), ("c", 4), ("a", 4), ("b", 4), ("long", 50), ("long", 50)):
        ask(name, papers)
    assert made == ["a", "b", "c", "b", "long"]
