"""How each source of counts looked at a paper, and when it is to look again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table `poll`."""
    op.create_table(
        "poll",
        sa.Column("paper_id", sa.BigInteger, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("news", sa.Date, nullable=False),
        sa.Column("still", sa.Integer, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=True),
        sa.Column("memory", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("paper_id", "source", name="pk_poll"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_poll_paper"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("poll")
