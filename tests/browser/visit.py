"""A window of a browser on the sample instance, which notes what no page may do."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request

WIDE = {"width": 1200, "height": 900}
PHONE = {"width": 390, "height": 844}


class Visit:
    """`faults`: errors of scripts, breaches of the policy, requests to other hosts."""

    def __init__(self, browser: "Browser", address: str, owner_link: Callable[[], str]) -> None:
        self._browser, self.address, self._owner_link = browser, address, owner_link
        self.faults: list[str] = []
        self.expected: set[str] = set()
        self._context: Any = None
        self.page: Page
        self.begin()

    def begin(self, **how: Any) -> None:
        """A fresh window; `how` goes to Playwright: `java_script_enabled`, `color_scheme`, `viewport`, `locale`."""
        cookies = self._context.cookies() if self._context else []
        self.close()
        self._context = self._browser.new_context(**{"viewport": WIDE, "locale": "en-GB", **how})
        self._context.add_cookies(cookies)
        self._context.set_default_timeout(45_000)
        self.page = self._context.new_page()
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.faults.append(f"{self.page.url}: {error}"))
        self.page.on("request", self._asked)

    def close(self) -> None:
        """Close the window."""
        if self._context:
            self._context.close()

    def sign_in(self) -> None:
        """Come in by the owner's link."""
        self.page.goto(self._owner_link())

    def sign_out(self) -> None:
        """End the session, as another window of the browser would."""
        self._context.clear_cookies()

    def go(self, path: str) -> "Page":
        """Open a page of the instance."""
        self.page.goto(self.address + path)
        return self.page

    def follow(self, what: "Locator") -> None:
        """Click what leads to another page, or to the same one made anew, and wait until that is there whole."""
        with self.page.expect_navigation():
            what.click()

    def violations(self) -> list[str]:
        """What axe finds on the page, in short."""
        spec = find_spec("axe_playwright_python")
        assert spec is not None
        assert spec.origin is not None
        self.page.evaluate(Path(spec.origin).with_name("axe.min.js").read_text(encoding="utf-8"))
        found = self.page.evaluate("axe.run()")
        return [f"{v['id']}: {node['html'][:160]}" for v in found["violations"] for node in v["nodes"]]

    def is_too_wide(self) -> bool:
        """Whether the page can be scrolled sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))

    def _console(self, message: "ConsoleMessage") -> None:
        if message.type == "error" and not any(text in message.text for text in self.expected):
            self.faults.append(f"{self.page.url}: {message.text}")

    def _asked(self, request: "Request") -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"{self.page.url}: asks {request.url}")
