"""Files as they come: packed, cut off, of a kind that nobody can read; detection by content."""

import gzip
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import FormatError, NotFound
from broadsheet.sources.formats import FORMATS, detect, open_file, read
from broadsheet.types import Drop, Record
from broadsheet.words.catalogue import words

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)

LISTING_LINE = (
    b'{"day": "2025-03-18", "id": "%s", "title": "A title", "authors": ["Jane Doe"], '
    b'"categories": ["cs.CL", "68T50"], "comment": null, "abstract": "Words."}\n'
)

SAMPLES = {
    "broadsheet": b'{"broadsheet":1,"exported":"2025-11-20T00:00:00+00:00"}\n',
    "arxiv-snapshot": b'{"id":"0704.0001","title":"T","authors_parsed":[["Doe","Jane",""]],"report-no":null}\n',
    "arxiv-listing": LISTING_LINE % b"2503.11731",
    "csl-json": b'[{"id": "a", "type": "article-journal", "title": "T", "author": [{"family": "Doe"}]}]',
    "bibtex": b"% exported\n\n@article{doe,\n  title = {T},\n}\n",
    "ris": b"\xef\xbb\xbfTY  - JOUR\r\nTI  - T\r\nER  - \r\n",
    "listing": b"Daily\n\nFirst Title Here\n\n"
    + b"Prose it is. " * 40
    + b"\n\nSecond Title Here\n\n"
    + b"Prose again. " * 40,
}


def _listing_file(count: int) -> bytes:
    return b"".join(LISTING_LINE % (b"2503.%05d" % number) for number in range(1, count + 1))


def _read(path: Path, format: str | None = None) -> tuple[list[Record], list[Drop]]:
    items = list(read(path, format, now=NOW))
    return [i for i in items if isinstance(i, Record)], [i for i in items if isinstance(i, Drop)]


ODD = "\u202e\u200bA\u2066da\u00ad"
"""`Ada` with characters that are not seen, as no file may bring them in."""

ODD_FILES = {
    "arxiv-snapshot": '{"id":"0704.0001","title":"%s","abstract":"%s","authors_parsed":[["%s","J.",""]],"report-no":0}',
    "arxiv-listing": '{"day":"2025-03-18","id":"2503.11731","title":"%s","abstract":"%s","authors":["J. %s"]}',
    "csl-json": '[{"id":"a","type":"article","title":"%s","abstract":"%s","author":[{"family":"%s","given":"J."}]}]',
    "bibtex": "@article{a, title = {%s}, abstract = {%s}, author = {%s, J.}}",
    "ris": "TY  - JOUR\nTI  - %s\nAB  - %s\nAU  - %s, J.\nER  - \n",
}


@pytest.mark.parametrize("name", ODD_FILES)
def test_nothing_that_is_not_seen_comes_in(tmp_path: Path, name: str) -> None:
    """Title, abstract and names are what one sees of them, whatever the file has between the letters."""
    path = tmp_path / "odd"
    path.write_text(ODD_FILES[name] % (ODD, ODD, ODD), encoding="utf-8")
    ((found,), drops) = _read(path, name)

    assert drops == []
    assert (found.title, found.abstract, [author.name for author in found.authors]) == ("Ada", "Ada", ["J. Ada"])


@pytest.mark.parametrize("name", FORMATS)
def test_content_names_the_format(name: str) -> None:
    """Each format is known by its content, whatever the file is called."""
    assert detect(SAMPLES[name], "papers.dat") == name


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"%PDF-1.7\n", "PDF"),
        (b"<!DOCTYPE html><html>", "HTML"),
        (b"\n<html lang='en'>", "HTML"),
        (b'<?xml version="1.0"?><feed/>', "XML"),
        (b"PK\x03\x04\x14\0", "archive"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "binary"),
        (b"\xff\xfeT\0Y\0", "UTF-16"),
        (b"# Notes\n\nSome words of mine.\n\nMore of them.\n", "not a format that Broadsheet knows"),
        (b"id,title\n1,A title\n", "known: broadsheet, arxiv-snapshot"),
        (b'{"some": "json"}\n', "--format"),
    ],
)
def test_other_files_are_named_for_what_they_are(head: bytes, said: str) -> None:
    """A file of no known format is refused with a sentence that says what it seems to be and what is known."""
    with pytest.raises(FormatError, match=said):
        detect(head, "some-file")


