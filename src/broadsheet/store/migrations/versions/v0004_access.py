"""Sessions, one-time links, passwords and tokens of readers, and failed attempts to sign in."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of access."""
    _create_sessions()
    _create_tickets()
    _create_passwords()
    _create_tokens()
    _create_attempts()


def downgrade() -> None:
    """Drop them."""
    for name in ("attempt", "api_token", "password", "ticket", "session"):
        op.drop_table(name)


def _reader(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name=f"fk_{table}_reader", ondelete="CASCADE")


def _create_sessions() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("way", sa.String(8), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_session"),
        _reader("session"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_session_reader", "session", ["reader_id"])


def _create_tickets() -> None:
    op.create_table(
        "ticket",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("role", sa.String(8), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_ticket"),
        _reader("ticket"),
        sa.CheckConstraint("kind IN ('owner', 'signin', 'invite', 'email')", name="ck_ticket_kind"),
        sqlite_with_rowid=False,
    )


def _create_passwords() -> None:
    op.create_table(
        "password",
        sa.Column("reader_id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("reader_id", name="pk_password"),
        _reader("password"),
    )


def _create_tokens() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(8), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        _reader("api_token"),
        sa.CheckConstraint("scope IN ('read', 'write')", name="ck_api_token_scope"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_api_token_reader", "api_token", ["reader_id"])


def _create_attempts() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("ix_attempt_place", "attempt", ["place", "at"])
