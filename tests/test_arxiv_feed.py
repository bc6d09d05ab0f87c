"""arXiv's daily feeds: pure parsing, then whole harvests against the local arXiv."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet import config, net
from broadsheet.errors import FetchError, FormatError
from broadsheet.identity import to_paper
from broadsheet.sources import SOURCES, Ask, arxiv_feed, arxiv_work
from broadsheet.types import Announcement, Batch, Version
from tests.replay import TODAY, Replay, rows

NOW = datetime(2025, 11, 20, 6, 0, tzinfo=UTC)
ITEM = """<entry xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
<id>oai:arXiv.org:{id}</id><title>{title}</title>
<summary>arXiv:{id} Announce Type: {kind} \nAbstract: {abstract}</summary>
<category term="cs.LG"/><category term="cs.AI"/><published>2026-09-25T00:00:00-04:00</published>
<arxiv:announce_type>{kind}</arxiv:announce_type><dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>
<arxiv:DOI>10.1000/ABC, 10.1000/def</arxiv:DOI><arxiv:journal_reference>J. Tests 1 (2026)</arxiv:journal_reference>
<dc:creator>{creator}</dc:creator></entry>"""


def item(**values: str) -> str:
    plain = {
        "id": "2609.00001v2",
        "title": "A title",
        "kind": "new",
        "abstract": "We test.",
        "creator": "A. Doe, B. Roe",
    }
    return ITEM.format(**(plain | values))


def atom(*items: str, title: str = "cs.LG updates on arXiv.org", updated: str = "2026-09-25T04:00:11+00:00") -> bytes:
    head = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>{title}</title><updated>{updated}</updated>'
    return f"<?xml version='1.0' encoding='UTF-8'?>\n{head}{''.join(items)}</feed>".encode()


@dataclass(frozen=True)
class Canned:
    """An answer as a test gives it."""

    status: int
    body: bytes
    etag: str | None = None
    url: str = ""


def ask(replay: Replay, *categories: str, cursor: Mapping[str, str] | None = None, feed_url: str = "") -> Ask:
    options = {"net.retries": 2, "net.timeout": 5} | ({"arxiv.feed_url": feed_url} if feed_url else {})
    settings = config.load(replay.environ, home=Path("/nonexistent"), options=options)
    return Ask(settings=settings, now=NOW, cursor=cursor or {}, categories=categories or ("cs.CL", "cs.CV"))


def harvest(asked: Ask) -> list[Batch]:
    with net.Client(asked.settings, sleep=lambda _: None, proxies={}) as client:
        return list(SOURCES["arxiv"].fetch(client.get, asked))


def test_the_recorded_feed_is_read_whole(shared: Path) -> None:
    """Every field of a real feed of 2026 arrives."""
    [path] = (shared / "data" / "recorded" / "arxiv_feed").iterdir()
    feed = arxiv_feed.parse(path.read_bytes(), now=NOW)
    assert (feed.items, feed.drops, feed.day) == (3, (), date(2026, 9, 25))
    new, cross, replaced = feed.records
    assert new.ids == ("arxiv:2609.28553", "doi:10.1109/mapr72750.2026.11685822")
    assert new.abstract.startswith("Drug toxicity prediction is critical")
    assert (len(new.authors), new.authors[0].name) == (6, "Quang Minh Nguyen")
    assert new.categories == ("cs.LG", "cs.AI")
    assert new.announcements == (Announcement("arxiv", date(2026, 9, 25), "new"),)
    assert new.venue is not None
    assert new.venue.startswith("2026 International Conference")
    assert new.licence == "http://creativecommons.org/licenses/by/4.0/"
    pages = {link.url for link in to_paper(new, NOW).links}
    assert pages >= {"https://arxiv.org/abs/2609.28553", "https://arxiv.org/pdf/2609.28553"}
    assert [record.announcements[0].kind for record in feed.records] == ["new", "cross", "replace"]
    assert (cross.published, cross.versions) == (None, (Version(3),))
    assert replaced.updated == datetime(2026, 9, 25, 4, tzinfo=UTC)


def test_several_dois_are_several_ids() -> None:
    """A DOI field may hold more than one."""
    [record] = arxiv_feed.parse(atom(item()), now=NOW).records
    assert record.ids == ("arxiv:2609.00001", "doi:10.1000/abc", "doi:10.1000/def")
    assert record.venue == "J. Tests 1 (2026)"


@pytest.mark.slow
def test_rss_and_atom_say_the_same(replay: Replay) -> None:
    """The same day read in either format gives the same records."""
    both = [harvest(ask(replay, feed_url=f"{replay.url}/{kind}")) for kind in ("atom", "rss")]
    assert both[0][0].records == both[1][0].records
    assert len(both[0][0].records) > 100


@pytest.mark.slow
def test_a_day_is_harvested_whole(replay: Replay, listings: Path) -> None:
    """One request brings every paper of the day in the categories, with its abstract and the kind of news."""
    [batch] = harvest(ask(replay))
    listed = [row for row in rows(listings) if row["day"] == TODAY and {"cs.CL", "cs.CV"} & set(row["categories"])]
    expected = {f"arxiv:{row['id']}": row for row in listed}
    assert {record.ids[0] for record in batch.records} == set(expected)
    assert (batch.announced, batch.drops, batch.state) == (len(listed), (), "ok")
    for record in batch.records:
        row = expected[record.ids[0]]
        assert record.abstract == " ".join(row["abstract"].split())
        assert record.title == " ".join(row["title"].split())
        assert record.announcements[0].day == date.fromisoformat(TODAY)
    assert {record.announcements[0].kind for record in batch.records} == {"new", "cross"}
    assert [entry["path"] for entry in replay.log] == ["/atom/cs.CL+cs.CV"]


def test_an_unchanged_feed_costs_nothing(replay: Replay) -> None:
    """The ETag of the cursor makes the second harvest an empty answer."""
    [first] = harvest(ask(replay))
    [second] = harvest(ask(replay, cursor=first.cursor))
    assert (second.state, second.records, second.cursor) == ("unchanged", (), first.cursor)
    assert second.note == f"unchanged since the feed of {TODAY}"


def test_many_categories_are_several_requests(replay: Replay) -> None:
    """An address stays short: ten categories in one."""
    names = [f"cs.A{letter}" for letter in "ABCDEFGHIJK"] + ["cs.CL"]
    batches = harvest(ask(replay, *names))
    assert len(batches) == 2
    assert len(replay.log) == 2


def test_an_empty_day_says_why(replay: Replay) -> None:
    """A weekend and the day after a holiday are told from a feed that should have had papers."""
    for day, state, word in (
        ("2026-11-21", "holiday", "Saturday"),
        ("2026-11-27", "holiday", "Thanksgiving"),
        ("2026-11-24", "empty", "no papers"),
    ):
        replay.today(day)
        [batch] = harvest(ask(replay))
        assert (batch.state, batch.announced) == (state, 0)
        assert word in (batch.note or "")


def test_an_empty_rss_feed_goes_by_the_clock() -> None:
    """A feed without items and date is judged by the day in arXiv's zone."""
    rss = b'<rss version="2.0"><channel><title>cs.CL updates</title></channel></rss>'
    feed = arxiv_feed.parse(rss, now=NOW)
    assert (feed.items, feed.day) == (0, None)


