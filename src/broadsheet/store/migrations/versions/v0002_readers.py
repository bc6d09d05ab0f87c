"""Readers, their interests and marks, and what they were shown."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of readers."""
    _create_readers()
    _create_interests()
    _create_marks()
    _create_shown()
    op.execute("INSERT INTO counter (name, value) VALUES ('reader', 0), ('interest', 0)")


def downgrade() -> None:
    """Drop them."""
    for name in ("shown", "mark", "interest_model", "interest", "reader"):
        op.drop_table(name)
    op.execute("DELETE FROM counter WHERE name IN ('reader', 'interest')")


def _own_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _create_readers() -> None:
    op.create_table(
        "reader",
        sa.Column("id", _own_id(), nullable=False, autoincrement=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reader"),
        sa.UniqueConstraint("name", name="uq_reader_name"),
        sa.CheckConstraint("role IN ('reader', 'editor', 'admin')", name="ck_reader_role"),
    )


def _create_interests() -> None:
    op.create_table(
        "interest",
        sa.Column("id", _own_id(), nullable=False, autoincrement=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("edited", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_interest"),
        sa.UniqueConstraint("reader_id", "name", name="uq_interest_name"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_interest_reader"),
    )
    op.create_table(
        "interest_model",
        sa.Column("interest_id", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("trained", sa.BigInteger(), nullable=False),
        sa.Column("model", sa.LargeBinary(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("interest_id", name="pk_interest_model"),
        sa.ForeignKeyConstraint(["interest_id"], ["interest.id"], name="fk_interest_model_interest"),
    )


def _create_marks() -> None:
    op.create_table(
        "mark",
        sa.Column("reader_id", sa.BigInteger(), nullable=False),
        sa.Column("paper_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("interest_id", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("reader_id", "paper_id", "kind", "part", "at", name="pk_mark"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_mark_reader"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_mark_paper"),
        sa.ForeignKeyConstraint(["interest_id"], ["interest.id"], name="fk_mark_interest"),
        sa.CheckConstraint("kind IN ('up', 'down', 'save', 'read', 'hide', 'note')", name="ck_mark_kind"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_mark_paper", "mark", ["paper_id", "kind"])
    op.create_index("ix_mark_at", "mark", ["reader_id", "at"])
    op.create_index("ix_mark_ended", "mark", ["reader_id", "ended"])


def _create_shown() -> None:
    op.create_table(
        "shown",
        sa.Column("reader_id", sa.BigInteger(), nullable=False),
        sa.Column("paper_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("list", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("interest_id", sa.BigInteger(), nullable=True),
        sa.Column("explored", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reader_id", "paper_id", "part", name="pk_shown"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_shown_reader"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_shown_paper"),
        sa.ForeignKeyConstraint(["interest_id"], ["interest.id"], name="fk_shown_interest"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_shown_paper", "shown", ["paper_id"])
    op.create_index("ix_shown_list", "shown", ["reader_id", "list"])
