"""Words from one catalogue: sentences that remember how they were made, languages, and who reads in which."""

import copy
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.library.access import tickets
from broadsheet.library.handle import Library
from broadsheet.library.readers import find_owner, prefer
from broadsheet.types import Preferences
from broadsheet.web.app import create_app
from broadsheet.words.catalogue import best, languages, words
from broadsheet.words.kept import from_column, to_column
from broadsheet.words.said import Listed, Month, Row, ShortDay, counted, said
from tests.libraries import library_at, sample_at
from tests.visitors import HERE, csrf_of

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ENGLISH, GERMAN = words("en"), words("de")


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """The sample edition."""
    with sample_at(tmp_path) as made:
        yield made


def test_a_sentence_is_english_until_it_is_said_in_another_language() -> None:
    """Commands and JSON see plain English; the values are written as each language writes them."""
    made = said(
        "None of its %(count)s papers is in %(wanted)s; most are in %(there)s.", count=1234, wanted="a", there="b"
    )

    assert made == "None of its 1,234 papers is in a; most are in b."
    assert ENGLISH.say(made) == made
    assert GERMAN.say(made) == "Keine der 1.234 Arbeiten ist in a; die meisten sind in b."


def test_a_number_chooses_the_form() -> None:
    """One and many are told apart, in each language."""
    one, many = (counted("%(num)s paper", "%(num)s papers", n) for n in (1, 1500))

    assert (one, many) == ("1 paper", "1,500 papers")


def test_sentences_hold_sentences_days_and_months() -> None:
    """A value that was itself said is translated with the sentence; days and months have the language's names."""
    made = said("%(days)s, at %(time)s", days=said("every %(weekday)s", weekday=said("Friday")), time="07:00")

    assert GERMAN.say(made) == "jeden Freitag um 07:00"
    assert GERMAN.say(said("%(day)s", day=date(2025, 11, 20))) == "Donnerstag, 20. November 2025"
    assert GERMAN.say(said("%(month)s", month=Month(date(2025, 3, 1)))) == "März 2025"
    assert GERMAN.say(said("featured on %(day)s", day=ShortDay(date(2025, 3, 1)))) == "vorgestellt am 1. März 2025"


def test_a_copy_can_still_be_translated() -> None:
    """Records are copied on their way to JSON; what was said survives it."""
    assert GERMAN.say(copy.deepcopy(said("Thank you"))) == "Danke"


_NUMBERS = st.integers(-(2**63), 2**63 - 1)  # what JSON in the store holds; counts are far smaller


@given(
    st.recursive(
        st.text() | _NUMBERS | st.floats(-1e6, 1e6) | st.dates() | st.dates().map(Month) | st.dates().map(ShortDay),
        lambda inner: (
            st.builds(lambda value: said("%(subject)s: %(cause)s", subject=value, cause="it"), inner)
            | st.builds(
                lambda n, value: counted("%(num)s of %(x)s", "%(num)s of all %(x)s", n, x=value), _NUMBERS, inner
            )
            | st.lists(st.text(), min_size=1).map(lambda items: Listed(tuple(items)))
            | st.lists(st.text(), min_size=1).map(lambda items: Row(tuple(map(said, items))))
        ),
        max_leaves=5,
    )
)
def test_a_sentence_that_was_kept_is_what_it_was(value: object) -> None:
    """In English and in German, whatever values it has; it goes into a column of text and comes back."""
    made = said("%(day)s", day=value)
    column = to_column(made)
    back = from_column(column)

    assert (back, GERMAN.say(back or "")) == (made, GERMAN.say(made))


@given(st.text(min_size=1))
def test_a_text_that_was_kept_before_sentences_were_is_read_as_it_is(text: str) -> None:
    """Runs of older libraries have their notes in English, and keep them."""
    assert from_column(text) == text
    assert from_column(to_column(text)) == text


@given(st.text())
def test_any_other_text_is_left_as_it_is(text: str) -> None:
    """Titles of papers, names and what a server said are in no catalogue."""
    assert GERMAN.say(text) == text


def test_times_are_told_in_a_zone() -> None:
    """A moment has the day and hour of whoever reads it, and says which zone that is."""
    when = datetime(2025, 11, 20, 23, 30, tzinfo=UTC)

    assert ENGLISH.moment(when, UTC) == "20 Nov 2025, 23:30 UTC"
    assert GERMAN.moment(when, ZoneInfo("Europe/Berlin")) == "21. Nov. 2025, 00:30 MEZ"


def test_the_best_known_language_is_chosen() -> None:
    """A region is no obstacle; where nothing is known, the instance decides."""
    assert dict(languages()) == {"en": "English", "de": "Deutsch"}
    assert best(["fr", "de-AT", "en"], "en") == "de"
    assert best(["fr"], "de") == "de"
    assert words("tlh").language == "en"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("de-DE,de;q=0.9", "de"),
        ("fr, de;q=0.5, en;q=0.4", "de"),
        ("en, de;q=0.5", "en"),
        ("de;q=0", "en"),
        (";;q=x,", "en"),
    ],
)
def test_a_page_is_in_the_language_that_the_browser_asks_for(lib: Library, asked: str, given: str) -> None:
    """`Accept-Language` decides where nobody has signed in, and the page says which language it is in."""
    page = TestClient(create_app(lib)).get("/", headers={"Accept-Language": asked}).text

    assert f'<html lang="{given}"' in page
    assert ("Freitag, 20. November 2026" if given == "de" else "Friday, 20 November 2026") in page
    assert ("Arbeiten suchen" in page) == (given == "de")
    assert ("vorgestellt am 20. November 2026" in page) == (given == "de")  # why a paper stands where it does, too
    assert ("times the usual" in page) == (given == "en")


@pytest.mark.slow
def test_a_reader_s_own_language_goes_before_the_browser_s(lib: Library) -> None:
    """What was chosen in the settings holds at every browser; errors are pages too."""
    site = TestClient(create_app(lib), client=("127.0.0.1", 50_000), headers={"Accept-Language": "en", **HERE})
    site.get("/enter/" + tickets.owner_link(lib, find_owner(lib)))
    prefer(lib, find_owner(lib), Preferences(language="de"))

    front = site.get("/").text
    assert '<html lang="de"' in front
    assert '<p class="abstract" lang="en">' in front  # what others wrote stays in their language
    missing = site.get("/paper/arxiv:0000.00000").text
    assert "Nicht gefunden" in missing
    assert "Arbeit &#39;arxiv:0000.00000&#39;: ist nicht in der Bibliothek" in missing
    told = site.post("/settings/about", data={"csrf": csrf_of(site, "/settings"), "zone": "Nowhere"}).text
    assert "Zeitzone &#39;Nowhere&#39;: ist nicht bekannt; schreiben Sie eine wie Europe/Berlin" in told
    assert "kommt von einer zu alten Seite" in site.post("/settings/about", data={"csrf": "guess"}).text
    assert "ist kein Datum" in site.get("/2026-99-99").text


def test_the_instance_has_a_language(tmp_path: Path) -> None:
    """The setting holds where neither reader nor browser names a language that is known."""
    options = {"encoder": "none", "language": "de"}
    with library_at(tmp_path, options, lambda: NOW) as lib:
        page = TestClient(create_app(lib)).get("/", headers={"Accept-Language": "fr"}).text

    assert '<html lang="de"' in page
