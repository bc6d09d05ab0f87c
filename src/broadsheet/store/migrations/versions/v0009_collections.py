"""Collections of papers, and saved searches."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the three tables, and the counters of their ids."""
    _create_collection()
    _create_collection_paper()
    _create_saved_search()
    op.bulk_insert(_COUNTER, [{"name": "collection", "value": 0}, {"name": "saved_search", "value": 0}])


def downgrade() -> None:
    """Drop them."""
    for table in ("saved_search", "collection_paper", "collection"):
        op.drop_table(table)
    op.execute(_COUNTER.delete().where(_COUNTER.c.name.in_(("collection", "saved_search"))))


_COUNTER = sa.table("counter", sa.column("name", sa.Text()), sa.column("value", sa.BigInteger()))


def _create_collection() -> None:
    op.create_table(
        "collection",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("saved", sa.Boolean(), nullable=False),
        sa.Column("sharing", sa.String(8), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("edited", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_collection"),
        sa.UniqueConstraint("secret", name="uq_collection_secret"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_collection_reader", ondelete="CASCADE"),
        sa.CheckConstraint("sharing IN ('private', 'link', 'lab')", name="ck_collection_sharing"),
    )
    op.create_index("ix_collection_reader", "collection", ["reader_id"])


def _create_collection_paper() -> None:
    op.create_table(
        "collection_paper",
        sa.Column("collection_id", sa.BigInteger(), nullable=False),
        sa.Column("paper_id", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Float(), nullable=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("collection_id", "paper_id", "part", "at", name="pk_collection_paper"),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collection.id"], name="fk_collection_paper_collection", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_collection_paper_paper"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_collection_paper_reader", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_collection_paper_paper", "collection_paper", ["paper_id"])
    op.create_index("ix_collection_paper_at", "collection_paper", ["reader_id", "at"])
    op.create_index("ix_collection_paper_ended", "collection_paper", ["reader_id", "ended"])


def _create_saved_search() -> None:
    op.create_table(
        "saved_search",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False, autoincrement=False),
        sa.Column("reader_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("mode", sa.String(8), nullable=False),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("looked", sa.BigInteger(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_saved_search"),
        sa.UniqueConstraint("secret", name="uq_saved_search_secret"),
        sa.ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_saved_search_reader", ondelete="CASCADE"),
        sa.CheckConstraint("mode IN ('hybrid', 'keyword', 'semantic')", name="ck_saved_search_mode"),
    )
    op.create_index("ix_saved_search_reader", "saved_search", ["reader_id"])
