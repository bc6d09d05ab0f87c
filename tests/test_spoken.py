"""Pages speak of pages: no sentence sends a reader who has buttons to a shell."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from fastapi.testclient import TestClient

from broadsheet.library.handle import Library
from broadsheet.library.readers import add_reader, prefer
from broadsheet.types import Preferences
from broadsheet.web.app import create_app
from broadsheet.web.spoken import ON_PAGES, TO_READERS, words_of_pages
from broadsheet.words.catalogue import FOLDER, words
from broadsheet.words.reworded import reworded
from broadsheet.words.said import Row, counted, in_a_row, said
from tests.libraries import sample_at
from tests.visitors import csrf_of, signed_in

SHELL = re.compile(r"`(?:broadsheet|import|pull)\b|(?<![\w-])--[a-z]|`iconv")
TO_OPERATORS = (
    "send it in parts, or let whoever runs this instance import it with `broadsheet import`",
    "choose another with --host and --port",
)
"""Said of those who have a shell, or to them."""


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """The sample edition."""
    with sample_at(tmp_path) as made:
        yield made


def test_every_sentence_of_the_shell_that_can_come_to_a_page_has_another_there() -> None:
    """What the catalogue has of commands and options is reworded, and into what speaks of none."""
    with (FOLDER / "de.po").open("rb") as file:
        messages = [m.id if isinstance(m.id, str) else m.id[0] for m in read_po(file, locale="de") if m.id]
    of_code = re.compile(r"<code>")
    shell = {m for m in messages if SHELL.search(m) and not of_code.search(m)} - set(TO_OPERATORS)

    assert shell == set(ON_PAGES) - {"digest of %(name)s"} | set(TO_READERS)
    assert not [text for text in (*ON_PAGES.values(), *TO_READERS.values()) if SHELL.search(text)]


def test_a_sentence_is_reworded_wherever_it_stands_and_in_any_language() -> None:
    """Alone, as a value of another, in a row; numbers go on choosing their form, and what is not meant stays itself."""
    meant = said("`broadsheet search` finds keys")
    whole = said("%(cause)s; %(told)s", cause="no", told=Row((meant, counted("%(num)s a", "%(num)s b", 2))))

    assert words_of_pages("en").say(meant) == "search for it"
    assert words_of_pages("en").say(whole) == "no; search for it; 2 b"
    assert words_of_pages("de").say(in_a_row([meant])) == "suchen Sie danach"
    assert words("en").say(whole) == str(whole)
    other = said("%(n)s x", n=1)
    assert reworded(other, ON_PAGES) is other


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_file_of_no_known_format_is_told_what_can_be_given(lib: Library, language: str) -> None:
    """On the page of a collection and of the first steps: formats, and no option of a command."""
    prefer(lib, add_reader(lib, "bo"), Preferences(language=language))
    with signed_in(lib, "bo") as site:
        csrf = csrf_of(site)
        file = ("what.bin", b"nothing that is known\n" * 9)
        made = site.post("/collections", data={"name": "Bees", "csrf": csrf})
        shelf = site.post(f"{made.url.path}/import", data={"csrf": csrf}, files={"file": file})
        first = site.post("/welcome", data={"csrf": csrf}, files={"file": file})

    for page in (shelf.text, first.text):
        assert "BibTeX, RIS" in page.partition('class="note trouble"')[2][:300]
        assert "--format" not in page


@pytest.mark.slow
def test_who_cannot_mend_it_is_told_no_command(lib: Library) -> None:
    """Readers learn from the status what is wrong, admins what to run; an empty day sends nobody to a shell."""
    add_reader(lib, "root")
    add_reader(lib, "bo")
    lib.engine.close()
    shutil.rmtree(lib.home / "index")
    with signed_in(lib, "root") as admin, TestClient(create_app(lib)) as nobody:
        as_admin, as_nobody, empty = (
            admin.get("/status").text,
            nobody.get("/status").text,
            nobody.get("/2020-01-01").text,
        )

    assert "index words: missing" in as_nobody
    assert "broadsheet reindex" in as_admin
    assert "broadsheet reindex" not in as_nobody
    assert "broadsheet pull" not in empty
