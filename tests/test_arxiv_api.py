"""arXiv's query API: the recorded answers, and ids asked of the local arXiv."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from broadsheet import config, net
from broadsheet.errors import FormatError
from broadsheet.sources import arxiv_api
from broadsheet.types import Version
from tests.replay import Replay, rows

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


def test_every_recorded_answer_is_read(shared: Path) -> None:
    """Each entry is a record, or a drop with arXiv's own words; unknown ids give neither."""
    found = {
        path.name: arxiv_api.parse(path.read_bytes(), now=NOW)
        for path in sorted((shared / "data" / "recorded" / "arxiv_api_atom").iterdir())
    }
    assert len(found) == 10
    by_name = {name.split("_s0")[0].split("_s1")[0]: answer for name, answer in found.items()}
    assert by_name["id_0000.0000"] == by_name["id_0808.05394"] == ((), ())
    records, drops = by_name["id_abc"]
    assert (records, [drop.reason for drop in drops]) == ((), ["arXiv refuses it: incorrect id format for abc"])
    [old] = by_name["id_quant-ph_0201082v1"][0]
    assert old.ids == ("arxiv:quant-ph/0201082",)
    assert old.categories == ("quant-ph", "cs.PL")
    assert (old.versions, old.updated) == ((Version(1, datetime(2002, 1, 18, 15, 8, 5, tzinfo=UTC)),), None)
    for name, (records, _) in found.items():
        if name.startswith("q_"):
            assert len(records) in {10, 15}
            assert all(r.title and r.abstract and r.authors and r.published for r in records)


@pytest.mark.slow
def test_ids_are_asked_together(replay: Replay, listings: Path) -> None:
    """One request for many; what arXiv does not give is a drop, other ids are not asked."""
    known = sorted({row["id"] for row in rows(listings)})[:5]
    settings = config.load(replay.environ, home=Path("/nonexistent"))
    ids = [*(f"arxiv:{id}" for id in known), "arxiv:1001.0001", "doi:10.1000/x"]
    with net.Client(settings, proxies={}) as client:
        [batch] = arxiv_api.fetch_ids(client.get, settings, ids, NOW)
    assert {record.ids[0] for record in batch.records} == {f"arxiv:{id}" for id in known}
    assert [(drop.at, drop.reason) for drop in batch.drops] == [("arxiv:1001.0001", "arXiv gave no such paper")]
    assert batch.announced == 6
    assert len(replay.log) == 1


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"<rss/>", b"<feed><entry>"])
def test_what_is_no_feed_is_a_format_error(body: bytes) -> None:
    """Nothing, a web page or half an answer."""
    with pytest.raises(FormatError):
        arxiv_api.parse(body, now=NOW)
