"""In which order readers saw editions in their own order last."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "own_order",
        sa.Column("reader_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("edition", sa.String(10), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("papers", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reader_id", "edition", name="pk_own_order"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_own_order_reader", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("own_order")
