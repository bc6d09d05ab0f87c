"""Comments, whom they tell of, and what readers let others see."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and add the columns."""
    for name in ("saves", "mentions"):
        op.add_column("preference", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "comment",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("paper_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=True),
        sa.Column("parent", sa.String(32), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("edited", sa.BigInteger(), nullable=True),
        sa.Column("removed", sa.BigInteger(), nullable=True),
        sa.Column("hidden", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_comment"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_comment_paper"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_comment_reader"),
    )
    op.create_index("ix_comment_paper", "comment", ["paper_id", "at"])
    op.create_index("ix_comment_reader", "comment", ["reader_id", "at"])
    op.create_index("ix_comment_parent", "comment", ["parent"])
    op.create_table(
        "notice",
        sa.Column("reader_id", sa.BigInteger(), nullable=False),
        sa.Column("comment_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("reader_id", "comment_id", name="pk_notice"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_notice_reader", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_notice_comment", ondelete="CASCADE"),
        sa.CheckConstraint("kind IN ('mention', 'answer')", name="ck_notice_kind"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_notice_comment", "notice", ["comment_id"])
    op.create_table(
        "report",
        sa.Column("comment_id", sa.String(32), nullable=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("comment_id", "reader_id", name="pk_report"),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_report_comment", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_report_reader", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_report_reader", "report", ["reader_id"])


def downgrade() -> None:
    """Drop them."""
    for name in ("report", "notice", "comment"):
        op.drop_table(name)
    for name in ("mentions", "saves"):
        op.drop_column("preference", name)
