"""The word index: what queries find, in which order, and that nothing committed is lost."""

import os
import resource
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import SearchIndexError
from broadsheet.search.lexical import LexicalIndex
from broadsheet.search.lexical_schema import day_of
from broadsheet.search.query import parse
from broadsheet.search.suggest import distance, neighbour
from broadsheet.types import Announcement, Author, Change, Link, Paper, Version

SMALL = 15_000_000
ADDED = datetime(2026, 1, 1, tzinfo=UTC)


def paper(number: int, title: str, abstract: str = "", **more: object) -> Paper:
    """A paper whose other fields are what `more` says; `day` is its date, `authors` are names."""
    day = more.pop("day", None)
    names = more.pop("authors", ())
    assert isinstance(day, str | None)
    assert isinstance(names, Sequence)
    return Paper(
        key=f"arxiv:2501.{number:05}",
        aliases=(f"arxiv:2501.{number:05}", *more.pop("aliases", ())),  # type: ignore[misc]
        title=title,
        abstract=abstract,
        authors=tuple(Author(name) for name in names),
        published=datetime.fromisoformat(f"{day}T12:00+00:00") if day else None,
        added=ADDED,
        **more,  # type: ignore[arg-type]
    )


PAPERS = {
    1: paper(
        1, "Graph networks for molecules", "We study message passing on graphs.", day="2025-01-10",
        authors=["Jane Q. Doe", "Wei Zhang"], categories=("cs.LG", "q-bio.BM"), sources=("arxiv",),
        links=(Link("code", "https://example.org/a"),), aliases=("doi:10.1000/abc",),
    ),
    2: paper(
        2, "A survey of transformers", "Attention is studied. Passing mention of a message.", day="2025-06-30",
        authors=["Li Wei", "Zhang Min"], categories=("cs.CL",), sources=("arxiv", "huggingface"), venue="Test Letters",
    ),
    3: paper(
        3, "Poincaré embeddings and Erdős numbers", "Hyperbolic geometry of trees.", day="2026-02-01",
        authors=["Paul Erdős"], categories=("math.CO",), sources=("bibtex",), versions=(Version(1), Version(2)),
    ),
    4: paper(4, "State-of-the-art C++ compilers", "", categories=("CS.PL",), sources=("ris",), withdrawn=True),
}  # fmt: skip


def put(papers: dict[int, Paper], seq: int = 0) -> list[tuple[Change, Paper | None]]:
    """Changes that put these papers."""
    return [(Change(seq, number, "put"), made) for number, made in papers.items()]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LexicalIndex]:
    """An index of PAPERS."""
    with LexicalIndex(tmp_path_factory.mktemp("words") / "index", memory=SMALL) as made:
        made.apply(put(PAPERS))
        made.commit(7)
        yield made


