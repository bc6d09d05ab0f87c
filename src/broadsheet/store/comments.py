"""Comments: what readers say of papers to each other, whom that tells of, and what somebody reported of it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from broadsheet.store import bulk
from broadsheet.store.columns import to_micros
from broadsheet.store.prepared import Prepared
from broadsheet.store.schema.papers import paper
from broadsheet.store.schema.readers import comment, notice, reader, report
from broadsheet.types import Comment, Reader

_COLUMNS: Final = "id, paper_id, part, reader_id, parent, at, edited, removed, hidden, text"
_FIELDS: Final = ("id", "paper_id", "reader_id", "at", "text", "parent", "edited", "removed", "hidden")
_UNSEEN: Final = Prepared(
    select(func.count())
    .select_from(notice)
    .join(comment, comment.c.id == notice.c.comment_id)
    .where(notice.c.reader_id == bindparam("reader"), notice.c.seen.is_(None), comment.c.hidden.is_(None))
)
_OF_PAPER: Final = Prepared(
    select(comment).where(comment.c.paper_id == bindparam("paper")).order_by(comment.c.at, comment.c.id)
)

NoticeKind = Literal["mention", "answer"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a reader says is wrong with a comment."""

    comment_id: str
    reader_id: int
    at: datetime
    reason: str


def put(conn: Connection, said: Iterable[tuple[Comment, str]]) -> None:
    """Write comments, each with the key of the part that it is about; one that is there already stays."""
    rows = [
        (
            *(c.id, c.paper_id, part, c.reader_id, c.parent, to_micros(c.at)),
            *map(_micros, (c.edited, c.removed, c.hidden)),
            c.text,
        )
        for c, part in said
    ]
    bulk.insert(conn, "comment", _COLUMNS, rows, "ON CONFLICT (id) DO NOTHING")


def add(conn: Connection, said: Comment) -> None:
    """Write a new comment; it is about the part that the one it answers is about, or the paper's own."""
    part = conn.scalar(select(comment.c.part).where(comment.c.id == said.parent)) if said.parent else None
    put(conn, [(said, part or conn.scalars(select(paper.c.key).where(paper.c.id == said.paper_id)).one())])


def change(conn: Connection, changed: Comment) -> None:
    """Store what is new of a comment: its text and what became of it."""
    said = {name: getattr(changed, name) for name in ("text", "edited", "removed", "hidden")}
    conn.execute(update(comment).where(comment.c.id == changed.id).values(said))


def get(conn: Connection, comment_id: str) -> Comment | None:
    """The comment with this id."""
    row = conn.execute(select(comment).where(comment.c.id == comment_id)).one_or_none()
    return read(row) if row else None


def of_paper(conn: Connection, paper_id: int) -> list[Comment]:
    """All comments on a paper, the oldest first."""
    return [read(row) for row in _OF_PAPER.all(conn, paper=paper_id)]


def of_reader(conn: Connection, reader_id: int, most: int) -> list[Comment]:
    """What a reader said last, without what was removed or hidden."""
    c = comment.c
    shown = (c.reader_id == reader_id) & c.removed.is_(None) & c.hidden.is_(None)
    query = select(comment).where(shown).order_by(c.at.desc(), c.id).limit(most)
    return [read(row) for row in conn.execute(query)]


def naming(conn: Connection, name: str) -> list[Comment]:
    """Comments that may name a reader: `@name` is somewhere in their text."""
    named = func.lower(comment.c.text).contains(f"@{name}", autoescape=True)
    return [read(row) for row in conn.execute(select(comment).where(named).order_by(comment.c.id))]


def count_since(conn: Connection, reader_id: int, since: datetime) -> int:
    """How many comments a reader wrote since then."""
    own = (comment.c.reader_id == reader_id) & (comment.c.at > since)
    return conn.scalar(select(func.count()).select_from(comment).where(own)) or 0


def remove(conn: Connection, gone: Comment, now: datetime) -> None:
    """Take a comment out; one that was answered leaves an empty place, which goes with the last answer."""
    if _is_answered(conn, gone.id):
        said = {"text": "", "removed": now, "reader_id": None}
        conn.execute(update(comment).where(comment.c.id == gone.id).values(said))
        conn.execute(delete(notice).where(notice.c.comment_id == gone.id))
        conn.execute(delete(report).where(report.c.comment_id == gone.id))
        return
    conn.execute(delete(comment).where(comment.c.id == gone.id))
    above = get(conn, gone.parent) if gone.parent else None
    if above is not None and above.removed:
        remove(conn, above, now)


