"""What a database driver says went wrong, as one sentence of ours. Knows SQLite's codes and PostgreSQL's SQLSTATEs."""

import sqlite3

from broadsheet.errors import StoreAway, StoreBusy, StoreDamaged, StoreError

_FREE_SPACE = "free some space and run the command again; what was stored before is whole"
_RESTORE = "keep the file, and bring back a backup with `broadsheet restore FILE`"
_LOOK = "check that the server runs and the address is right"
_WAIT = "wait until it is done, or stop it"

# The primary result codes of https://www.sqlite.org/rescode.html
_SQLITE: dict[int, tuple[type[StoreError], str, str]] = {
    3: (StoreError, "access is not permitted", "correct the permissions of the file and its folder"),
    5: (StoreBusy, "another process is writing", _WAIT),
    6: (StoreBusy, "another process is writing", _WAIT),
    8: (StoreError, "cannot be written, the file or its folder is read-only", "correct the permissions of both"),
    10: (StoreError, "the disk does not read or write", "check the disk, its free space and its quota"),
    11: (StoreDamaged, "the file is damaged", _RESTORE),
    13: (StoreError, "the disk is full", _FREE_SPACE),
    14: (StoreError, "cannot be opened", "check that the folder exists and may be written, or choose another --home"),
    26: (
        StoreDamaged,
        "the file is not a database",
        "move it away, or bring back a backup with `broadsheet restore FILE`",
    ),
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES: dict[str, tuple[type[StoreError], str, str]] = {
    "55P03": (StoreBusy, "another process is writing", _WAIT),
    "57014": (StoreBusy, "the server gave up waiting", "run the command again"),
    "57P01": (StoreAway, "the server stopped", _LOOK),
    "57P02": (StoreAway, "the server stopped", _LOOK),
    "57P03": (StoreAway, "the server lets nobody in yet", _LOOK),
    "53100": (StoreError, "the server's disk is full", _FREE_SPACE),
    "25006": (StoreError, "the server is read-only", "use the primary server"),
    "28P01": (StoreError, "the password is wrong", "correct the setting `database`"),
    "28000": (StoreError, "the server does not let us in", "correct the setting `database`"),
    "3D000": (
        StoreError,
        "the server has no such database",
        "create it with `createdb`, or correct the setting `database`",
    ),
    "42501": (StoreError, "access is not permitted", "grant the database's user the rights on its schema"),
    "XX001": (StoreDamaged, "the server reports damaged data", "bring back a dump"),
    "XX002": (StoreDamaged, "the server reports a damaged index", "run REINDEX on the server"),
}


def translate(subject: str, error: BaseException) -> StoreError:
    """The StoreError, or which kind of one, for an error of sqlite3 or psycopg (also where SQLAlchemy wraps it)."""
    cause = getattr(error, "orig", None) or error
    state = getattr(cause, "sqlstate", None)
    known = _POSTGRES.get(state) if state else _from_sqlite(cause)
    if known is not None:
        kind, what, remedy = known
        detail = "" if kind is StoreBusy else f" ({_first_line(cause)})"
        return kind(subject, what + detail, remedy)
    if isinstance(cause, sqlite3.Error) or state:
        return StoreError(subject, f"the database refused ({_first_line(cause)})", "`broadsheet status` checks it")
    kind = StoreError if _is_refusal(str(cause)) else StoreAway
    return kind(subject, f"no connection ({_first_line(cause)})", _LOOK)


def _is_refusal(told: str) -> bool:
    """Whether a server that runs does not let us in; psycopg knows no SQLSTATE of what fails before that."""
    return "FATAL" in told and "the database system" not in told


def _from_sqlite(cause: BaseException) -> tuple[type[StoreError], str, str] | None:
    code = getattr(cause, "sqlite_errorcode", None)
    return None if code is None else _SQLITE.get(code & 0xFF)


def _first_line(cause: BaseException) -> str:
    lines = str(cause).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(cause).__name__
