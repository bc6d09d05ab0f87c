"""What a reader proves who they are with: password, and tokens of programs. Only hashes."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, exists, insert, select, update

from broadsheet.store.schema.access import api_token, password
from broadsheet.types import ApiToken


def password_hash(conn: Connection, reader_id: int) -> str | None:
    """The argon2 hash of a reader's password; None without one."""
    found: str | None = conn.scalar(select(password.c.hash).where(password.c.reader_id == reader_id))
    return found


def has_passwords(conn: Connection) -> bool:
    """Whether any reader has a password."""
    return conn.scalar(select(exists().select_from(password))) or False


def set_password(conn: Connection, reader_id: int, hashed: str | None, now: datetime) -> None:
    """Set a reader's password hash, or take it away."""
    conn.execute(delete(password).where(password.c.reader_id == reader_id))
    if hashed is not None:
        conn.execute(insert(password).values(reader_id=reader_id, hash=hashed, changed=now))


def add_token(conn: Connection, made: ApiToken) -> None:
    """Keep a program's token."""
    conn.execute(insert(api_token).values({name: getattr(made, name) for name in _TOKEN}))


def token(conn: Connection, token_id: str, now: datetime) -> ApiToken | None:
    """The token with this id, unless it has expired."""
    row = conn.execute(select(*(api_token.c[name] for name in _TOKEN)).where(api_token.c.id == token_id)).first()
    found = ApiToken(*row) if row else None
    return None if found is None or (found.expires and found.expires <= now) else found


def tokens(conn: Connection, reader_id: int) -> list[ApiToken]:
    """A reader's tokens, newest first."""
    query = select(*(api_token.c[name] for name in _TOKEN)).where(api_token.c.reader_id == reader_id)
    return [ApiToken(*row) for row in conn.execute(query.order_by(api_token.c.created.desc(), api_token.c.id))]


def token_used(conn: Connection, token_id: str, now: datetime) -> None:
    """Note when a token was last used."""
    conn.execute(update(api_token).where(api_token.c.id == token_id).values(used=now))


def remove_tokens(conn: Connection, reader_id: int, ids: Sequence[str]) -> int:
    """Revoke tokens of a reader; returns how many there were."""
    chosen = delete(api_token).where(api_token.c.reader_id == reader_id, api_token.c.id.in_(ids))
    return conn.execute(chosen).rowcount


_TOKEN = ("id", "reader_id", "name", "scope", "created", "used", "expires")
