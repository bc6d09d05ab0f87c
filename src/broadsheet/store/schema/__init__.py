"""The tables, once for SQLite and PostgreSQL.

Migrations spell the same tables out by themselves; a test holds that both agree. Times are whole microseconds since
1970 in UTC, which sort, compare and travel alike in both databases. Ids of papers and sequence numbers of the outbox
come from `counter` and are never used again, so an index can tell an old paper from a new one.
"""

from broadsheet.store.columns import metadata
from broadsheet.store.schema import access, outgoing, papers, readers

__all__ = ["access", "metadata", "outgoing", "papers", "readers"]
