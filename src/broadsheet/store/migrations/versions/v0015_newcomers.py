"""What newcomers signed up with, before there is a reader; addresses of feeds of interests."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the table."""
    op.add_column("ticket", sa.Column("said", sa.Text(), nullable=True))
    op.create_table(
        "interest_feed",
        sa.Column("interest_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("interest_id", name="pk_interest_feed"),
        sa.UniqueConstraint("secret", name="uq_interest_feed_secret"),
        sa.ForeignKeyConstraint(["interest_id"], ["interest.id"], name="fk_interest_feed_interest", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Drop both."""
    op.drop_table("interest_feed")
    op.drop_column("ticket", "said")