def found(index: LexicalIndex, text: str) -> list[int]:
    """The papers that a query finds, ids ascending."""
    hits = index.search(parse(text).ast, 100)
    assert hits.total == len(hits.hits)
    return sorted(number for number, _ in hits.hits)


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", [1, 2, 3, 4]),
        ("graphs", [1]),
        ("GRAPH molecules transformer", [1, 2]),
        ("the graph", [1]),
        ("the", [4]),
        ("zzz", []),
        ('"message passing"', [1]),
        ('"passing message"', []),
        ('"for molecules we"', []),
        ("message -graph", [2]),
        ("-graph", [2, 3, 4]),
        ("-zzz", [1, 2, 3, 4]),
        ("+message graph", [1]),
        ("+message graph attention", [1, 2]),
        ("message AND attention", [2]),
        ("attention OR hyperbolic", [2, 3]),
        ("(attention OR hyperbolic) (survey OR molecules)", [2]),
        ("attention OR -message", [2, 3, 4]),
        ("poincare erdos", [3]),
        ("transf*", [2]),
        ("transformers*", [2]),
        ("mess* -graph", [2]),
        ("hyperb* OR mole*", [1, 3]),
        ("title:message", []),
        ("title:graph", [1]),
        ("title:(survey OR graph)", [1, 2]),
        ('title:"graph networks"', [1]),
        ("title:trans*", [2]),
        ("abstract:graph", [1]),
        ("abstract:survey", []),
        ("abstract:molecules", []),
        ("abstract:message", [1, 2]),
        ('abstract:"message passing"', [1]),
        ("author:doe", [1]),
        ('author:"Jane Doe"', [1]),
        ('author:"Doe, Jane"', [1]),
        ('author:"Wei Zhang"', [1]),
        ('author:"Zhang Min"', [2]),
        ("author:erdos", [3]),
        ("author:erd*", [3]),
        ("doe", [1]),
        ("venue:letters", [2]),
        ("letters", [2]),
        ("cat:cs.lg", [1]),
        ("cat:cs", [1, 2, 4]),
        ("cat:q-bio.*", [1]),
        ("cat:(cs.CL OR math.CO)", [2, 3]),
        ("source:huggingface", [2]),
        ("has:code", [1]),
        ("has:doi", [1]),
        ("has:revision", [3]),
        ("has:withdrawn", [4]),
        ("-has:abstract", [4]),
        ("id:2501.00003v2", [3]),
        ("https://doi.org/10.1000/ABC", [1]),
        ("2501.00002 zzz", [2]),
        ("year:2025", [1, 2]),
        ("year:2025..2026 -graph", [2, 3]),
        ("since:2025-06-30", [2, 3]),
        ("until:2025-06-30", [1, 2]),
        ("until:2025-06-29", [1]),
        ("since:2025-02 until:2025-12 message", [2]),
        ("until:9999", [1, 2, 3]),
        ("C++", [4]),
        ("state-of-the-art", [4]),
        ("🙂", [1, 2, 3, 4]),
    ],
)
def test_finding(index: LexicalIndex, text: str, ids: list[int]) -> None:
    """Every construct of the query language finds the papers it describes and no others."""
    assert found(index, text) == ids


SYNTAX = [
    *'"()-+*: é²ꙮ網\x00\ud800', " OR ", " AND ", "title:", "author:", "abstract:", "cat:", "id:", "since:", "year:",
    "2025", "graph", "the", "a-b", "10.1/x",
]  # fmt: skip


@pytest.mark.slow
@given(text=st.lists(st.sampled_from(SYNTAX), max_size=12).map("".join) | st.text(max_size=40))
def test_no_text_raises(index: LexicalIndex, text: str) -> None:
    """Whatever a person types is searched, scored, explained and counted without an error."""
    ast = parse(text).ast
    hits = index.search(ast, 3)
    assert hits.total >= len(hits.hits)
    index.scores(ast, np.array([1, 2, 9]))
    index.why(ast, [1, 2])
    index.facets(ast)
    index.suggest(ast)


@pytest.mark.slow
def test_long_queries(index: LexicalIndex) -> None:
    """A pasted text of a hundred thousand characters is searched like any other."""
    assert index.search(parse("graph " * 20_000).ast).total == index.search(parse("graph").ast).total > 0
    for text in ("g" * 100_000, "(" * 9_000, '"graph ' * 5_000, "a* " * 250, "-x " * 250):
        assert index.search(parse(text).ast).total >= 0


def test_best_first_then_newest(index: LexicalIndex) -> None:
    """Words order by score; without words, or when asked, the newest come first and papers without a day last."""
    assert index.search(parse("message passing graphs").ast).hits[0][0] == 1
    assert [i for i, _ in index.search(parse("").ast).hits] == [3, 2, 1, 4]
    assert [i for i, _ in index.search(parse("message").ast, order="date").hits] == [2, 1]


