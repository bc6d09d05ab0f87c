"""Papers with their aliases, parts, announcements and signals; runs, cursors and the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_APPLICATION_ID = 0x42726473


def upgrade() -> None:
    """Create all tables."""
    _create_papers()
    _create_aliases()
    _create_parts()
    _create_days()
    _create_outbox()
    _create_runs()
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"PRAGMA application_id = {_APPLICATION_ID}")


def downgrade() -> None:
    """Drop all tables."""
    for name in ("cursor", "run", "outbox", "signal", "announcement", "lineage", "distinct_pair", "part"):
        op.drop_table(name)
    for name in ("block", "alias", "paper", "meta", "counter"):
        op.drop_table(name)


def _own_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _create_papers() -> None:
    op.create_table(
        "paper",
        sa.Column("id", _own_id(), nullable=False, autoincrement=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("added", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("blocks", sa.LargeBinary(), nullable=False),
        sa.Column("doc", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_paper"),
        sa.UniqueConstraint("key", name="uq_paper_key"),
    )


def _create_aliases() -> None:
    op.create_table(
        "alias",
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("paper_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("alias", name="pk_alias"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_alias_paper"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_alias_paper", "alias", ["paper_id"])
    op.create_table(
        "block",
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", "paper_id", name="pk_block"),
        sqlite_with_rowid=False,
    )


def _create_parts() -> None:
    op.create_table(
        "part",
        sa.Column("paper_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("doc", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("paper_id", "key", name="pk_part"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_part_paper"),
    )
    op.create_table(
        "distinct_pair",
        sa.Column("a", sa.Text(), nullable=False),
        sa.Column("b", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("a", "b", name="pk_distinct_pair"),
        sa.CheckConstraint("a < b", name="ck_distinct_pair_order"),
    )
    op.create_index("ix_distinct_pair_b", "distinct_pair", ["b"])
    op.create_table(
        "lineage",
        sa.Column("id", _own_id(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("op", sa.String(8), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lineage"),
        sa.CheckConstraint("op IN ('merge', 'split')", name="ck_lineage_op"),
    )
    op.create_index("ix_lineage_key", "lineage", ["key"])
    op.create_index("ix_lineage_other", "lineage", ["other"])


def _create_days() -> None:
    op.create_table(
        "announcement",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("paper_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("day", "paper_id", "source", "kind", name="pk_announcement"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_announcement_paper"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_announcement_paper", "announcement", ["paper_id"])
    op.create_table(
        "signal",
        sa.Column("paper_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("paper_id", "source", "kind", "at", "part", name="pk_signal"),
        sa.ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_signal_paper"),
        sqlite_with_rowid=False,
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("seq", _own_id(), nullable=False, autoincrement=False),
        sa.Column("paper_id", sa.BigInteger(), nullable=False),
        sa.Column("op", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_outbox"),
        sa.CheckConstraint("op IN ('put', 'delete')", name="ck_outbox_op"),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )
    op.execute("INSERT INTO counter (name, value) VALUES ('paper', 0), ('outbox', 0), ('outbox_floor', 0)")


def _create_runs() -> None:
    op.create_table(
        "run",
        sa.Column("id", _own_id(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("drops", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("pid", sa.BigInteger(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run"),
        sa.CheckConstraint(
            "state IN ('running', 'ok', 'empty', 'holiday', 'unchanged', 'partial', 'failed', 'interrupted')",
            name="ck_run_state",
        ),
    )
    op.create_index("ix_run_source", "run", ["source", "started"])
    op.create_table(
        "cursor",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("source", "name", name="pk_cursor"),
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )
