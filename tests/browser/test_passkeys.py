"""Passkeys in a real browser, which has a device of software behind it (WebDriver's virtual authenticator)."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from broadsheet.library.access import passkeys, tickets
from broadsheet.library.handle import Library
from broadsheet.library.readers import add_reader, find_reader
from tests.libraries import library_at
from tests.served import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytest.importorskip("webauthn", reason="the extra `passkeys` is not installed")

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """A library with a reader."""
    with library_at(tmp_path) as made:
        add_reader(made, "ada")
        yield made


def with_device(page: "Page") -> None:
    """Give a page's browser a device, whose owner always says yes."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable", {"enableUI": False})
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def test_a_passkey_is_made_used_and_removed(browser: "Browser", lib: Library) -> None:
    """From the settings to signing in again without typing, with nothing that the page's policy forbids."""
    said: list[str] = []
    with served(lib) as site, browser.new_page() as page:
        here = f"http://localhost:{site.port}"
        page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        with_device(page)
        page.goto(f"{here}/enter/{tickets.sign_in_link(lib, find_reader(lib, 'ada'))}")
        with page.expect_navigation():
            page.get_by_role("button", name="Sign in").click()
        page.goto(f"{here}/settings")
        page.get_by_label("What you call the device").fill("This test")
        page.get_by_role("button", name="Make a passkey").click()
        page.get_by_role("cell", name="This test").wait_for()
        with page.expect_navigation():
            page.get_by_role("button", name="Sign out", exact=True).first.click()
        page.goto(f"{here}/sign-in?next=/status", wait_until="commit")
        page.wait_for_url(f"{here}/status")  # the device offers itself where a name is typed, and its owner says yes
        assert passkeys.passkeys_of(lib, find_reader(lib, "ada"))[0].used
        with page.expect_navigation():
            page.get_by_role("button", name="Sign out", exact=True).first.click()
        page.add_init_script("PublicKeyCredential.isConditionalMediationAvailable = async () => false")
        page.goto(f"{here}/sign-in?next=/settings")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url(f"{here}/settings")
        page.locator("#passkeys summary").click()
        with page.expect_navigation():
            page.get_by_role("button", name="Remove").click()
        assert passkeys.passkeys_of(lib, find_reader(lib, "ada")) == []
    assert said == []


def test_a_device_that_has_no_passkey_is_told(browser: "Browser", lib: Library) -> None:
    """Pressing the button without a passkey leaves one on the page, with a sentence."""
    with served(lib) as site, browser.new_page() as page:
        with_device(page)
        page.goto(f"http://localhost:{site.port}/sign-in")
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.get_by_text("Nobody was signed in").wait_for()
        assert page.url.endswith("/sign-in")


def test_without_script_the_other_ways_stay(browser: "Browser", lib: Library) -> None:
    """The page offers no passkey then, and has its password."""
    with served(lib) as site, browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"http://localhost:{site.port}/sign-in")

        assert not page.get_by_role("button", name="Sign in with a passkey").is_visible()
        assert page.get_by_label("Password").is_visible()


def test_an_address_in_numbers_has_no_passkeys(browser: "Browser", lib: Library) -> None:
    """The sign-in page does not offer what browsers do not do there."""
    with served(lib) as site, browser.new_page() as page:
        page.goto(f"{site.address}/sign-in")

        assert page.locator("[data-passkey]").count() == 0
