"""arXiv's OAI-PMH: every recorded answer, then walks against the local arXiv with all its faults."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet import config, net
from broadsheet.errors import FetchError, FormatError
from broadsheet.sources import SOURCES, Ask, arxiv_oai
from broadsheet.types import Batch, Record, Version
from tests.replay import DAYS, TODAY, Replay, rows

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
CATEGORIES = ("cs.CL", "cs.LG")
RECORD = """<record><header><identifier>oai:arXiv.org:{id}</identifier><datestamp>{stamp}</datestamp></header>
<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>{id}</id><created>{created}</created>{more}
<title>{title}</title><categories>cs.CL cs.AI</categories><abstract>We test.</abstract></arXiv></metadata></record>"""


def record(**values: str) -> str:
    plain = {"id": "2511.00001", "stamp": "2025-11-20", "created": "2025-11-19", "title": "A title", "more": ""}
    return RECORD.format(**(plain | values))


def answer(*records: str, token: str = "") -> bytes:
    head = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2025-11-20T05:00:00Z</responseDate>'
    more = f"<resumptionToken>{token}</resumptionToken>" if token else ""
    return f"{head}<ListRecords>{''.join(records)}{more}</ListRecords></OAI-PMH>".encode()


def ask(replay: Replay, cursor: Mapping[str, str] | None = None, since: date | None = None) -> Ask:
    options = {"net.retries": 2, "net.timeout": 5, "arxiv.backfill_days": 3}
    settings = config.load(replay.environ, home=Path("/nonexistent"), options=options)
    return Ask(settings=settings, now=NOW, cursor=cursor or {}, since=since, categories=CATEGORIES)


def harvest(asked: Ask, pages: int | None = None) -> list[Batch]:
    with net.Client(asked.settings, sleep=lambda _: None, proxies={}) as client:
        return list(islice(SOURCES["arxiv-oai"].fetch(client.get, asked), pages))


def ids_of(batches: list[Batch]) -> set[str]:
    return {record.ids[0] for batch in batches for record in batch.records}


def listed(listings: Path, since: str = DAYS[0]) -> set[str]:
    """What the server holds of the categories in these days."""
    wanted = set(CATEGORIES)
    return {f"arxiv:{r['id']}" for r in rows(listings) if r["day"] >= since and wanted & set(r["categories"])}


def queries(replay: Replay) -> list[str]:
    return [entry["query"] for entry in replay.log]


def test_every_recorded_record_is_read(shared: Path) -> None:
    """All samples of arXiv's formats give records with title, authors and date, and no drop."""
    records: list[Record] = []
    for path in sorted((shared / "data" / "recorded" / "arxiv_oai").iterdir()):
        page = arxiv_oai.parse(path.read_bytes(), now=NOW)
        assert (page.drops, page.error) == ((), None)
        assert page.count == len(page.records) > 0
        records += page.records
    assert all(r.title and r.abstract and r.authors and r.published and r.announcements for r in records)
    assert all("\n" not in r.title + r.abstract for r in records)
    by_id = {r.ids[0]: r for r in records}
    single = by_id["arxiv:1401.2122"]
    assert single.ids == ("arxiv:1401.2122", "doi:10.1007/s11005-017-1013-4")
    assert single.venue == "Lett. Math. Phys. 108 (2018), no. 2, 359-376"
    assert single.categories[:2] == ("math.AP", "hep-th")
    assert single.licence == "http://arxiv.org/licenses/nonexclusive-distrib/1.0/"
    assert (single.published, single.updated) == (datetime(2014, 1, 9, tzinfo=UTC), datetime(2017, 10, 23, tzinfo=UTC))
    assert (single.comment or "").startswith("16 pages, LaTeX")
    assert single.versions == ()


def test_names_are_put_together(shared: Path) -> None:
    """Forenames, key name, suffix and affiliation; a lone colon is nobody."""
    path = shared / "data" / "recorded" / "arxiv_oai" / "sample_arxiv_record4.xml"
    [read] = arxiv_oai.parse(path.read_bytes(), now=NOW).records
    names = [author.name for author in read.authors]
    assert names[:3] == ["Keck Array", "BICEP2 Collaborations", "P. Ade"]
    assert "R. W. IV" in names
    assert read.versions == (Version(1, datetime(2016, 3, 18, tzinfo=UTC)),)


