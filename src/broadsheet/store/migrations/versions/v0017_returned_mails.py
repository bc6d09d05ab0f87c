"""Mails that come back are found by their Message-ID, and what went to an address by the address."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_COLUMNS = ("message_id", "recipient")


def upgrade() -> None:
    """Index both."""
    for name in _COLUMNS:
        op.create_index(f"ix_mail_{name}", "mail", [name])


def downgrade() -> None:
    """Without them."""
    for name in _COLUMNS:
        op.drop_index(f"ix_mail_{name}", "mail")