def test_prose_is_no_listing() -> None:
    """Running text with a heading or two is not taken for a listing page."""
    prose = "\n\n".join(["A heading"] + ["Words and words, on and on, in long sentences. " * 10] * 6)
    with pytest.raises(FormatError):
        detect(prose.encode(), "essay.txt")


def test_missing_file_and_folder(tmp_path: Path) -> None:
    """A missing file and a folder are refused in one sentence each."""
    with pytest.raises(NotFound, match="no such file"):
        open_file(tmp_path / "none.bib")
    with pytest.raises(FormatError, match="folder"):
        open_file(tmp_path)
    (tmp_path / "loop.bib").symlink_to("loop.bib")
    with pytest.raises(FormatError, match=r"\(Too many levels of symbolic links\); let it be read"):
        open_file(tmp_path / "loop.bib")


def test_unknown_format_name(tmp_path: Path) -> None:
    """A format name that does not exist is refused with the list of names."""
    path = tmp_path / "x"
    path.write_bytes(b"x")
    with pytest.raises(FormatError, match="no format 'docx'; known: broadsheet"):
        list(read(path, "docx", now=NOW))


def test_packed_files_are_opened_as_they_are(tmp_path: Path) -> None:
    """gzip (also of several members) and Zstandard files (also of several frames, some to be passed over) read like
    plain ones, whatever padding follows.
    """
    data = _listing_file(300)
    half = len(data) // 2
    packed = {
        "plain": data,
        "gzip": gzip.compress(data),
        "gzip in two": gzip.compress(data[:half]) + gzip.compress(data[half:]) + b"\0" * 100,
        "zstd": zstandard.compress(data),
        "gzip, padded": gzip.compress(data) + b"\0" * 100_000,
        "zstd in two": zstandard.compress(data[:half]) + b"\0" * 100_000 + zstandard.compress(data[half:]),
        "zstd, passed over": b"\x50\x2a\x4d\x18\x04\0\0\0size" + zstandard.compress(data),
    }
    for name, content in packed.items():
        path = tmp_path / name
        path.write_bytes(content)
        records, drops = _read(path)
        assert (len(records), drops) == (300, []), name


