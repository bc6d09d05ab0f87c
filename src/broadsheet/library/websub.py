"""Telling a WebSub hub that there is news, so that it fetches the feeds and hands them on.

What was told is kept, and a hub that did not take it is told again later; so a process that dies in between costs at
most a second telling, which does no harm.
"""

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from broadsheet import net
from broadsheet.library.address import address
from broadsheet.library.handle import Library
from broadsheet.library.mails.post import WAITS
from broadsheet.words.said import said

_LISTS, _FORMATS = ("newest", "week", "month", "trending"), ("atom", "rss", "json")
FEEDS: Final = tuple(f"{name}.{extension}" for name in _LISTS for extension in _FORMATS)
"""What a new edition changes, and people subscribe to."""

_NOTE: Final = "websub"


def tell_hub(lib: Library) -> bool | None:
    """Tell the hub of an edition that is new or has got more papers; whether it took it, None for no hub or no news.

    A hub has to reach the feeds, so nothing is told without `base_url`.
    """
    from broadsheet.store import cursors, editions

    hub, now = lib.settings.feeds.hub, lib.now()
    if not hub or not lib.settings.base_url:
        return None
    with lib.store.reading() as conn:
        newest = editions.latest_day(conn)
        counted = editions.days(conn, newest, newest) if newest else []
        told = cursors.get(conn, _NOTE)
    news = f"{newest} {' '.join(str(day.papers) for day in counted)}"
    if not counted or told.get("told") == news or now < datetime.fromisoformat(told.get("due", now.isoformat())):
        return None
    answer = _publish(lib, hub)
    tries = int(told.get("tries") or 0)
    later = {
        "due": (now + WAITS[min(tries, len(WAITS) - 1)]).isoformat(),
        "tries": str(tries + 1),
        "said": answer or "",
    }
    fine = {"told": news, "due": now.isoformat(), "tries": "0", "said": ""}
    with lib.store.writing() as conn:
        cursors.put(conn, _NOTE, later if answer else fine)
    return not answer


def trouble(lib: Library) -> str | None:
    """What a hub said that did not take the news, as a sentence for the status; None where all is well."""
    from broadsheet.store import cursors

    if not lib.settings.feeds.hub:
        return None
    with lib.store.reading() as conn:
        answer = cursors.get(conn, _NOTE).get("said")
    return said("hub: did not take the news (%(answer)s); it is told again", answer=answer) if answer else None


def _publish(lib: Library, hub: str) -> str | None:
    """One request for all feeds; None where it was taken, else what was said."""
    fields = [("hub.mode", "publish"), *(("hub.url", address(lib, feed)) for feed in FEEDS)]
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    contact, timeout = lib.settings.net.contact, lib.settings.net.timeout
    told = net.hand_in(hub, urlencode(fields).encode(), headers, timeout=timeout, private=True, contact=contact)
    if told.status and 200 <= told.status < 300:
        return None
    return f"{told.status or ''} {told.said}".strip()
