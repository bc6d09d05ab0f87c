"""Accounts elsewhere that sign a reader in."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "login",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_login"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_login_reader", ondelete="CASCADE"),
    )
    op.create_index("ix_login_reader", "login", ["reader_id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("login")