@pytest.mark.slow
@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_truncated_file_gives_what_it_has(tmp_path: Path, pack: object) -> None:
    """A packed file that is cut off gives the records up to there and a Drop that says so and `ends`."""
    assert callable(pack)
    packed = pack(_listing_file(20_000))
    path = tmp_path / "cut"
    path.write_bytes(packed[: len(packed) // 2])
    records, drops = _read(path)
    assert 100 < len(records) < 20_000
    assert "ends early" in drops[-1].reason
    assert [drop.ends for drop in drops] == [False] * (len(drops) - 1) + [True]
    assert len(drops) <= 2


@pytest.mark.parametrize("rest", [b"x", b"no frame of Zstandard"])
def test_what_follows_the_last_member_and_is_none_is_damage(tmp_path: Path, rest: bytes) -> None:
    """The records before it come, and a Drop that `ends` says that the file is broken."""
    for pack in (gzip.compress, zstandard.compress):
        path = tmp_path / "more"
        path.write_bytes(pack(_listing_file(3)) + rest)
        records, drops = _read(path)
        assert (len(records), [drop.ends for drop in drops]) == (3, [True]), pack


def test_broken_packed_file(tmp_path: Path) -> None:
    """Packed data that are broken from the start are refused, broken later end the file with a Drop."""
    path = tmp_path / "broken.gz"
    path.write_bytes(b"\x1f\x8b\x08\0" + b"garbage" * 20)
    with pytest.raises(FormatError, match="broken"):
        list(read(path, now=NOW))


def test_one_bad_line_costs_itself_only(tmp_path: Path) -> None:
    """Bad records among good ones give all the good ones and a Drop each, with line and reason."""
    bad = {
        3: b'{"day": "2025-03-18", "id": "2503.1\n',
        7: b"\xff\xfe broken bytes\n",
        11: b'{"day": "2025-03-18", "id": "2503.11731", "authors": []}\n',
        15: b'{"day": "2025-03-18", "id": 17, "title": "T"}\n',
        19: b"[1, 2]\n",
        23: b'{"day": "yesterday", "id": "2503.11731", "title": "T"}\n',
        27: b'{"day": "2025-03-18", "id": "no-id", "title": "T"}\n',
        31: b'{"day": "2025-03-18", "id": "2503.11731", "title": "T", "authors": [1]}\n',
    }
    lines = [bad.get(n, LISTING_LINE % (b"2503.%05d" % n)) for n in range(1, 41)]
    path = tmp_path / "listing"
    path.write_bytes(b"".join(lines) + b"\n\n")
    records, drops = _read(path)
    assert len(records) == 32
    assert [drop.at for drop in drops] == [f"line {number}" for number in bad]
    assert [drop.source for drop in drops] == ["listing"] * 8
    said = [
        "not valid JSON",
        "not UTF-8",
        "no title",
        "id is a number",
        "a list",
        "not a date",
        "no arXiv id",
        "authors",
    ]
    assert all(word in drop.reason for word, drop in zip(said, drops, strict=True))


def test_what_is_left_out_of_a_file_is_said_in_the_readers_language(tmp_path: Path) -> None:
    """Where it stood and why, also where the reason has a part that is said of its own."""
    path = tmp_path / "listing"
    wrong = b'{"day": "2025-03-18", "id": 17, "title": "T"}\n'
    path.write_bytes(LISTING_LINE % b"2503.00001" + wrong + LISTING_LINE % b"2503.00002")
    _, (drop,) = _read(path)
    say = words("de").say

    assert (say(drop.at), say(drop.reason)) == ("Zeile 2", "sein Feld id ist eine Zahl, kein Text")


@pytest.mark.parametrize("name", FORMATS)
@given(data=st.binary(max_size=300), head=st.booleans())
def test_no_bytes_break_a_reader(name: str, data: bytes, head: bool) -> None:
    """Any bytes, also after a good beginning, give records and Drops or a FormatError, never another error."""
    stream = io.BytesIO(SAMPLES[name] + data if head else data)
    try:
        for item in FORMATS[name].read(stream, origin="file", now=NOW):
            assert not isinstance(item, Drop) or item.reason
    except FormatError:
        pass


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)
_FIELDS = re.findall(
    r"\S+",
    """id title abstract authors authors_parsed categories comments comment journal-ref doi license versions update_date
    day key aliases added parts signals published links announcements enrichments type author issued keyword note number
    URL DOI PMID container-title""",
)


@pytest.mark.parametrize("name", ["broadsheet", "arxiv-snapshot", "arxiv-listing", "csl-json"])
@given(fields=st.dictionaries(st.sampled_from(_FIELDS), _JSON, max_size=5), good=st.booleans())
def test_no_json_breaks_a_reader(name: str, fields: dict[str, object], good: bool) -> None:
    """JSON with values of any type in any field gives a record or a Drop."""
    base: dict[str, object] = {"id": "2503.11731", "title": "T", "day": "2025-03-18", "key": "arxiv:2503.11731"}
    base |= {"aliases": ["arxiv:2503.11731"], "added": "2025-11-20T00:00:00+00:00"}
    data = json.dumps({**(base if good else {}), **fields}).encode() + b"\n"
    assert len(list(FORMATS[name].read(io.BytesIO(data), origin="file", now=NOW))) == 1
