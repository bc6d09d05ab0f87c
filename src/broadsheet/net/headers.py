"""Headers of a request, and what those of an answer ask for."""

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

from broadsheet import __version__

UNIX_TIMES_BEGIN = 1e9  # a smaller X-RateLimit-Reset counts seconds from now


def user_agent(contact: str) -> str:
    """Who we are, with the contact that the settings give."""
    contact = "".join(c for c in contact if " " < c < "\x7f" and c not in "()")
    return f"broadsheet/{__version__}" + (f" (+{contact})" if contact else "")


def conditions(etag: str | None, accept: str | None) -> dict[str, str]:
    """What makes an answer 304 where the ETag still holds, and of one kind."""
    return ({"If-None-Match": etag} if etag else {}) | ({"Accept": accept} if accept else {})


def retry_after(value: str, now: float) -> float | None:
    """Seconds that a `Retry-After` header asks for (RFC 9110 10.2.3: seconds or a date); None if it says nothing."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp() - now)


def asked_to_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that a refusal asks to wait: `Retry-After`, else the end of a limit that is used up; None if neither.

    `X-RateLimit-Remaining: 0` with `X-RateLimit-Reset` is how GitHub and others say the latter, with 403 or 429.
    """
    after = retry_after(headers.get("retry-after", ""), now)
    reset = headers.get("x-ratelimit-reset", "").strip()
    if after is not None or headers.get("x-ratelimit-remaining", "").strip() != "0":
        return after
    if not (reset.isascii() and reset.isdigit()):
        return None
    moment = float(reset[:12])
    return max(0.0, moment - now if moment >= UNIX_TIMES_BEGIN else moment)