@pytest.mark.slow
def test_a_full_feed_is_asked_in_halves() -> None:
    """2,000 items are arXiv's limit: the halves follow, and nothing is remembered as seen before they came."""
    full = atom(*(item(id=f"2609.{n:05}v1") for n in range(arxiv_feed.FULL)))
    seen: list[str] = []

    def get(url: str, **_: object) -> Canned:
        seen.append(url.rpartition("/")[2])
        return Canned(200, full if "+" in url else atom(item()), '"e"')

    asked = Ask(settings=config.load({}, home=Path("/nonexistent")), now=NOW, categories=("cs.AI", "cs.CL"))
    batches = list(arxiv_feed.fetch(get, asked))
    assert seen == ["cs.AI+cs.CL", "cs.AI", "cs.CL"]
    assert "full" in (batches[0].note or "")
    assert not batches[-1].cursor["etag:cs.AI+cs.CL"]
    assert batches[-1].cursor["etag:cs.CL"] == '"e"'


def test_the_error_feed_is_an_error() -> None:
    """A category that arXiv does not know is named."""
    body = atom(title='Feed error for query "cs.NO"')
    with pytest.raises(FormatError, match=r"cs\.NO") as caught:
        arxiv_feed.parse(body, now=NOW, query="cs.NO")
    assert caught.value.permanent


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"  \n",
        b"<html><body><h1>Service temporarily unavailable</h1></body></html>",
        b"<!DOCTYPE html><html></html>",
        b"{}",
        b"<feed><entry>",
        b"<rss/>",
        b"<other/>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><feed>&a;</feed>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY a "b">]><feed>&a;</feed>'.encode("utf-16"),
        b"\x00\xff\xfe",
    ],
)
def test_what_is_no_feed_is_a_format_error(body: bytes) -> None:
    """Nothing, a web page, half a page or a document with entities: one error that may pass."""
    with pytest.raises(FormatError) as caught:
        arxiv_feed.parse(body, now=NOW)
    assert not caught.value.permanent


