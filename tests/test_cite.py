"""Papers as citations, and back through the readers of the same formats."""

import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet import cite
from broadsheet.sources.formats import FORMATS
from broadsheet.text import plain
from broadsheet.types import Announcement, Author, Link, Paper, Record

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)
DAY = date(2025, 5, 1)

WRITERS: dict[str, Callable[[list[Paper]], str]] = {
    "bibtex": cite.to_bibtex,
    "ris": cite.to_ris,
    "csl-json": cite.to_csl,
}


def _paper(title: str = "On the List", **fields: object) -> Paper:
    key = str(fields.pop("key", "arxiv:2101.00001"))
    base: dict[str, object] = {"authors": (Author("Jane Doe"),), "published": NOW, "aliases": (key,)}
    return Paper(title=title, key=key, added=NOW, **{**base, **fields})  # type: ignore[arg-type]


def _back(format: str, papers: list[Paper]) -> list[Record]:
    text = WRITERS[format](papers)
    items = list(FORMATS[format].read(io.BytesIO(text.encode()), origin="x", now=NOW))
    records = [item for item in items if isinstance(item, Record)]
    assert records == items
    return records


def test_a_line_of_markdown_ends_its_parts_once() -> None:
    """What ends in a full stop gets no second one before what follows."""
    many = tuple(Author(name) for name in ("A. One", "B. Two", "C. Three", "D. Four"))
    assert "A. One, B. Two, C. Three et al. Proc. 2025\n" in cite.to_markdown(
        [_paper(authors=many, venue="Proc.")], "L"
    )


def test_bibtex_entry() -> None:
    """An arXiv paper is a readable @misc with its eprint."""
    paper = _paper(
        "Lists & $k$-sets at 5%", authors=(Author("Ludwig van Roe Jr."), Author("X and Y, Inc.")), categories=("cs.CL",)
    )
    assert cite.to_bibtex([paper]) == (
        "@misc{vanroe2025lists,\n"
        "  title = {{Lists \\& $k$-sets at 5\\%}},\n"
        "  author = {van Roe, Jr., Ludwig and {X and Y, Inc.}},\n"
        "  year = {2025},\n"
        "  month = nov,\n"
        "  eprint = {2101.00001},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.CL},\n"
        "  url = {https://arxiv.org/abs/2101.00001},\n"
        "}\n"
    )


@pytest.mark.parametrize(
    ("venue", "kind", "ris", "csl"),
    [
        ("Journal of Lists", "@article", "JOUR", "article-journal"),
        ("Proceedings of the Third Meeting on Lists", "@inproceedings", "CPAPER", "paper-conference"),
        ("NeurIPS 2024", "@inproceedings", "CPAPER", "paper-conference"),
        (None, "@misc", "GEN", "article"),
    ],
)
def test_kind_by_venue(venue: str | None, kind: str, ris: str, csl: str) -> None:
    """The kind of a citation follows from where the paper appeared."""
    papers = [_paper(venue=venue)]
    assert cite.to_bibtex(papers).startswith(kind + "{")
    assert cite.to_ris(papers).startswith(f"TY  - {ris}\r\n")
    assert json.loads(cite.to_csl(papers))[0]["type"] == csl


@pytest.mark.parametrize(
    ("key", "told", "date"),
    [
        ("arxiv:2504.11008", (Announcement("arxiv", DAY, "new"),), [2025, 5]),
        ("arxiv:2504.11008", (Announcement("arxiv", DAY, "replace"),), [2025, 4]),
        ("arxiv:math/0309136", (Announcement("huggingface", DAY, "featured"),), [2003, 9]),
        ("arxiv:hep-th/9108028", (), [1991, 8]),
        ("doi:10.1/x", (Announcement("someone", DAY, "featured"),), [2025, 5]),
        ("doi:10.1/x", (), None),
    ],
)
def test_year_of_a_paper_without_a_date(key: str, told: tuple[Announcement, ...], date: list[int] | None) -> None:
    """A paper that no source dated is of its first listing, else of the month in its arXiv id, in every format."""
    papers = [_paper(key=key, published=None, announcements=told)]
    item = json.loads(cite.to_csl(papers))[0]
    assert item.get("issued") == (date and {"date-parts": [date]})
    year = str(date[0]) if date else "nd"
    assert item["id"] == f"doe{year}list"
    assert (f"year = {{{year}}}" in cite.to_bibtex(papers)) == bool(date)
    assert (f"PY  - {year}\r\n" in cite.to_ris(papers)) == bool(date)
    assert (f". {year}\n" in cite.to_markdown(papers, "L")) == bool(date)


def test_citation_keys_are_unique_and_stable() -> None:
    """Papers that would share a citation key get letters in their order; nothing known still makes a key."""
    papers = [_paper()] * 28 + [_paper("Ωmega", authors=(), published=None, key="doi:10.1/x")]
    keys = [item["id"] for item in json.loads(cite.to_csl(papers))]
    assert keys[:4] == ["doe2025list", "doe2025lista", "doe2025listb", "doe2025listc"]
    assert keys[26:28] == ["doe2025listz", "doe2025listaa"]
    assert keys[28].startswith("anonnd")
    assert len(set(keys)) == 29


