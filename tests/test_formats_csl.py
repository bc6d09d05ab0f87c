"""CSL-JSON of several writers."""

import io
import json
from datetime import UTC, datetime

import pytest

from broadsheet.sources.formats import csl
from broadsheet.types import Author, Drop, Record

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)

ITEM = {
    "id": "http://zotero.org/users/1/items/ABCD",
    "type": "article-journal",
    "title": 'A title with {braces} and "quotes"',
    "author": [
        {"family": "Neumann", "non-dropping-particle": "von", "given": "John"},
        {"family": "Doe", "given": "Jane", "suffix": "Jr.", "ORCID": "https://orcid.org/0000-0001"},
        {"literal": "The Collaboration"},
    ],
    "issued": {"date-parts": [["2020", 3, 15]]},
    "container-title": "J. of Examples",
    "DOI": "10.1000/ABC",
    "URL": "https://arxiv.org/abs/2101.00001",
    "PMID": "123",
    "note": "arXiv:2101.00001 [cs]\nRead this first",
    "keyword": "lists, cs.CL",
}


def _read(text: str | bytes) -> list[Record | Drop]:
    data = text.encode() if isinstance(text, str) else text
    return list(csl.read(io.BytesIO(data), origin="refs", now=NOW))


@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize("envelope", ["{}", "[{}]", '{{"items": [{}]}}', "{}\n{}", "[{},{},{}]"])
def test_envelopes(envelope: str, indent: int | None) -> None:
    """A list, an object with items, and items one after the other are read alike, whatever the layout."""
    text = envelope.replace("{}", json.dumps(ITEM, indent=indent)).replace("{{", "{").replace("}}", "}")
    text = envelope.format(*[json.dumps(ITEM, indent=indent)] * 3)
    items = _read(text)
    assert len(items) == envelope.count("{}")
    assert all(item == items[0] for item in items)
    (record, *_) = items
    assert isinstance(record, Record)
    assert record.title == ITEM["title"]
    assert [author.name for author in record.authors] == ["John von Neumann", "Jane Doe Jr.", "The Collaboration"]
    assert record.authors[1] == Author("Jane Doe Jr.", orcid="0000-0001")
    assert record.ids == ("doi:10.1000/abc", "arxiv:2101.00001", "pubmed:123")
    assert record.published == datetime(2020, 3, 15, tzinfo=UTC)
    assert (record.venue, record.comment, record.categories) == ("J. of Examples", "Read this first", ("cs.CL",))


def test_records_on_one_line_are_told_apart() -> None:
    """A record that is dropped is named by its line, and where others stand on that line by its number, too."""
    nameless = {"type": "article-journal"}
    dropped = [item.at for item in _read(json.dumps([nameless, ITEM, nameless])) if isinstance(item, Drop)]
    assert [str(at) for at in dropped] == ["line 1", "line 1, record 3"]
    text = "\n".join(json.dumps(nameless) for _ in range(2))
    assert [str(item.at) for item in _read(text) if isinstance(item, Drop)] == ["line 1", "line 2"]


@pytest.mark.parametrize(
    "issued", [{"date-parts": [[2020, 3]]}, {"raw": "March 2020"}, {"literal": "2020-03"}, "2020-03-01"]
)
def test_dates(issued: object) -> None:
    """Dates come as parts or as text."""
    (record,) = _read(json.dumps([{"title": "T", "issued": issued}]))
    assert isinstance(record, Record)
    assert record.published == datetime(2020, 3, 1, tzinfo=UTC)


def test_many_items_in_one_line() -> None:
    """A list of any length is read item by item, over the borders of what is read at once."""
    item = json.dumps({**ITEM, "abstract": "Gödel “quoted” " * 500}, ensure_ascii=False)
    items = _read("[" + ",".join([item] * 50) + "]")
    assert len(items) == 50
    assert all(item == items[0] for item in items)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ('{"title": "T", "x": tru}', "not valid JSON"),
        ('{"title": 5}', "title is a number"),
        ('{"id": "no title"}', "no title"),
        ('{"title": "T", "author": "Doe"}', "author is a text"),
        ('{"title": "T", "author": ["Doe"]}', "not an object"),
        ('{"title": "T}', "not valid JSON"),
        ('{"title": "T", "author": [{"family": "Doe"]}', "not valid JSON"),
    ],
)
def test_bad_item_costs_itself_only(bad: str, said: str) -> None:
    """A bad item among laid-out items is dropped with its line, the others are kept."""
    good = json.dumps(ITEM, indent=2).replace("\n", "\n  ")
    (first, drop, last) = _read(f"[\n  {good},\n  {bad},\n  {good}\n]\n")
    assert isinstance(first, Record)
    assert first == last
    assert isinstance(drop, Drop)
    assert drop.at == f"line {good.count(chr(10)) + 3}"
    assert said in drop.reason


@pytest.mark.parametrize("envelope", ["[{}]", '{{"items": [{}], "total": 3, "next": {{"page": 2}}}}'])
@pytest.mark.parametrize("chunk", [16, 50, 1 << 16])
def test_what_is_no_item_is_dropped(envelope: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each value of the list that is no object is a Drop with its line and kind; what is beside the list is none."""
    monkeypatch.setattr(csl, "_CHUNK", chunk)
    good = json.dumps(ITEM)
    found = _read(envelope.format(f'17,\n{good}, "a, {{text",\nnull, {good},\ntrue, nonsense'))
    drops = [(item.at, item.reason) for item in found if isinstance(item, Drop)]
    assert sum(isinstance(item, Record) for item in found) == 2
    assert [at for at, _ in drops] == ["line 1", "line 2, record 3", "line 3", "line 4", "line 4, record 7"]
    for (_, reason), kind in zip(drops, ("a number", "a text", "nothing", "true or false", "not valid"), strict=True):
        assert kind in reason


def test_an_item_without_its_opening_brace_is_one_drop() -> None:
    """The fields of an item that lost its brace are dropped together."""
    good = json.dumps(ITEM, indent=2)
    found = _read(f'[{good}, "title": "T", "DOI": "10.1/x" }}, {good}]')
    assert [type(item) for item in found] == [Record, Drop, Record]


def test_an_item_beyond_all_measure_is_one_drop(monkeypatch: pytest.MonkeyPatch) -> None:
    """An item longer than any paper is told as a drop and costs only itself."""
    monkeypatch.setattr(csl, "MAX_LINE", 10_000)
    monkeypatch.setattr(csl, "_CHUNK", 1_000)
    long = json.dumps({**ITEM, "keyword": ["word"] * 10_000, "custom": {"more": 1}})
    found = _read(f"[{json.dumps(ITEM)}, {long}, {json.dumps(ITEM)}]")
    assert [type(item) for item in found] == [Record, Drop, Record]


def test_item_that_is_not_utf8() -> None:
    """An item with bytes that are not UTF-8 is dropped for that."""
    drop, good = _read(b'[{"title": "G\xf6del"}, {"title": "T"}]')
    assert isinstance(drop, Drop)
    assert "not UTF-8" in drop.reason
    assert isinstance(good, Record)


def test_truncated_list() -> None:
    """A list that is cut off gives the items up to there and a Drop for the last."""
    text = "[" + ",".join([json.dumps(ITEM)] * 3) + "]"
    items = _read(text[:-20])
    assert [type(item) for item in items] == [Record, Record, Drop]