@pytest.mark.slow
def test_paging_is_one_total_order(tmp_path: Path) -> None:
    """Pages of any size make up one list, also where hundreds of papers tie, over several segments."""
    with LexicalIndex(tmp_path / "index", memory=SMALL) as index:
        for part in range(4):
            numbers = range(part * 100 + 1, part * 100 + 101)
            index.apply(
                put({n: paper(n, "same words" if n % 3 else "same words here", day="2025-01-01") for n in numbers})
            )
            index.commit(part)
        for text in ("words", "title:words", '"same words"', "year:2025"):
            ast = parse(text).ast
            whole = index.search(ast, 400).hits
            assert len(set(whole)) == 400
            assert list(whole) == sorted(whole, key=lambda hit: (-hit[1], -hit[0]))
            for size in (7, 150):
                pages = [hit for at in range(0, 410, size) for hit in index.search(ast, size, at).hits]
                assert pages == list(whole)
        assert index.search(parse("words").ast, 10, 395).total == 400
        assert index.search(parse("words").ast, 10, 1_000).hits == ()
        assert index.search(parse("words").ast, 0).total == 400


def test_scores_of_candidates(index: LexicalIndex) -> None:
    """A candidate has its search score, 0 where only bare words are missing, and none where it is shut out."""
    ast = parse("message passing -attention").ast
    (best,) = index.search(ast).hits
    assert index.score(ast, [1, 2, 3, 99]) == pytest.approx({1: best[1]}, abs=1e-3)
    np.testing.assert_allclose(index.scores(ast, np.array([3, 1, 2, 99])), [0, best[1], np.nan, np.nan], atol=1e-3)
    np.testing.assert_array_equal(index.scores(parse('"message passing"').ast, np.array([2])), [np.nan])
    np.testing.assert_array_equal(index.scores(parse("zzz").ast, np.array([2, 3, 99])), [0, 0, np.nan])
    assert index.scores(parse('"message passing" zzz').ast, np.array([1]))[0] > 0
    assert index.which(parse("cat:cs since:2025-02").ast, [1, 2, 3]) == {2}
    assert index.score(ast, []) == {}


def test_matching(index: LexicalIndex) -> None:
    """All ids that satisfy a query, unless they are too many."""
    matching = index.matching(parse("cat:cs").ast, 10)
    assert matching is not None
    assert matching.tolist() == [1, 2, 4]
    assert index.matching(parse("cat:cs").ast, 2) is None


def test_facets(index: LexicalIndex) -> None:
    """Values with their counts over all papers found, the commonest first."""
    facets = index.facets(parse("-has:withdrawn").ast)
    assert facets["category"] == {"cs.CL": 1, "cs.LG": 1, "math.CO": 1, "q-bio.BM": 1}
    assert facets["year"] == {"2025": 2, "2026": 1}
    assert facets["source"]["arxiv"] == 2
    assert facets["has"]["abstract"] == 3
    assert index.facets(parse("graph").ast, ("year",)) == {"year": {"2025": 1}}


def test_why(index: LexicalIndex) -> None:
    """Each hit says which words it has and what they add; what is excluded or shut out says nothing."""
    ast = parse('message graph title:transformers "message passing" -zzz trans*').ast
    reasons = index.why(ast, [1, 2, 3])
    assert set(reasons[1]) == {"message", "graph", '"message passing"'}
    assert set(reasons[2]) == {"message", "title:transformers", "trans*"}
    assert reasons[3] == {}
    assert reasons[1]["graph"] > reasons[1]["message"] > 0


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("grpah networks", "graph networks"),
        ("transfromers -survey", "transformers -survey"),
        ('author:"Jane Deo"', None),
        ("author:Zhagn", "author:zhang"),
        ("erdosz", "erdos"),
        ("graph", None),
        ("qqqqqqq", None),
        ("", None),
    ],
)
def test_did_you_mean(index: LexicalIndex, text: str, better: str | None) -> None:
    """A word that no paper has is replaced by its nearest neighbour, if it has one."""
    assert index.suggest(parse(text).ast) == better


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_distance_is_symmetric_and_bounded(a: str, b: str) -> None:
    """The distance of two words is the same from both sides, 0 only for equal ones, and stops at its limit."""
    far = distance(a, b, 9)
    assert far == distance(b, a, 9) <= max(len(a), len(b))
    assert (far == 0) == (a == b)
    assert min(distance(a, b, 1), 2) == min(far, 2)


WORDS = st.dictionaries(st.text("abcd", min_size=1, max_size=10), st.integers(1, 9), max_size=12)


