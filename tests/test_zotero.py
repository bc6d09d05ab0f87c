"""Zotero libraries over a real socket: papers come in pages and by version, and go out once whatever breaks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broadsheet.cite.zotero import ids_in, to_zotero
from broadsheet.errors import BroadsheetError, FetchError
from broadsheet.library.handle import Library
from broadsheet.library.interest.profiles import add_interest, show_interest
from broadsheet.library.readers import add_reader
from broadsheet.library.shelf import collections
from broadsheet.library.shelf.zotero import from_collection, into_collection, into_interest
from broadsheet.rank.profile import Said
from tests.libraries import library_at
from tests.zotero_server import KEY, Zotero, zotero

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
PLACE = "users/123"


@dataclass
class Desk:
    """A library and a Zotero."""

    lib: Library
    there: Zotero


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Both empty; the key is right."""
    with zotero() as there:
        options = {"zotero.url": there.url, "zotero.key": KEY, "zotero.min_interval": 0.0, "encoder": "none"}
        with library_at(tmp_path, options, lambda: NOW) as lib:
            add_reader(lib, "ada")
            yield Desk(lib, there)


def _csl(number: int) -> dict[str, object]:
    return {
        "id": f"123/{number}",
        "type": "article-journal",
        "title": f"On the number {number}",
        "author": [{"family": "Doe", "given": "Jane"}],
        "DOI": f"10.5555/n.{number}",
        "issued": {"date-parts": [[2024, 5, 1]]},
    }


def _papers(desk: Desk, name: str = "bees") -> list[str]:
    return [one.paper.key for one in collections.papers(desk.lib, "ada", name).papers or ()]


@pytest.mark.slow
def test_a_library_comes_in_pages_and_later_only_what_was_changed(desk: Desk) -> None:
    """All of it the first time, although the server is busy once; then by version; `again` asks for all."""
    desk.there.csl = [(5, _csl(n)) for n in range(120)]
    desk.there.busy = 1
    filed = into_collection(desk.lib, "ada", "bees", PLACE)
    assert filed is not None
    assert len(_papers(desk)) == 120
    assert into_collection(desk.lib, "ada", "bees", PLACE) is None
    desk.there.csl.append((11, _csl(500)))
    desk.there.version = 11
    into_collection(desk.lib, "ada", "bees", PLACE)
    assert _papers(desk)[-1] == "doi:10.5555/n.500"
    assert "since=10" in desk.there.asked[-1]
    into_collection(desk.lib, "ada", "bees", PLACE, again=True)
    assert "since=0" in desk.there.asked[-1]


def test_a_library_teaches_an_interest(desk: Desk) -> None:
    """Its papers become seeds."""
    desk.there.csl = [(5, _csl(n)) for n in range(3)]
    add_interest(desk.lib, "ada", "numbers", Said(about=("numbers",)))
    into_interest(desk.lib, "ada", "numbers", f"{PLACE}/collections/ABCD2345")

    assert len(show_interest(desk.lib, "ada", "numbers").interest.profile.seeds) == 3
    assert "/users/123/collections/ABCD2345/items/top" in desk.there.asked[-1]


@pytest.mark.slow
def test_a_collection_goes_out_once_by_fifty_whatever_is_changed_meanwhile(desk: Desk) -> None:
    """A library that was changed while it was written is read again; another push has nothing to do."""
    desk.there.csl = [(5, _csl(n)) for n in range(60)]
    into_collection(desk.lib, "ada", "bees", PLACE)
    desk.there.changed_meanwhile = 1
    sent = from_collection(desk.lib, "ada", "bees", PLACE)
    assert (sent.written, sent.there, sent.failed) == (60, 0, ())
    assert [many for many in desk.there.writes if many > 1] == [50, 10]
    again = from_collection(desk.lib, "ada", "bees", PLACE)

    assert (again.written, again.there) == (0, 60)
    assert len({item["DOI"] for item in desk.there.written}) == len(desk.there.written) == 60
    assert [one["data"]["name"] for one in desk.there.collections] == ["bees"]
    assert desk.there.written[0]["creators"] == [{"creatorType": "author", "lastName": "Doe", "firstName": "Jane"}]


@pytest.mark.slow
def test_an_item_that_zotero_refuses_is_told_and_stops_no_other(desk: Desk) -> None:
    """The rest is written; the title and what was said come back."""
    desk.there.csl = [(5, _csl(n)) for n in range(3)]
    into_collection(desk.lib, "ada", "bees", PLACE)
    desk.there.refused = {"On the number 1"}
    sent = from_collection(desk.lib, "ada", "bees", PLACE)

    assert (sent.written, sent.failed) == (2, (("On the number 1", "'title' is refused"),))


@pytest.mark.parametrize(("place", "key", "said"), [("me", KEY, "users/123"), (PLACE, "", "zotero.key")])
def test_what_cannot_be_asked_is_told_before_asking(
    desk: Desk, tmp_path: Path, place: str, key: str, said: str
) -> None:
    """A wrong place or no key is one sentence with the way out."""
    options = {"zotero.url": desk.there.url, "zotero.key": key}
    with (
        library_at(tmp_path / "other", options) as lib,
        pytest.raises(BroadsheetError, match=said),
    ):
        into_collection(lib, None, "bees", place)
    assert not desk.there.asked


def test_a_key_that_is_not_let_in_is_told_without_being_shown(desk: Desk, tmp_path: Path) -> None:
    """The answer of the server is told, the key is not."""
    options = {"zotero.url": desk.there.url, "zotero.key": "wrong-key", "zotero.min_interval": 0.0}
    with (
        library_at(tmp_path / "other", options) as lib,
        pytest.raises(FetchError, match="403") as caught,
    ):
        into_collection(lib, None, "bees", PLACE)
    assert "wrong-key" not in str(caught.value)


@pytest.mark.slow
def test_an_item_names_the_paper_that_it_was_made_of(desk: Desk) -> None:
    """What was written is known again by its ids."""
    desk.there.csl = [(5, _csl(1))]
    into_collection(desk.lib, "ada", "bees", PLACE)
    (one,) = collections.papers(desk.lib, "ada", "bees").papers or ()

    assert one.paper.key in set(ids_in(to_zotero(one.paper, "ABCD2345")))
    assert set(ids_in({"extra": "arXiv: 2405.15738 [cs]\nPMID: 123"})) >= {"pubmed:123"}
