"""How readers like the pages, and since when a reader is disabled."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table."""
    op.add_column("reader", sa.Column("disabled", sa.BigInteger(), nullable=True))
    op.create_table(
        "preference",
        sa.Column("reader_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("theme", sa.String(8), nullable=False),
        sa.Column("view", sa.String(8), nullable=False),
        sa.Column("keys", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.PrimaryKeyConstraint("reader_id", name="pk_preference"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_preference_reader", ondelete="CASCADE"),
        sa.CheckConstraint("theme IN ('system', 'light', 'dark')", name="ck_preference_theme"),
        sa.CheckConstraint("view IN ('cards', 'compact', 'titles')", name="ck_preference_view"),
    )


def downgrade() -> None:
    """Drop both."""
    op.drop_table("preference")
    op.drop_column("reader", "disabled")
