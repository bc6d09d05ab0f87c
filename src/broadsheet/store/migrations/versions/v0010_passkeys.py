"""Passkeys of readers, and what waits for the answer of a browser."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "passkey",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_passkey"),
        _reader("passkey"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_passkey_reader", "passkey", ["reader_id"])
    op.create_table(
        "handshake",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("bound", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_handshake"),
        _reader("handshake"),
        sa.CheckConstraint("kind IN ('passkey', 'oidc')", name="ck_handshake_kind"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_handshake_expires", "handshake", ["expires"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("handshake")
    op.drop_table("passkey")


def _reader(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name=f"fk_{table}_reader", ondelete="CASCADE")