@pytest.mark.parametrize("stray", ["\x01", "&#1;", "&#x1f;", "\x0b", "&#xD800;", "&#99999999;"])
def test_stray_control_characters_are_forgiven(stray: str) -> None:
    """A character that XML does not allow costs itself, not the feed."""
    [record] = arxiv_feed.parse(atom(item(abstract=f"We {stray}test.")), now=NOW).records
    assert record.abstract == "We test."


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (item(id="nonsense"), "no arXiv id"),
        (item(title=" "), "no title"),
        (item(kind="mystery"), "announce type"),
        (item().replace("2026-09-25T00:00:00-04:00", "yesterday"), "no announcement date"),
    ],
)
def test_an_item_that_cannot_be_read_is_dropped(broken: str, reason: str) -> None:
    """The rest goes on, and the drop says where it stood and why."""
    feed = arxiv_feed.parse(atom(item(), broken, item(id="2609.00002v1")), now=NOW)
    assert [record.ids[0] for record in feed.records] == ["arxiv:2609.00001", "arxiv:2609.00002"]
    [drop] = feed.drops
    assert drop.at.startswith("item 2")
    assert reason in drop.reason
    assert feed.items == 3


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("A. Doe, B. Roe", ["A. Doe", "B. Roe"]),
        ("A. Doe, Jr., B. Roe III, C. Poe, IV", ["A. Doe, Jr.", "B. Roe III", "C. Poe, IV"]),
        (r"Andr\'e B, {\"O}z, \c{C}elik, a$_{1,2}$b", [r"Andr\'e B", r"{\"O}z", r"\c{C}elik", "a$_{1,2}$b"]),
        ("Planck Collaboration: P. Ade, N. Aghanim", ["Planck Collaboration", "P. Ade", "N. Aghanim"]),
        ("A. Doe (MIT, USA), B. Roe (1 and 2), ((1) ETH, (2) MIT)", ["A. Doe", "B. Roe"]),
        ("The LIGO Collaboration, :, A. Doe, and B. Roe,", ["The LIGO Collaboration", "A. Doe", "B. Roe"]),
        ("", []),
    ],
)
def test_a_line_of_names_is_split(line: str, names: list[str]) -> None:
    """Suffixes, TeX, collaborations and affiliations do not make new authors."""
    assert [author.name for author in arxiv_work.split_names(line)] == names


def test_an_affiliation_is_kept() -> None:
    """What stands in parentheses after a name is where the author works, unless it is a number."""
    first, second = arxiv_work.split_names("A. Doe (MIT, USA), B. Roe (1,2)")
    assert (first.affiliation, second.affiliation) == ("MIT, USA", None)


@pytest.mark.parametrize(
    ("comment", "abstract", "withdrawn"),
    [
        ("This paper has been withdrawn by the author due to an error", "", True),
        ("Withdrawn", "", True),
        ("10 pages; submission has been withdrawn by arXiv administrators", "", True),
        ("v2 is withdrawn; see v1", "", True),
        ("", "This submission has been withdrawn by the authors.", True),
        ("Supersedes the withdrawn paper arXiv:1234.5678", "", False),
        ("This paper replaces arXiv:1234.5678 which was withdrawn", "", False),
        ("", "We study how drugs are withdrawn from the market.", False),
        ("money withdrawn from banks", "", False),
    ],
)
def test_withdrawal_is_read_from_the_words(comment: str, abstract: str, withdrawn: bool) -> None:
    """A withdrawn paper is a version with a note; a paper about withdrawal is not withdrawn."""
    assert arxiv_work.is_withdrawn(comment, abstract) is withdrawn


@pytest.mark.parametrize("kind", ["429", "503", "truncate", "reset"])
def test_a_passing_fault_is_waited_out(replay: Replay, kind: str) -> None:
    """Two failures and then the day, complete."""
    replay.fault("/atom", kind, times=2, retry_after="1")
    [batch] = harvest(ask(replay))
    assert batch.announced == len(batch.records) > 100
    assert len(replay.log) == 3


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("503", FetchError),
        ("reset", FetchError),
        ("html", FormatError),
        ("garbage", FormatError),
        ("empty", FormatError),
    ],
)
def test_a_lasting_fault_is_one_error_that_may_pass(replay: Replay, kind: str, error: type[Exception]) -> None:
    """The error is not permanent, and the next harvest is whole."""
    replay.fault("/atom", kind, times=99)
    with pytest.raises(error) as caught:
        harvest(ask(replay))
    assert getattr(caught.value, "permanent", None) is False
    replay.heal()
    assert harvest(ask(replay))[0].state == "ok"


def test_the_feed_is_due_after_each_announcement() -> None:
    """Once after the feed is ready, once more should it be late, never at the weekend in between."""
    settings = config.load({}, home=Path("/nonexistent"))

    def due(last: str | None, now: str) -> bool:
        moment = datetime.fromisoformat(last + "+00:00") if last else None
        return SOURCES["arxiv"].due(moment, datetime.fromisoformat(now + "+00:00"), settings)

    assert due(None, "2025-11-22T12:00")
    assert due("2025-11-19T20:00", "2025-11-20T06:00")
    assert not due("2025-11-20T06:00", "2025-11-20T09:00")
    assert due("2025-11-20T06:00", "2025-11-20T12:00")
    assert not due("2025-11-21T12:00", "2025-11-23T12:00")
    assert due("2025-11-21T12:00", "2025-11-24T06:00")


@pytest.mark.slow
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_feed_or_a_format_error(body: bytes) -> None:
    """No answer, whatever it holds, raises anything else."""
    for whole in (body, b"<feed><entry><id>" + body + b"</id></entry></feed>"):
        try:
            arxiv_feed.parse(whole, now=NOW)
        except FormatError:
            continue


@given(st.text(max_size=80))
def test_any_line_of_names_is_split(line: str) -> None:
    """Splitting never raises and never makes an empty name."""
    assert all(author.name.strip() for author in arxiv_work.split_names(line))
