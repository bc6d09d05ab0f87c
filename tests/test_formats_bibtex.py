"""BibTeX files as people and programs write them."""

import io
from datetime import UTC, datetime

import pytest

from broadsheet.sources.formats import bibtex
from broadsheet.types import Drop, Enrichment, Link, Record

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)


def _read(text: str | bytes) -> list[Record | Drop]:
    data = text.encode() if isinstance(text, str) else text
    return list(bibtex.read(io.BytesIO(data), origin="refs", now=NOW))


def _one(fields: str, kind: str = "article") -> Record:
    (record,) = _read(f"@{kind}{{doe2020,\n  title = {{A title}},\n{fields}\n}}\n")
    assert isinstance(record, Record)
    return record


def test_entry() -> None:
    """An entry gives title, names in reading order, date, venue, ids and keywords; TeX stays."""
    record = _one(
        r"""author = {von Neumann, John and Doe, Jr., Jane and {The Big Collaboration, Inc.} and
          G{\"o}del, Kurt and others},
        journal = {J. of Examples}, year = 2020, month = mar, doi = {10.1000/ABC}, keywords = {lists; cs.CL, sets},
        abstract = {Some
          words with $\alpha$ \& more.}, url = {https://example.org/a\_page}, note = {To appear}"""
    )
    names = ["John von Neumann", "Jane Doe Jr.", "The Big Collaboration, Inc.", r"Kurt G{\"o}del"]
    assert [author.name for author in record.authors] == names
    assert (record.published, record.venue) == (datetime(2020, 3, 1, tzinfo=UTC), "J. of Examples")
    assert record.ids == ("doi:10.1000/abc",)
    assert record.abstract == r"Some words with $\alpha$ \& more."
    assert record.links == (Link("other", "https://example.org/a_page"),)
    assert record.categories == ("cs.CL",)
    assert Enrichment("bibtex", "keyword", "lists") in record.enrichments
    assert record.comment == "To appear"


@pytest.mark.parametrize(
    "fields",
    [
        "eprint = {2101.00001}, archivePrefix = {arXiv}, primaryClass = {cs.CL}",
        "eprint = {2101.00001v2}, eprinttype = {arxiv}",
        "url = {https://arxiv.org/abs/2101.00001}",
        "doi = {10.48550/arXiv.2101.00001}",
        "journal = {arXiv preprint arXiv:2101.00001}",
        "note = {arXiv:2101.00001 [cs.CL]}",
        "journal = {CoRR}, url = {http://arxiv.org/pdf/2101.00001}",
    ],
)
def test_arxiv_ids(fields: str) -> None:
    """The arXiv id is found wherever entries have it, and arXiv is no venue."""
    record = _one(fields)
    assert record.ids == ("arxiv:2101.00001",)
    assert record.venue is None


def test_id_of_another_work_is_none_of_this() -> None:
    """An id in the middle of a note is of another work."""
    assert _one("note = {Extends arXiv:2101.00001}").ids == ()


@pytest.mark.parametrize(
    ("fields", "day"),
    [
        ("date = {2020-03-15}", (2020, 3, 15)),
        ("date = {2020-03}", (2020, 3, 1)),
        ("year = {2020}", (2020, 1, 1)),
        ("year = {2020}, month = {3}", (2020, 3, 1)),
        ('year = "2020", month = "15~" # mar', (2020, 1, 1)),
        ("year = {2020}, month = {March}, day = {15}", (2020, 3, 15)),
    ],
)
def test_dates(fields: str, day: tuple[int, int, int]) -> None:
    """A date is as exact as the entry is."""
    assert _one(fields).published == datetime(*day, tzinfo=UTC)


@pytest.mark.parametrize("fields", ["year = {in press}", "year = {}", "", "year = {20}"])
def test_no_date(fields: str) -> None:
    """What is no year is no date."""
    assert _one(fields).published is None


def test_strings_are_put_in() -> None:
    """`@string`s and `#` make a text, also from many entries above."""
    filler = "".join(f"@misc{{m{i}, title={{M {i}}}}}\n" for i in range(3 * bibtex.CHUNK))
    entry = '@article{a, title = "On " # {the {L}ist}, journal = ACL # ", vol"}'
    *_, record = _read(f'@string{{acl = "Assoc. for Lists"}}\n{filler}{entry}')
    assert isinstance(record, Record)
    assert (record.title, record.venue) == ("On the {L}ist", "Assoc. for Lists, vol")


def test_broken_entries_cost_themselves_only() -> None:
    """A broken entry is dropped with its line; an entry whose key came before is a record of its own."""
    text = "@article{a, title={One}}\n\n@article{b, title={Two,\n  year=2020\n\n@article{a, title={Three}}\n"
    items = _read(text + "@misc{c, year=1}\n@misc(d, title={Four})\n")
    assert [item.title for item in items if isinstance(item, Record)] == ["One", "Three", "Four"]
    drops = [item for item in items if isinstance(item, Drop)]
    assert [drop.at for drop in drops] == ["line 3", "line 7"]
    assert "broken" in drops[0].reason
    assert "no title" in drops[1].reason


def test_line_numbers_go_through_chunks() -> None:
    """The line of a Drop is the file's, also far down in it."""
    text = "".join(f"@misc{{m{i},\n  title={{M}}\n}}\n" for i in range(bibtex.CHUNK + 50)) + "@misc{bad, year=1}\n"
    drop = _read(text)[-1]
    assert isinstance(drop, Drop)
    assert drop.at == f"line {3 * (bibtex.CHUNK + 50) + 1}"


def test_entry_in_another_encoding() -> None:
    """An entry that is not UTF-8 is dropped with a way out, and the others are kept."""
    data = "@misc{a, title={Gödel}}\n".encode("latin-1") + b"@misc{b, title={Two}}\r\n"
    drop, record = _read(data)
    assert isinstance(drop, Drop)
    assert "iconv" in drop.reason
    assert isinstance(record, Record)
    assert record.title == "Two"