@given(st.text("abcd", min_size=1, max_size=10), WORDS, WORDS, st.integers(0, 4))
def test_the_neighbour_is_the_nearest_and_commonest(
    word: str, titles: dict[str, int], names: dict[str, int], least: int
) -> None:
    """Of all words within reach it is the nearest, of these the commonest, of these one of a title, and the first."""
    by_length = [
        {size: [pair for pair in words.items() if len(pair[0]) == size] for size in range(11)}
        for words in (titles, names)
    ]
    allowed = 2 if len(word) > 7 else 1
    reached = [
        (far, -count, place, other)
        for place, words in enumerate((titles, names))
        for other, count in words.items()
        if other != word and count >= least and (far := distance(word, other, allowed)) <= allowed
    ]
    assert neighbour(word, by_length, least) == (min(reached)[-1] if reached else None)


@pytest.mark.slow
def test_changes_replace_and_delete(tmp_path: Path) -> None:
    """To put a paper again replaces it, to delete it removes it, and to apply the same changes twice is harmless."""
    with LexicalIndex(tmp_path / "index", memory=SMALL) as index:
        assert (index.seq, index.count()) == (0, 0)
        index.apply(put(PAPERS))
        index.commit(4)
        changes = [*put({1: paper(1, "Sheaves")}), (Change(6, 2, "delete"), None), (Change(7, 77, "delete"), None)]
        for _ in range(2):
            index.apply(changes)
            index.commit(7)
            assert (index.seq, index.count()) == (7, 3)
            assert found(index, "sheaf OR sheaves") == [1]
            assert found(index, "graph") == []
            assert found(index, "") == [1, 3, 4]


def test_several_changes_of_one_paper_in_one_commit(tmp_path: Path) -> None:
    """The last change of a paper counts, also for one that is new in the same commit."""
    with LexicalIndex(tmp_path / "index", memory=SMALL) as index:
        index.apply(
            [*put({1: PAPERS[1]}), *put({1: paper(1, "Sheaves")}), *put({2: PAPERS[2]}), (Change(9, 2, "delete"), None)]
        )
        index.commit(9)
        assert found(index, "") == [1]
        assert found(index, "sheaves") == [1]


def test_nothing_counts_before_commit(tmp_path: Path) -> None:
    """What was applied but not committed is forgotten on closing."""
    with LexicalIndex(tmp_path / "index", memory=SMALL) as index:
        index.apply(put(PAPERS))
        assert index.count() == 0
    with LexicalIndex(tmp_path / "index", memory=SMALL) as index:
        assert (index.count(), index.seq) == (0, 0)


def test_readers_see_commits_of_the_writer(tmp_path: Path) -> None:
    """Another opened index finds a paper as soon as it is committed."""
    folder = tmp_path / "index"
    with LexicalIndex(folder, memory=SMALL) as writer, LexicalIndex(folder, create=False) as reader:
        assert found(reader, "graph") == []
        writer.apply(put(PAPERS))
        writer.commit(3)
        assert found(reader, "graph") == [1]
        assert reader.seq == 3


def test_second_writer_is_refused(tmp_path: Path) -> None:
    """Only one writes at a time; the other is told so, and may write afterwards."""
    folder = tmp_path / "index"
    with LexicalIndex(folder, memory=SMALL) as second:
        with LexicalIndex(folder, memory=SMALL) as first:
            first.apply(put(PAPERS))
            with pytest.raises(SearchIndexError, match="another process is writing"):
                second.apply(put(PAPERS))
            first.commit(1)
        second.apply([(Change(2, 1, "delete"), None)])
        second.commit(2)
        assert found(second, "") == [2, 3, 4]


