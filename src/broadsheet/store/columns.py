"""What all tables share: how times and numbers are stored, and the list of tables itself."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import BigInteger, Dialect, Integer, MetaData
from sqlalchemy.types import TypeDecorator

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


def to_micros(at: datetime) -> int:
    """Microseconds since 1970 in UTC of a time with a zone."""
    return (at - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """The UTC time that `to_micros` was given."""
    return EPOCH + MICROSECOND * micros


class UtcTime(TypeDecorator[datetime]):
    """A time with a zone, stored as microseconds."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - signature
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - signature
        return None if value is None else from_micros(value)


# SQLite numbers rows by itself only for a primary key of exactly this type.
Id = BigInteger().with_variant(Integer(), "sqlite")

metadata = MetaData()
