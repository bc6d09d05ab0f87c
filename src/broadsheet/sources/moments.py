"""Dates as services write them, read or ignored: what cannot be read is not known."""

from datetime import UTC, date, datetime


def utc(value: object) -> datetime | None:
    """An ISO 8601 moment in UTC, None if `value` is none; one without a zone is UTC."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is None or moment.tzinfo is None:
            return moment and moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day(value: str) -> date | None:
    """The day that `value` begins with, such as `2025-11-20` or `2025-11-20T05:00:00Z`."""
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None