def test_a_field_of_several_dois_is_several_ids(shared: Path) -> None:
    """Commas and semicolons separate DOIs."""
    path = shared / "data" / "recorded" / "arxiv_oai" / "sample_arxiv_record0.xml"
    [read] = arxiv_oai.parse(path.read_bytes(), now=NOW).records
    assert len(read.ids) == 4


def test_dublin_core_is_read(shared: Path) -> None:
    """The real ListRecords page: names turned round, comment told from abstract, the token kept."""
    [path] = (shared / "data" / "recorded" / "arxiv_oai").glob("listrecords*")
    page = arxiv_oai.parse(path.read_bytes(), now=NOW)
    assert page.token == "6960524|1001"
    assert page.day == date(2024, 1, 27)
    assert page.records[0].authors[0].name == "Vilnis Liepins"
    assert page.records[0].comment == "32 pages, 9 figures"
    assert page.records[0].updated == datetime(2024, 1, 23, tzinfo=UTC)


def test_protocol_answers_are_understood(shared: Path) -> None:
    """Errors of the protocol are told from lists; what is no XML is a format error; nothing else is raised."""
    codes = {}
    for path in sorted((shared / "data" / "recorded" / "oai_pmh_protocol").iterdir()):
        if "Broken" in path.name:
            with pytest.raises(FormatError):
                arxiv_oai.parse(path.read_bytes(), now=NOW)
            continue
        page = arxiv_oai.parse(path.read_bytes(), now=NOW)
        codes[path.stem] = page.error[0] if page.error else None
        assert len(page.records) + len(page.drops) == page.count
    assert {code for stem, code in codes.items() if stem[0].islower()} == {
        *("badArgument", "badResumptionToken", "cannotDisseminateFormat", "idDoesNotExist"),
        *("noRecordsMatch", "noSetHierarchy", "undefinedError"),
    }
    assert [code for stem, code in codes.items() if stem[0].isupper()] == [None] * 11


def test_raw_records_have_their_versions() -> None:
    """The format `arXivRaw` gives every version with its date, and the authors in one line."""
    raw = (
        "<record><header><identifier>oai:arXiv.org:math/0309136</identifier><datestamp>2007-05-23</datestamp></header>"
        '<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>math/0309136</id>'
        '<version version="v1"><date>Mon, 8 Sep 2003 12:57:41 GMT</date><size>9kb</size></version>'
        '<version version="v2"><date>Tue, 9 Sep 2003 01:00:00 GMT</date></version>'
        "<title>T</title><authors>A. Doe, Jr. (MIT), B. Roe and C. Poe</authors><categories>math.GT</categories>"
        "<abstract>Text</abstract></arXivRaw></metadata></record>"
    )
    [read] = arxiv_oai.parse(answer(raw), now=NOW).records
    assert read.ids == ("arxiv:math/0309136",)
    assert [author.name for author in read.authors] == ["A. Doe, Jr.", "B. Roe", "C. Poe"]
    assert [version.number for version in read.versions] == [1, 2]
    assert (read.published, read.updated) == (read.versions[0].date, read.versions[1].date)


def test_what_cannot_be_read_is_dropped_with_its_place() -> None:
    """A deletion, a record without metadata, id or title: each a drop; the rest goes on."""
    deleted = '<record><header status="deleted"><identifier>oai:arXiv.org:1</identifier></header></record>'
    bare = "<record><header><identifier>oai:arXiv.org:2</identifier></header></record>"
    page = arxiv_oai.parse(answer(deleted, bare, record(title=""), record(id="x"), record()), now=NOW)
    assert [drop.reason for drop in page.drops] == [
        "deleted by the source",
        "no metadata",
        "no title",
        "no arXiv id in 'x'",
    ]
    assert page.drops[0].at == "record 1 (oai:arXiv.org:1)"
    assert (len(page.records), page.count) == (1, 5)


def test_a_withdrawn_paper_is_marked() -> None:
    """The comment says so; the record stays."""
    more = "<comments>This paper has been withdrawn by the author</comments>"
    assert arxiv_oai.parse(answer(record(more=more)), now=NOW).records[0].withdrawn


