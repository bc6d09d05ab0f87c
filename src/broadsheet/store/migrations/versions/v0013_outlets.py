"""Outlets of readers, and what goes to them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "outlet",
        sa.Column("id", _ID, nullable=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("sections", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("suspended", sa.BigInteger(), nullable=True),
        sa.Column("reached", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outlet"),
        sa.UniqueConstraint("reader_id", "name", name="uq_outlet_name"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_outlet_reader", ondelete="CASCADE"),
        sa.CheckConstraint("kind IN ('webhook', 'service')", name="ck_outlet_kind"),
    )
    op.create_table(
        "dispatch",
        sa.Column("id", _ID, nullable=False),
        sa.Column("outlet_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("lease", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_dispatch"),
        sa.UniqueConstraint("outlet_id", "key", name="uq_dispatch_key"),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlet.id"], name="fk_dispatch_outlet", ondelete="CASCADE"),
        sa.CheckConstraint("state IN ('queued', 'handing', 'sent', 'uncertain', 'failed')", name="ck_dispatch_state"),
    )
    op.create_index("ix_dispatch_due", "dispatch", ["state", "due"])


def downgrade() -> None:
    """Drop both."""
    op.drop_table("dispatch")
    op.drop_table("outlet")