def test_year_only_stays_year_only() -> None:
    """A date of which only the year is known is written as a year."""
    papers = [_paper(published=datetime(2020, 1, 1, tzinfo=UTC))]
    assert "month" not in cite.to_bibtex(papers)
    assert json.loads(cite.to_csl(papers))[0]["issued"] == {"date-parts": [[2020]]}
    assert "DA  - 2020///\r\n" in cite.to_ris(papers)


def test_paper_without_public_ids_has_its_page() -> None:
    """Where a paper has no public id, the citation has its page, and no id of ours."""
    paper = _paper(key="local:0123456789abcdef", links=(Link("abstract", "https://example.org/a_b"),))
    for text in (cite.to_bibtex([paper]), cite.to_ris([paper]), cite.to_csl([paper])):
        assert "https://example.org/a_b" in text
        assert "0123456789abcdef" not in text


@pytest.mark.parametrize("writer", WRITERS)
def test_nothing(writer: str) -> None:
    """No papers make an empty list of citations."""
    assert WRITERS[writer]([]).strip() in ("", "[\n\n]")


_WORDS = (
    'On the List & sets 5% of C# a_b $x_1 < 2$ G\\"odel {TeX} naïve über λ-calculus “quoted” What? N^2 10$ — Part-2:'
)
_titles = (
    st.lists(st.sampled_from(_WORDS.split(" ")), min_size=1, max_size=7)
    .map(" ".join)
    .filter(lambda text: text.count("$") % 2 == 0 and not text.startswith("{"))
)
_families = st.sampled_from(["Doe", "van Roe", "de la Poe", "Müller", "O'Neil", "Smith-Jones", "李", "Gödel"])
_givens = st.sampled_from(["Jane", "J. R.", "Marie-Claire", "Åsa", "X."])
_names = st.builds(lambda given, family: Author(f"{given} {family}"), _givens, _families) | st.sampled_from(
    [Author("OpenLists"), Author("Jane Doe Jr."), Author("The Lists and Sets Collaboration"), Author("明 李")]
)
_ids = st.sampled_from(
    [
        "arxiv:2101.00001",
        "arxiv:math/0309136",
        "doi:10.1000/a_b(c)",
        "doi:10.1000/other",
        "openreview:rJg_x-1",
        "acl:2022.acl-long.572",
        "pubmed:123",
        "s2:" + "ab" * 20,
        "corpusid:77",
    ]
)
_papers = st.builds(
    lambda ids, **fields: Paper(key=ids[0], aliases=tuple(ids), added=NOW, **fields),
    st.lists(_ids, min_size=1, max_size=4, unique=True),
    title=_titles,
    abstract=_titles,
    authors=st.lists(_names, max_size=3).map(tuple),
    published=st.none()
    | st.integers(-25_000, 50_000).map(lambda days: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days)),
    venue=st.none() | st.sampled_from(["J. of Lists & Sets", "Proceedings of LIST 2020", "ICML 2021", "Lists_2"]),
    comment=st.none() | st.just("12 pages & more"),
)


@pytest.mark.parametrize("format", WRITERS)
@given(papers=st.lists(_papers, min_size=1, max_size=3))
def test_round_trip(format: str, papers: list[Paper]) -> None:
    """Title, authors, date, ids, venue and abstract of a citation are the paper's when it is read back."""
    records = _back(format, papers)
    assert len(records) == len(papers)
    for paper, record in zip(papers, records, strict=True):
        assert plain(record.title) == plain(paper.title)
        assert plain(record.abstract) == plain(paper.abstract)
        assert [plain(a.name) for a in record.authors] == [plain(a.name) for a in paper.authors]
        assert set(record.ids) == set(paper.aliases)
        assert plain(record.venue or "") == plain(paper.venue or "")
        if paper.published or not any(id.startswith("arxiv:") for id in paper.aliases):
            assert (record.published and record.published.year) == (paper.published and paper.published.year)
            if format != "bibtex":
                assert record.published == paper.published


_any_text = st.text(min_size=1, max_size=20) | st.text('ab {}\\$%&#_"@,=\n\r~^-', min_size=1, max_size=12)


@pytest.mark.parametrize("format", WRITERS)
@given(texts=st.lists(_any_text, min_size=4, max_size=4))
def test_any_text_makes_a_file_that_reads(format: str, texts: list[str]) -> None:
    """Whatever characters a paper's fields hold, they cannot break the file: the next entry reads well."""
    title, name, venue, abstract = texts
    odd = _paper(title, authors=(Author(name),), venue=venue, abstract=abstract, comment=title)
    items = list(FORMATS[format].read(io.BytesIO(WRITERS[format]([odd, _paper()]).encode()), origin="x", now=NOW))
    last = items[-1]
    assert isinstance(last, Record)
    assert (last.title, last.authors, len(items)) == ("On the List", (Author("Jane Doe"),), 2)
