"""Digests, and how readers want theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "delivery",
        sa.Column("reader_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("on", sa.Boolean(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.BigInteger(), nullable=True),
        sa.Column("cadence", sa.String(8), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(5), nullable=False),
        sa.Column("sections", sa.Text(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("suspended", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reader_id", name="pk_delivery"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_delivery_reader", ondelete="CASCADE"),
        sa.CheckConstraint("cadence IN ('daily', 'weekly', 'news')", name="ck_delivery_cadence"),
    )
    op.create_index("ix_delivery_email", "delivery", ["email"])
    op.create_table(
        "digest",
        sa.Column("reader_id", sa.BigInteger(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("through", sa.Date(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reader_id", "edition", name="pk_digest"),
        sa.UniqueConstraint("secret", name="uq_digest_secret"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_digest_reader", ondelete="CASCADE"),
        sa.CheckConstraint("state IN ('mailed', 'empty')", name="ck_digest_state"),
    )
    op.create_index("ix_digest_day", "digest", ["reader_id", "day"])


def downgrade() -> None:
    """Drop both."""
    op.drop_table("digest")
    op.drop_table("delivery")
