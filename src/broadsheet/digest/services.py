"""Messages to Slack, Discord, Matrix, Telegram, ntfy and others, through Apprise, which is an extra."""

import logging
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from broadsheet.digest.mail import Handover
from broadsheet.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    from apprise import Apprise

_SECRETS: Final = re.compile(r"[A-Za-z0-9+]{2,20}://\S+")


def scheme_of(url: str) -> str:
    """The service that an address of Apprise is of: `slack` of `slack://…`."""
    return urlsplit(url).scheme.lower()


def unknown(names: Sequence[str]) -> list[str]:
    """Those of the names of services that Apprise does not know; without Apprise nobody can tell."""
    try:
        from apprise import Apprise
    except ModuleNotFoundError:
        return []
    kinds = ("protocols", "secure_protocols")
    known = {name for service in Apprise().details()["schemas"] for kind in kinds for name in service[kind] or ()}
    return [name for name in names if name not in known]


def check(url: str) -> None:
    """Raises UsageError for an address that no service knows, MissingExtra without Apprise."""
    if not _opened(url):
        raise UsageError(
            f"service {scheme_of(url) or 'without a name'}",
            "its address is not understood",
            "write it as on https://github.com/caronc/apprise/wiki",
        )


def send(url: str, title: str, markdown: str) -> Handover:
    """Give a message to a service; never raises for what the service does."""
    from apprise import LogCapture, NotifyFormat

    capture: Any = LogCapture
    with capture(level=logging.WARNING, fmt="%(message)s", name="apprise") as told:
        done = _opened(url).notify(body=markdown, title=title, body_format=NotifyFormat.MARKDOWN)
        heard = told.getvalue()
    if done:
        return Handover("sent", "taken")
    said = _SECRETS.sub("…", " ".join(heard.split()))[:300]
    return Handover("later", said or "the service did not take it")


def _opened(url: str) -> "Apprise":
    try:
        from apprise import Apprise
    except ModuleNotFoundError as e:
        raise MissingExtra("service", "Apprise is not installed", "`pip install 'broadsheet[apprise]'`") from e
    made = Apprise()
    made.add(url)
    return made
