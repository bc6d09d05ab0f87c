"""What lets readers in."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from broadsheet.store.columns import Id, UtcTime, metadata

session = Table(
    "session",
    metadata,
    Column("id", Text, nullable=False),
    Column("reader_id", BigInteger, nullable=False),
    Column("csrf", Text, nullable=False),
    Column("way", String(8), nullable=False),
    Column("agent", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("seen", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False),
    PrimaryKeyConstraint("id", name="pk_session"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_session_reader", ondelete="CASCADE"),
    Index("ix_session_reader", "reader_id"),
    sqlite_with_rowid=False,
)
"""`id` is the SHA-256 of the secret in the browser's cookie, as the ids of tickets and tokens are of theirs."""

ticket = Table(
    "ticket",
    metadata,
    Column("id", Text, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("reader_id", BigInteger, nullable=True),
    Column("email", Text, nullable=True),
    Column("role", String(8), nullable=True),
    Column("created", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False),
    Column("used", UtcTime, nullable=True),
    Column("said", Text, nullable=True),
    PrimaryKeyConstraint("id", name="pk_ticket"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_ticket_reader", ondelete="CASCADE"),
    CheckConstraint("kind IN ('owner', 'signin', 'invite', 'email')", name="ck_ticket_kind"),
    sqlite_with_rowid=False,
)

password = Table(
    "password",
    metadata,
    Column("reader_id", BigInteger, nullable=False, autoincrement=False),
    Column("hash", Text, nullable=False),
    Column("changed", UtcTime, nullable=False),
    PrimaryKeyConstraint("reader_id", name="pk_password"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_password_reader", ondelete="CASCADE"),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", Text, nullable=False),
    Column("reader_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("scope", String(8), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("used", UtcTime, nullable=True),
    Column("expires", UtcTime, nullable=True),
    PrimaryKeyConstraint("id", name="pk_api_token"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_api_token_reader", ondelete="CASCADE"),
    CheckConstraint("scope IN ('read', 'write')", name="ck_api_token_scope"),
    Index("ix_api_token_reader", "reader_id"),
    sqlite_with_rowid=False,
)

passkey = Table(
    "passkey",
    metadata,
    Column("id", Text, nullable=False),
    Column("reader_id", BigInteger, nullable=False),
    Column("handle", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("used", UtcTime, nullable=True),
    PrimaryKeyConstraint("id", name="pk_passkey"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_passkey_reader", ondelete="CASCADE"),
    Index("ix_passkey_reader", "reader_id"),
    sqlite_with_rowid=False,
)
"""`transports` are names with blanks between them."""

handshake = Table(
    "handshake",
    metadata,
    Column("id", Text, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("bound", Text, nullable=False),
    Column("reader_id", BigInteger, nullable=True),
    Column("content", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False),
    PrimaryKeyConstraint("id", name="pk_handshake"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_handshake_reader", ondelete="CASCADE"),
    CheckConstraint("kind IN ('passkey', 'oidc')", name="ck_handshake_kind"),
    Index("ix_handshake_expires", "expires"),
    sqlite_with_rowid=False,
)
"""What waits for its one answer; an answer takes its row away."""

login = Table(
    "login",
    metadata,
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("reader_id", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("used", UtcTime, nullable=True),
    PrimaryKeyConstraint("issuer", "subject", name="pk_login"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_login_reader", ondelete="CASCADE"),
    Index("ix_login_reader", "reader_id"),
)
"""Accounts elsewhere that sign a reader in; `label` is what the provider last called them."""

attempt = Table(
    "attempt",
    metadata,
    Column("id", Id, nullable=False),
    Column("place", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    PrimaryKeyConstraint("id", name="pk_attempt"),
    Index("ix_attempt_place", "place", "at"),
)
"""What is counted so that nobody does it too often, such as failures to sign in by address and by name."""
