"""The order that editions open in, for each reader."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: for who is here already editions open as they did."""
    op.add_column("preference", sa.Column("sort", sa.String(8), nullable=False, server_default="trending"))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("preference", "sort")
