"""Browsers at a library's pages, without a socket between."""

import re

from fastapi.testclient import TestClient

from broadsheet.library.access import tickets
from broadsheet.library.handle import Library
from broadsheet.library.readers import find_reader
from broadsheet.web.app import create_app

HERE = {"Origin": "http://testserver"}
"""What a browser sends with a form of our own pages."""


def signed_in(lib: Library, name: str) -> TestClient:
    """A browser at which this reader has signed in by a link."""
    browser = TestClient(create_app(lib), headers=HERE)
    browser.post("/enter/" + tickets.sign_in_link(lib, find_reader(lib, name)), follow_redirects=False)
    return browser


def csrf_of(site: TestClient, page: str = "/settings") -> str:
    """The token that forms of this browser carry, as a page has it."""
    found = re.search(r'name="csrf" value="([^"]+)"', site.get(page).text)
    assert found
    return found[1]
