"""Keys: the page lists exactly those that the script knows, and a reader can switch them off."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from broadsheet.library.handle import Library
from broadsheet.library.readers import add_reader, find_reader, prefer
from broadsheet.types import Preferences
from broadsheet.web import render
from tests.libraries import sample_at
from tests.visitors import signed_in

SCRIPT = (Path(render.__file__).parent / "static" / "page.js").read_text()


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """The sample edition and a reader."""
    with sample_at(tmp_path) as made:
        add_reader(made, "ada")
        yield made


@pytest.fixture
def site(lib: Library) -> TestClient:
    """The reader's browser."""
    return signed_in(lib, "ada")


def handled(table: str) -> dict[str, str]:
    """The keys of a table of the script, with what each does."""
    body = SCRIPT.partition(f"const {table} = {{\n")[2].partition("\n};")[0]
    return dict(re.findall(r'^ +"?([^":\s]+)"?: (.*),$', body, re.MULTILINE))


def test_the_list_of_keys_is_what_the_script_knows(site: TestClient) -> None:
    """No key is secret, and none is promised that does nothing."""
    dialog = site.get("/").text.partition('<dialog id="keys"')[2].partition("</dialog>")[0]
    listed = re.findall(r"<kbd>(.*?)</kbd>", dialog)

    assert {key for keys in listed if not keys.startswith("g ") for key in keys.split(", ")} == set(handled("actions"))
    assert {key[2:] for key in listed if key.startswith("g ")} == set(handled("places"))


@pytest.mark.slow
def test_every_place_that_a_key_leads_to_is_there(site: TestClient) -> None:
    """The letter after g names a page of a reader."""
    paths = [path for does in handled("places").values() for path in re.findall(r'go\("(.*)"\)', does)]

    assert len(paths) == len(handled("places"))
    assert [path for path in paths if site.get(path).status_code != 200] == []


def test_who_wants_no_keys_has_none(lib: Library, site: TestClient) -> None:
    """The setting reaches the script on every page, and the list says where it is."""
    assert 'data-keys="off"' not in site.get("/").text
    prefer(lib, find_reader(lib, "ada"), Preferences(keys=False))
    page = site.get("/").text

    assert 'data-keys="off"' in page
    assert 'href="/settings#pages"' in page.partition('<dialog id="keys"')[2]
