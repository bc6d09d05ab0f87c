"""Passkeys of readers, and what a browser was asked that comes back with an answer."""

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
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_passkey"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_passkey_reader", ondelete="CASCADE"),
    )
    op.create_index("ix_passkey_reader", "passkey", ["reader_id"])
    op.create_table(
        "handshake",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_handshake"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_handshake_reader", ondelete="CASCADE"),
        sa.CheckConstraint("kind IN ('passkey', 'oidc')", name="ck_handshake_kind"),
    )


def downgrade() -> None:
    """Drop both."""
    op.drop_table("handshake")
    op.drop_table("passkey")
