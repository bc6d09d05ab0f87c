"""Take the pictures of the main pages anew, from the invented sample: `.venv/bin/python docs/pictures.py`.

It needs Chromium. Marks, a collection, a search and an interest are made first, so that no page is empty.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, ViewportSize, sync_playwright

from broadsheet import config
from broadsheet.library.access import tickets
from broadsheet.library.digests.archive import preview
from broadsheet.library.digests.letters import mail_of
from broadsheet.library.handle import Library
from broadsheet.library.interest.profiles import add_interest
from broadsheet.library.language import words_of
from broadsheet.library.readers import find_owner
from broadsheet.library.shelf import collections, saved
from broadsheet.library.shelf.mark import mark
from broadsheet.rank.profile import Said

FOLDER = Path(__file__).resolve().parent / "pictures"
PAGES = {
    "edition": "/month",
    "trending": "/trending?window=month",
    "search": "/search?q=learning",
    "paper": "/paper/demo:0001",
    "interest": "/interests/Sleep%20and%20memory",
    "collection": "/collections",
    "settings": "/settings",
    "status": "/status",
}
SIZE: ViewportSize = {"width": 1200, "height": 860}


def fill(home: Path) -> str:
    """Something of every kind; returns the secret of a link for its owner."""
    with Library(config.load({}, home=home, options={"encoder": "none"})) as lib:
        owner = find_owner(lib)
        add_interest(lib, owner.name, "Sleep and memory", Said(about=("sleep and memory", "learning in networks")))
        for number, kind in ((1, "save"), (2, "up"), (5, "up"), (7, "read")):
            mark(lib, owner.name, f"demo:{number:04}", kind)
        mark(lib, owner.name, "demo:0001", "note", text="Compare with *last year's* results.")
        collections.make(lib, owner.name, "Reading group", "Thursdays at four.", ["demo:0001", "demo:0004"])
        saved.save(lib, owner.name, "Learning", "learning")
        return tickets.owner_link(lib, owner)


def mail(home: Path) -> str:
    """The mail of the digest that the owner would get now, as HTML."""
    with Library(config.load({}, home=home, options={"encoder": "none"})) as lib:
        owner = find_owner(lib)
        content = preview(lib, owner).content
        return mail_of(lib, content, words_of(lib, owner), owner.id, "me@example.org", "secret").html


def take(page: Page, address: str) -> None:
    """A picture of each page."""
    for name, path in PAGES.items():
        page.goto(address + path)
        page.screenshot(path=FOLDER / f"{name}.png")


def main() -> None:
    """Serve the sample and look at it."""
    browser_path = shutil.which("chromium") or shutil.which("google-chrome")
    if browser_path is None:
        sys.exit("pictures: there is no Chromium; `apt-get install chromium`")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playing:
        broadsheet = [sys.executable, "-m", "broadsheet"]
        subprocess.run([*broadsheet, "up", "--demo", "--once", "--home", folder], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        secret = fill(Path(folder))
        serve = [*broadsheet, "serve", "--port", "0", "--home", folder]
        with subprocess.Popen(serve, stderr=subprocess.PIPE, text=True) as server:  # noqa: S603
            assert server.stderr is not None
            found = re.search(r"http://[^/]+", next(line for line in server.stderr if " is at " in line))
            assert found
            browser = playing.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
            page = browser.new_page(viewport=SIZE, locale="en-GB")
            page.set_default_timeout(60_000)
            page.goto(f"{found[0]}/enter/{secret}")
            take(page, found[0])
            page = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark", locale="en-GB")
            page.goto(found[0] + PAGES["edition"], timeout=60_000)
            page.screenshot(path=FOLDER / "phone.png")
            page = browser.new_page(viewport={"width": 640, "height": 860}, locale="en-GB")
            page.set_content(mail(Path(folder)))
            page.screenshot(path=FOLDER / "mail.png")
            browser.close()
            server.terminate()


if __name__ == "__main__":
    main()