def test_faulty_indexes_are_recognised(tmp_path: Path) -> None:
    """A missing, damaged or foreign index raises one sentence that says how to rebuild it."""
    folder = tmp_path / "index"
    with pytest.raises(SearchIndexError, match="there is none"):
        LexicalIndex(folder, create=False)
    with LexicalIndex(folder, memory=SMALL) as index:
        index.apply(put(PAPERS))
        index.commit(1)
    meta = (folder / "meta.json").read_bytes()
    (folder / "meta.json").write_bytes(meta[: len(meta) // 2])
    with pytest.raises(SearchIndexError, match="reindex"):
        LexicalIndex(folder)
    (folder / "meta.json").write_bytes(meta)
    (folder / "version").write_text("words 0\n")
    with pytest.raises(SearchIndexError, match="another version"):
        LexicalIndex(folder)


def test_lost_segment_is_recognised(tmp_path: Path) -> None:
    """An index whose files are gone raises one sentence that says how to rebuild it."""
    folder = tmp_path / "index"
    with LexicalIndex(folder, memory=SMALL) as index:
        index.apply(put(PAPERS))
        index.commit(1)
    for path in folder.glob("*.store"):
        path.unlink()
    with pytest.raises(SearchIndexError, match="reindex"), LexicalIndex(folder) as index:
        index.search(parse("graph").ast)


def test_failed_write_keeps_what_was_committed(tmp_path: Path) -> None:
    """Where the disk takes no more, the writer gives up, the index stays as committed, and writing can go on later."""
    folder = tmp_path / "index"
    words = " ".join(f"w{n}" for n in range(40_000))
    with LexicalIndex(folder, memory=SMALL) as index:
        index.apply(put(PAPERS))
        index.commit(1)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
        try:
            index.apply(put({5: paper(5, "big", words)}))
            with pytest.raises(SearchIndexError, match="word index"):
                index.commit(2)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert (index.seq, found(index, "")) == (1, [1, 2, 3, 4])
        index.apply(put({5: paper(5, "small")}))
        index.commit(3)
        assert (index.seq, found(index, "small")) == (3, [5])


def test_day_of() -> None:
    """A paper's day is when it was first public, else when it was first announced."""
    announced = (Announcement("arxiv", date(2025, 2, 3), "new"), Announcement("arxiv", date(2025, 1, 3), "cross"))
    assert day_of(paper(1, "a", day="2024-05-06", announcements=announced)) == date(2024, 5, 6)
    assert day_of(paper(1, "a", announcements=announced)) == date(2025, 1, 3)
    assert day_of(paper(1, "a")) is None


def test_text_that_no_file_can_hold(tmp_path: Path) -> None:
    """A half of a surrogate pair in a paper costs that character only."""
    with LexicalIndex(tmp_path / "index", memory=SMALL) as index:
        index.apply(
            put(
                {1: paper(1, "Broken \ud800 title", "abstract \udfff", categories=("x\ud800",), authors=["\ud801 Doe"])}
            )
        )
        index.commit(1)
        assert found(index, "broken abstract doe") == [1]


WRITER = """
    import sys
    from pathlib import Path
    from tests.test_lexical import SMALL, paper, put
    from broadsheet.search.lexical import LexicalIndex

    with LexicalIndex(Path(sys.argv[1]), memory=SMALL) as index:
        at = index.seq
        print(at, flush=True)
        while True:
            index.apply(put({n: paper(n, "words", f"number n{n}") for n in range(at * 50 + 1, at * 50 + 51)}))
            at += 1
            index.commit(at)
            print(at, flush=True)
"""


@pytest.mark.slow
def test_kill_loses_nothing_committed(tmp_path: Path) -> None:
    """A writer killed at any moment leaves an index that holds exactly what its number says."""
    folder = tmp_path / "index"
    told = 0
    for turn in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(folder)],
            stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1],
        )  # fmt: skip
        assert process.stdout is not None
        for _ in range(2 + 3 * turn % 7):
            told = int(process.stdout.readline())
        os.kill(process.pid, signal.SIGKILL)
        rest = process.stdout.read().split()
        process.wait()
        process.stdout.close()
        told = int(rest[-1]) if rest else told
        with LexicalIndex(folder, create=False) as index:
            assert index.seq >= told
            assert index.count() == index.seq * 50
            assert index.search(parse("words").ast, 1).total == index.seq * 50
    assert told > 8
