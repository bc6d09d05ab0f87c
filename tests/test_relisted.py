"""Relistings of a file: united with the record before them they leave the same library as one by one."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import chain, repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet import identity
from broadsheet.library.harvest import relisted
from broadsheet.library.harvest.relisted import Listed, united
from broadsheet.types import Announcement, Author, Drop, Known, Paper, Record, Signal

NOW = datetime(2025, 11, 20, 8, tzinfo=UTC)
IDS = (("arxiv:2511.00001",), ("arxiv:2511.00002",), ("doi:10.48550/arxiv.2511.00001",), ("doi:10.1/x",), ())
TITLES = ("Watering at Dusk", "Clocks That Err", "A Rule for Two Wells")


def record(ids: tuple[str, ...] = IDS[0], title: str = TITLES[0], day: int = 1, source: str = "arxiv") -> Record:
    listed = Announcement("arxiv", date(2025, 11, day), "listed")
    return Record(
        source=source, seen=NOW, ids=ids, title=title, authors=(Author("Ada Byron"),), announcements=(listed,)
    )


records = st.builds(
    record,
    st.sampled_from([*IDS, (*IDS[0], *IDS[3]), (*IDS[1], *IDS[3])]),
    st.sampled_from(TITLES),
    st.integers(1, 3),
    st.sampled_from(["arxiv", "crossref"]),
)


def library_of(some: Iterable[Record]) -> set[Paper]:
    """What a library holds that is given these records in turn."""
    known: list[Known] = []
    for one in some:
        intent = identity.decide(identity.to_paper(one, NOW), known)
        aliases = set(intent.paper.aliases)
        known = [k for k in known if aliases.isdisjoint(k.paper.aliases)] + [Known(intent.paper, intent.parts)]
    return {k.paper for k in known}


def listed(*items: Record | Drop) -> list[Listed]:
    return [one for one in united(items) if isinstance(one, Listed)]


@settings(max_examples=40)
@given(st.lists(records, max_size=12))
def test_united_records_leave_the_same_library(some: list[Record]) -> None:
    """The papers are those of all records in turn, whatever other records of the same works stand between."""
    together = listed(*some)

    assert library_of(one.record for one in together) == library_of(some)
    assert sum(1 + one.again for one in together) == len(some)


def test_a_relisting_is_one_more_announcement() -> None:
    """What says the same on another day is counted, and its day is kept; twice on one day is one announcement."""
    (one,) = listed(record(day=1), record(day=2), record(day=2))

    assert one.again == 2
    assert [a.day.day for a in one.record.announcements] == [1, 2]


def test_other_words_stand_for_themselves() -> None:
    """What says something else, counts something or has another kind of id is not united, nor is what comes after."""
    other = record(title="Watering at Dawn")
    counted = Record(source="arxiv", seen=NOW, ids=IDS[0], title=TITLES[0], signals=(Signal("x", "votes", NOW, 3),))

    assert [one.again for one in listed(record(), other, record(), counted)] == [0, 0, 0, 0]
    assert [one.again for one in listed(record(), record(IDS[3]), record(), record())] == [0, 0, 1]


def test_who_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records come out in their order as soon as enough others came after them; what is no record does not wait."""
    monkeypatch.setattr(relisted, "WAITING", 2)
    drop = Drop("file", "line 1", "it is broken")
    others = [record((f"arxiv:2511.{n:05}",)) for n in range(2, 9)]
    endless = chain[Record | Drop]([record(), record(day=2), drop], others, repeat(drop))
    out = united(endless)

    assert next(out) is drop
    first = next(out)
    assert isinstance(first, Listed)
    assert (first.record.ids, first.again) == (IDS[0], 1)
    assert [one.again for one in listed(record(), *others, record())] == [0] * 9
