"""The first minute: an empty library, from the owner's link to a page of one's own; and digests by mail, from the form
for people who want them to the last click.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from broadsheet.library.access import tickets
from broadsheet.library.address import remember
from broadsheet.library.digests.deliver import deliver
from broadsheet.library.digests.subscription import Wanted, turn_on
from broadsheet.library.handle import Library
from broadsheet.library.harvest import demo
from broadsheet.library.interest.profiles import add_interest
from broadsheet.library.readers import Details, add_reader, find_owner, find_reader
from broadsheet.rank.profile import Said
from tests.browser.test_journeys import SCRIPT
from tests.browser.visit import Visit
from tests.libraries import library_at
from tests.served import served
from tests.smtp_server import MailServer, mail_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NOWHERE = {f"{name}_url": "http://127.0.0.1:9/" for name in ("arxiv.feed", "arxiv.oai", "arxiv.api")}


@pytest.fixture
def post() -> Iterator[MailServer]:
    """A mail server."""
    with mail_server() as server:
        yield server


@pytest.fixture
def ahead() -> list[timedelta]:
    """How much the library's clock is ahead: the sum."""
    return []


@pytest.fixture
def lib(tmp_path: Path, post: MailServer, ahead: list[timedelta]) -> Iterator[Library]:
    """An empty library without a network, which sends mail and takes sign-ups."""
    options = {
        "encoder": "none",
        "huggingface.url": "http://127.0.0.1:9/",
        "net.retries": 0,
        "smtp.url": f"smtp://localhost:{post.port}",
        "smtp.sender": "papers@example.org",
        "smtp.tls": "off",
        "access.sign_up": True,
        **NOWHERE,
    }
    with library_at(tmp_path / "home", options, lambda: datetime.now(UTC) + sum(ahead, timedelta())) as made:
        yield made
        made.background.join()


@pytest.fixture
def newcomer(browser: "Browser", lib: Library) -> Iterator[Visit]:
    """A window on it."""
    with served(lib) as site:
        remember(lib, site.address)
        visit = Visit(browser, site.address, lambda: f"{site.address}/enter/{tickets.owner_link(lib, find_owner(lib))}")
        yield visit
        visit.close()
        assert visit.faults == []


def _mailed(lib: Library, post: MailServer, kind: str) -> str:
    """The path of a link of this kind in the mail that came last."""
    deliver(lib)
    text = post.box.taken[-1][1].decode().replace("=\r\n", "").replace("=3D", "=")
    found = re.findall(rf"http://[^/\s]+(/{kind}/[A-Za-z0-9_-]+)", text)
    assert found
    return str(found[0])


def _is_for_everybody(visit: Visit) -> None:
    """axe finds nothing on the page in either theme."""
    for scheme in ("light", "dark"):
        visit.page.emulate_media(color_scheme=scheme)
        assert visit.violations() == [], f"{visit.page.url} {scheme}"


@SCRIPT
def test_an_empty_library_becomes_somebody_s_own(newcomer: Visit, lib: Library, script: bool) -> None:
    """The owner is asked what they read; without a network the page says so and the sample is one click away."""
    newcomer.begin(java_script_enabled=script)
    newcomer.sign_in()
    page = newcomer.page
    assert page.url.endswith("/welcome")
    if script:
        _is_for_everybody(newcomer)
    page.locator("#about").fill("tide clocks")
    newcomer.follow(page.get_by_role("button", name="Make my page"))
    lib.background.join()

    page.wait_for_url("**/welcome")  # the page that told of the harvest has looked again
    assert "harvest" in page.locator(".note").first.inner_text()
    newcomer.follow(page.get_by_role("button", name="Load the sample"))
    assert page.locator(".paper").count() > 3
    newcomer.follow(page.get_by_role("link", name="For you"))
    assert "clock" in newcomer.go("/interests").locator("main").inner_text()


@SCRIPT
def test_digests_begin_and_end_with_links_in_mails(
    newcomer: Visit, lib: Library, post: MailServer, script: bool
) -> None:
    """Who asks for digests gets a mail, says yes, and later no, without an account; each page is for everybody."""
    demo.load(lib)
    find_owner(lib)
    newcomer.begin(java_script_enabled=script)
    page = newcomer.go("/subscribe")
    if script:
        _is_for_everybody(newcomer)
    page.locator("input[name=email]").fill("eve@example.org")
    page.locator("[name=about]").fill("sleep and memory")
    newcomer.follow(page.locator("main form button"))
    assert "on its way to eve@example.org" in page.locator("main").inner_text()

    newcomer.go(_mailed(lib, post, "confirm"))
    if script:
        _is_for_everybody(newcomer)
    newcomer.follow(page.get_by_role("button", name="Yes"))
    assert "Thank you" in page.locator("h1").inner_text()
    if script:
        _is_for_everybody(newcomer)


@SCRIPT
def test_a_digest_is_read_marked_and_ended_from_its_mail(
    newcomer: Visit, lib: Library, post: MailServer, ahead: list[timedelta], script: bool
) -> None:
    """Its page marks papers without signing in, and one click ends it."""
    demo.load(lib)
    find_owner(lib)
    who = add_reader(lib, "eve", Details(email="eve@example.org"))
    add_interest(lib, "eve", "main", Said(categories=("cs.CL",)))
    turn_on(lib, who, Wanted(cadence="daily"), confirmed=True)
    ahead.append(timedelta(days=1))
    newcomer.begin(java_script_enabled=script)
    digest = _mailed(lib, post, "d")
    page = newcomer.go(digest)
    assert page.locator(".paper").count() > 0
    if script:
        _is_for_everybody(newcomer)
    newcomer.follow(page.get_by_role("button", name="Save").first)
    assert page.get_by_role("button", name="Save", pressed=True).count() == 1
    newcomer.go(_mailed(lib, post, "unsubscribe"))
    newcomer.follow(page.get_by_role("button", name="Unsubscribe"))
    assert "Unsubscribed" in page.locator("h1").inner_text()


def test_another_address_is_confirmed_by_its_link(newcomer: Visit, lib: Library, post: MailServer) -> None:
    """The settings say that it is waited for, the link asks, and its button makes it the reader's own."""
    demo.load(lib)
    newcomer.sign_in()
    page = newcomer.go("/settings")
    page.locator("#email").fill("owner@example.org")
    newcomer.follow(page.locator("#about button"))
    assert "A mail is on its way to owner@example.org" in page.locator("#about").inner_text()
    newcomer.go(_mailed(lib, post, "address"))
    _is_for_everybody(newcomer)
    newcomer.follow(page.get_by_role("button", name="Yes, it is mine"))
    assert find_reader(lib, "me").email == "owner@example.org"