def forget_reader(conn: Connection, reader_id: int, now: datetime) -> None:
    """Take out all that a reader said, the newest first, so that no place is kept for answers of their own."""
    c = comment.c
    query = select(comment).where(c.reader_id == reader_id).order_by(c.at.desc(), c.id.desc())
    for row in conn.execute(query).all():
        remove(conn, read(row), now)


def people(conn: Connection, ids: Collection[int]) -> dict[int, Reader]:
    """Readers by id."""
    query = select(reader).where(bulk.one_of(reader.c.id, ids))
    return {row.id: Reader(*row) for row in conn.execute(query)} if ids else {}


def named(conn: Connection, names: Collection[str]) -> dict[str, Reader]:
    """Readers by name; names that nobody has are left out."""
    query = select(reader).where(bulk.one_of(reader.c.name, names))
    return {row.name: Reader(*row) for row in conn.execute(query)} if names else {}


def tell(conn: Connection, comment_id: str, who: Iterable[tuple[int, NoticeKind]]) -> set[int]:
    """Note whom a comment is for; returns those who were not told of it before."""
    told = set(conn.scalars(select(notice.c.reader_id).where(notice.c.comment_id == comment_id)))
    fresh = {reader_id: kind for reader_id, kind in who if reader_id not in told}
    rows = [{"reader_id": i, "comment_id": comment_id, "kind": kind, "seen": None} for i, kind in fresh.items()]
    if rows:
        conn.execute(insert(notice), rows)
    return set(fresh)


def unseen(conn: Connection, reader_id: int) -> int:
    """How many comments are for a reader who has not seen them; hidden ones do not count."""
    return _UNSEEN.value(conn, reader=reader_id) or 0


def notices(conn: Connection, reader_id: int, most: int) -> list[tuple[Comment, NoticeKind, bool]]:
    """The comments that are for a reader, the newest first, with why and whether they are new."""
    query = (
        select(comment, notice.c.kind, notice.c.seen)
        .join(notice, notice.c.comment_id == comment.c.id)
        .where(notice.c.reader_id == reader_id, comment.c.hidden.is_(None))
        .order_by(comment.c.at.desc(), comment.c.id)
        .limit(most)
    )
    return [(read(row), row.kind, row.seen is None) for row in conn.execute(query)]


def mark_seen(conn: Connection, reader_id: int, now: datetime) -> None:
    """Note that a reader has seen what is for them."""
    own = (notice.c.reader_id == reader_id) & notice.c.seen.is_(None)
    conn.execute(update(notice).where(own).values(seen=now))


def add_report(conn: Connection, told: Report) -> None:
    """Keep a report; a second one of the same reader on the same comment takes the place of the first."""
    own = (report.c.comment_id == told.comment_id) & (report.c.reader_id == told.reader_id)
    conn.execute(delete(report).where(own))
    values = {"comment_id": told.comment_id, "reader_id": told.reader_id, "at": told.at, "reason": told.reason}
    conn.execute(insert(report).values(values))


def reports(conn: Connection) -> dict[str, list[Report]]:
    """What was reported and not looked at yet, by comment, the oldest first."""
    found: dict[str, list[Report]] = defaultdict(list)
    r = report.c
    for row in conn.execute(select(r.comment_id, r.reader_id, r.at, r.reason).order_by(r.at)):
        found[row.comment_id].append(Report(*row))
    return dict(found)


def settle(conn: Connection, comment_id: str) -> None:
    """Forget the reports on a comment: somebody has looked."""
    conn.execute(delete(report).where(report.c.comment_id == comment_id))


def read(row: Row[Any]) -> Comment:
    """A row of the table."""
    return Comment(**{name: getattr(row, name) for name in _FIELDS})


def _is_answered(conn: Connection, comment_id: str) -> bool:
    return conn.scalar(select(comment.c.id).where(comment.c.parent == comment_id).limit(1)) is not None


def _micros(at: datetime | None) -> int | None:
    return to_micros(at) if at else None