@pytest.mark.parametrize(
    ("values", "day"),
    [
        ({}, "2025-11-20"),
        ({"stamp": "2025-11-24", "created": "2025-11-21"}, "2025-11-24"),
        ({"stamp": "2026-03-01", "created": "2025-11-21"}, "2025-11-24"),
        ({"stamp": "2025-11-20", "created": "2025-11-13", "more": "<updated>2025-11-19</updated>"}, "2025-11-14"),
        ({"stamp": "2025-11-22", "created": "2025-11-20"}, "2025-11-24"),
    ],
)
def test_the_announcement_day_is_the_best_guess(values: dict[str, str], day: str) -> None:
    """Never replaced: the day of its datestamp; else the announcement after its submission."""
    [read] = arxiv_oai.parse(answer(record(**values)), now=NOW).records
    assert [(a.source, f"{a.day}", a.kind) for a in read.announcements] == [("arxiv-oai", day, "listed")]


def test_a_mirror_that_writes_the_announcement_day_is_understood() -> None:
    """Where papers have their datestamp on the day of `created`, `created` is the announcement day for all."""
    replaced = record(id="2511.00002", created="2025-11-18", more="<updated>2025-11-20</updated>")
    page = arxiv_oai.parse(answer(record(created="2025-11-20"), replaced), now=NOW)
    assert [f"{read.announcements[0].day}" for read in page.records] == ["2025-11-20", "2025-11-18"]


@pytest.mark.parametrize(
    ("category", "spec"),
    [
        ("cs.CL", "cs:cs:CL"),
        ("cs.cl", "cs:cs:CL"),
        ("cs", "cs"),
        ("hep-th", "physics:hep-th"),
        ("astro-ph.GA", "physics:astro-ph:GA"),
        ("cond-mat.str-el", "physics:cond-mat:str-el"),
        ("physics.optics", "physics:physics:optics"),
        ("physics", "physics:physics"),
        ("stat.ML", "stat:stat:ML"),
        ("q-bio.NC", "q-bio:q-bio:NC"),
    ],
)
def test_categories_are_sets(category: str, spec: str) -> None:
    """A category or archive of the settings is one set of the service."""
    assert arxiv_oai.set_of(category) == spec


def test_a_set_inside_another_is_not_walked_twice() -> None:
    """`cs` holds `cs.CL`."""
    assert arxiv_oai.sets_of(["cs.CL", "cs", "stat.ML", "cs.CL"]) == ["cs", "stat:stat:ML"]


@pytest.mark.slow
def test_the_first_harvest_reaches_back_from_the_servers_date(replay: Replay, listings: Path) -> None:
    """Identify tells the date; the walk starts `backfill_days` before it and has no end."""
    batches = harvest(ask(replay))
    assert ids_of(batches) == listed(listings)
    assert queries(replay)[0] == "verb=Identify"
    assert "from=2025-11-17&" in queries(replay)[1]
    assert not any("until" in query for query in queries(replay))
    assert all(batch.announced == len(batch.records) + len(batch.drops) for batch in batches)
    cursor = {key: value for key, value in batches[-1].cursor.items() if value}
    assert cursor == {"cs:cs:CL done": TODAY, "cs:cs:LG done": TODAY}
    days = {f"{record.announcements[0].day}" for batch in batches for record in batch.records}
    assert days == set(DAYS)


@pytest.mark.slow
def test_the_next_harvest_starts_where_the_last_ended(replay: Replay, listings: Path) -> None:
    """`from` is the server's date of the last complete walk; Identify is not asked again."""
    replay.today(DAYS[2])
    first = harvest(ask(replay))
    replay.today(DAYS[3])
    before = len(replay.log)
    second = harvest(ask(replay, first[-1].cursor))
    assert ids_of(second) == listed(listings, DAYS[2])
    assert all("from=2025-11-19" in query or "resumptionToken" in query for query in queries(replay)[before:])


@pytest.mark.slow
def test_a_day_that_is_asked_for_reaches_back(replay: Replay, listings: Path) -> None:
    """`since` starts the walk there, even after a complete one, and never leaves a gap."""
    done = {"cs:cs:CL done": "2025-11-19", "cs:cs:LG done": "2025-11-19"}
    assert ids_of(harvest(ask(replay, done, date(2025, 11, 17)))) == listed(listings)
    assert ids_of(harvest(ask(replay, done, date(2026, 1, 1)))) == listed(listings, "2025-11-19")


def test_a_walk_cut_short_goes_on(replay: Replay, listings: Path) -> None:
    """After each page the cursor leads to the next one; nothing is asked twice."""
    whole = harvest(ask(replay))
    asked = len(replay.log)
    cursor: dict[str, str] = {}
    pieces: list[Batch] = []
    while len(pieces) < len(whole):
        pieces += harvest(ask(replay, cursor), pages=1)
        cursor |= pieces[-1].cursor  # as a store that only adds would keep it
    assert ids_of(pieces) == ids_of(whole)
    assert cursor["cs:cs:LG done"] == TODAY
    assert cursor == whole[-1].cursor
    assert len(replay.log) - asked <= asked + 1


