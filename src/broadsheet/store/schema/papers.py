"""What is known of papers, and how it came."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from broadsheet.store.columns import Id, UtcTime, metadata

paper = Table(
    "paper",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), nullable=False, autoincrement=False),
    Column("key", Text, nullable=False),
    Column("added", UtcTime, nullable=False),
    Column("updated", UtcTime, nullable=False),
    Column("categories", Text, nullable=False),
    Column("blocks", LargeBinary, nullable=False),
    Column("doc", Text, nullable=False),
    PrimaryKeyConstraint("id", name="pk_paper"),
    UniqueConstraint("key", name="uq_paper_key"),
)
"""`doc` is the paper as `broadsheet.codec` writes it; `blocks` are its keys in `block`, four bytes each."""

alias = Table(
    "alias",
    metadata,
    Column("alias", Text, nullable=False),
    Column("paper_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("alias", name="pk_alias"),
    ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_alias_paper"),
    Index("ix_alias_paper", "paper_id"),
    sqlite_with_rowid=False,
)

block = Table(
    "block",
    metadata,
    Column("key", Integer, nullable=False),
    Column("paper_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("key", "paper_id", name="pk_block"),
    sqlite_with_rowid=False,
)
"""Hashes of identity's blocking keys. The largest table: without a second index, so without a foreign key."""

part = Table(
    "part",
    metadata,
    Column("paper_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("doc", Text, nullable=False),
    PrimaryKeyConstraint("paper_id", "key", name="pk_part"),
    ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_part_paper"),
)
"""Only for papers of two parts or more; a paper of one part is its own part."""

distinct_pair = Table(
    "distinct_pair",
    metadata,
    Column("a", Text, nullable=False),
    Column("b", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    PrimaryKeyConstraint("a", "b", name="pk_distinct_pair"),
    CheckConstraint("a < b", name="ck_distinct_pair_order"),
    Index("ix_distinct_pair_b", "b"),
)

lineage = Table(
    "lineage",
    metadata,
    Column("id", Id, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("op", String(8), nullable=False),
    Column("key", Text, nullable=False),
    Column("other", Text, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("id", name="pk_lineage"),
    CheckConstraint("op IN ('merge', 'split')", name="ck_lineage_op"),
    Index("ix_lineage_key", "key"),
    Index("ix_lineage_other", "other"),
)
"""Which papers became one, which were taken apart again, and why."""

announcement = Table(
    "announcement",
    metadata,
    Column("day", Date, nullable=False),
    Column("paper_id", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("by", Text, nullable=True),
    Column("first", Boolean, nullable=False),
    PrimaryKeyConstraint("day", "paper_id", "source", "kind", name="pk_announcement"),
    ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_announcement_paper"),
    Index("ix_announcement_paper", "paper_id"),
    sqlite_with_rowid=False,
)
"""The announcements of the papers' documents by day; `first` marks those that make the paper news."""

signal = Table(
    "signal",
    metadata,
    Column("paper_id", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("part", Text, nullable=False),
    Column("value", BigInteger, nullable=False),
    PrimaryKeyConstraint("paper_id", "source", "kind", "at", "part", name="pk_signal"),
    ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_signal_paper"),
    sqlite_with_rowid=False,
)
"""`part` is the key of the part that was counted, so that a split takes its counts along."""

earlier_text = Table(
    "earlier_text",
    metadata,
    Column("paper_id", BigInteger, nullable=False),
    Column("part", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("until", UtcTime, nullable=False),
    Column("title", Text, nullable=False),
    Column("abstract", Text, nullable=False),
    PrimaryKeyConstraint("paper_id", "part", "version", "until", name="pk_earlier_text"),
    ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_earlier_text_paper"),
    sqlite_with_rowid=False,
)
"""What a part said in a version (0: unknown which) until another replaced it. `part`: as in `signal`."""

poll = Table(
    "poll",
    metadata,
    Column("paper_id", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("news", Date, nullable=False),
    Column("still", Integer, nullable=False),
    Column("due", UtcTime, nullable=True),
    Column("memory", Text, nullable=False),
    PrimaryKeyConstraint("paper_id", "source", name="pk_poll"),
    ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_poll_paper"),
    sqlite_with_rowid=False,
)
"""How a source of counts last looked at a paper: the day of its news then, how many looks in a row found nothing moved,
when the next is due (NULL: never), and as JSON what the source wants to know again."""

outbox = Table(
    "outbox",
    metadata,
    Column("seq", BigInteger().with_variant(Integer(), "sqlite"), nullable=False, autoincrement=False),
    Column("paper_id", BigInteger, nullable=False),
    Column("op", String(8), nullable=False),
    PrimaryKeyConstraint("seq", name="pk_outbox"),
    CheckConstraint("op IN ('put', 'delete')", name="ck_outbox_op"),
)

run = Table(
    "run",
    metadata,
    Column("id", Id, nullable=False),
    Column("source", Text, nullable=False),
    Column("started", UtcTime, nullable=False),
    Column("ended", UtcTime, nullable=True),
    Column("state", String(16), nullable=False),
    Column("counts", Text, nullable=False),
    Column("drops", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("note", Text, nullable=True),
    Column("error", Text, nullable=True),
    Column("pid", BigInteger, nullable=False),
    Column("host", Text, nullable=False),
    PrimaryKeyConstraint("id", name="pk_run"),
    CheckConstraint(
        "state IN ('running', 'ok', 'empty', 'holiday', 'unchanged', 'partial', 'failed', 'interrupted')",
        name="ck_run_state",
    ),
    Index("ix_run_source", "source", "started"),
)
"""`counts`, `drops` and `asked` are JSON."""

cursor = Table(
    "cursor",
    metadata,
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("source", "name", name="pk_cursor"),
)

meta = Table(
    "meta",
    metadata,
    Column("name", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("name", name="pk_meta"),
)

COUNTERS = ("paper", "outbox", "outbox_floor", "reader", "interest", "collection", "saved_search")
"""The rows of `counter`, there from the first."""

counter = Table(
    "counter",
    metadata,
    Column("name", Text, nullable=False),
    Column("value", BigInteger, nullable=False),
    PrimaryKeyConstraint("name", name="pk_counter"),
)
"""`paper`, `reader`, `interest`, `collection`, `saved_search`: the last id given; `outbox`: the last sequence number;
`outbox_floor`: the last one trimmed away."""