def test_a_token_that_died_restarts_its_walk(replay: Replay, listings: Path) -> None:
    """Tokens end with the day: the walk starts again from its own `from`."""
    replay.today(DAYS[2])
    [first] = harvest(ask(replay), pages=1)
    assert "cs:cs:CL token" in first.cursor
    replay.today(DAYS[3])
    before = len(replay.log)
    rest = harvest(ask(replay, first.cursor))
    assert ids_of(rest) == listed(listings)
    assert "resumptionToken" in queries(replay)[before]
    assert "from=2025-11-16" in queries(replay)[before + 1]


def test_a_token_that_dies_again_and_again_is_an_error(replay: Replay) -> None:
    """A walk restarts once in a harvest; then the harvest ends, and may be tried later."""
    replay.fault("/oai", "badtoken", times=9)
    with pytest.raises(FormatError, match="badResumptionToken") as caught:
        harvest(ask(replay))
    assert not caught.value.permanent


def test_one_dead_token_is_survived(replay: Replay, listings: Path) -> None:
    """badResumptionToken in the middle costs a restart, not a paper."""
    [first] = harvest(ask(replay), pages=1)
    replay.fault("/oai", "badtoken")
    assert ids_of([first, *harvest(ask(replay, first.cursor))]) == listed(listings)


def test_nothing_new_is_fine(replay: Replay) -> None:
    """noRecordsMatch is an empty batch that says so, and the walk counts as done."""
    cursor = {"cs:cs:CL done": "2026-06-01", "cs:cs:LG done": "2026-06-01"}
    batches = harvest(ask(replay, cursor))
    assert [(batch.state, batch.announced) for batch in batches] == [("empty", 0)] * 2
    assert batches[0].note == "nothing new in cs:cs:CL since 2026-06-01"
    assert batches[-1].cursor["cs:cs:LG done"] == TODAY


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["429", "503", "500", "truncate", "reset"])
def test_a_passing_fault_is_waited_out(replay: Replay, listings: Path, kind: str) -> None:
    """Two failures in the middle of a walk lose nothing."""
    [first] = harvest(ask(replay), pages=1)
    replay.fault("/oai", kind, times=2, retry_after="1")
    assert ids_of([first, *harvest(ask(replay, first.cursor))]) == listed(listings)


@pytest.mark.parametrize(
    ("kind", "error"),
    [("503", FetchError), ("html", FormatError), ("garbage", FormatError), ("empty", FormatError)],
)
def test_a_lasting_fault_leaves_a_cursor_to_go_on(
    replay: Replay, listings: Path, kind: str, error: type[Exception]
) -> None:
    """What came before the fault is kept, and the next harvest ends the walk."""
    [first] = harvest(ask(replay), pages=1)
    replay.fault("/oai", kind, times=99)
    with pytest.raises(error) as caught:
        harvest(ask(replay, first.cursor))
    assert getattr(caught.value, "permanent", None) is False
    replay.heal()
    assert ids_of([first, *harvest(ask(replay, first.cursor))]) == listed(listings)


def test_it_is_due_once_a_day() -> None:
    """After each announcement, and not again before the next."""
    settings = config.load({}, home=Path("/nonexistent"))
    due = SOURCES["arxiv-oai"].due
    assert due(None, NOW, settings)
    assert due(datetime(2025, 11, 19, 20, tzinfo=UTC), datetime(2025, 11, 20, 6, tzinfo=UTC), settings)
    assert not due(datetime(2025, 11, 20, 6, tzinfo=UTC), datetime(2025, 11, 21, 5, tzinfo=UTC), settings)
    assert not due(datetime(2025, 11, 21, 6, tzinfo=UTC), datetime(2025, 11, 23, 6, tzinfo=UTC), settings)


@given(st.binary(max_size=150) | st.text(max_size=150).map(str.encode))
def test_any_bytes_are_a_page_or_a_format_error(body: bytes) -> None:
    """No answer, whatever it holds, raises anything else."""
    inside = answer(record(more="<comments>@</comments>")).replace(b"@", body)
    for whole in (body, inside):
        try:
            arxiv_oai.parse(whole, now=NOW)
        except FormatError:
            continue
