"""Readers, and what they say, see and keep."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
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

from broadsheet.store.columns import UtcTime, metadata

reader = Table(
    "reader",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), nullable=False, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("display", Text, nullable=False),
    Column("email", Text, nullable=True),
    Column("zone", Text, nullable=False),
    Column("role", String(8), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("disabled", UtcTime, nullable=True),
    PrimaryKeyConstraint("id", name="pk_reader"),
    UniqueConstraint("name", name="uq_reader_name"),
    CheckConstraint("role IN ('reader', 'editor', 'admin')", name="ck_reader_role"),
)
"""An id is never given again, so what outlives a reader (a link in a mail, a cookie) never names another."""

preference = Table(
    "preference",
    metadata,
    Column("reader_id", BigInteger, nullable=False, autoincrement=False),
    Column("theme", String(8), nullable=False),
    Column("view", String(8), nullable=False),
    Column("keys", Boolean, nullable=False),
    Column("language", String(16), nullable=False),
    Column("saves", Boolean, nullable=False),
    Column("mentions", Boolean, nullable=False),
    Column("sort", String(8), nullable=False),
    PrimaryKeyConstraint("reader_id", name="pk_preference"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_preference_reader", ondelete="CASCADE"),
    CheckConstraint("theme IN ('system', 'light', 'dark')", name="ck_preference_theme"),
    CheckConstraint("view IN ('cards', 'compact', 'titles')", name="ck_preference_view"),
)
"""How readers like the pages; who never said it has no row."""

visit = Table(
    "visit",
    metadata,
    Column("reader_id", BigInteger, nullable=False, autoincrement=False),
    Column("before", UtcTime, nullable=True),
    Column("latest", UtcTime, nullable=False),
    PrimaryKeyConstraint("reader_id", name="pk_visit"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_visit_reader", ondelete="CASCADE"),
)
"""When readers looked at an edition last, and the same of the visit before: what came later is new to them."""

own_order = Table(
    "own_order",
    metadata,
    Column("reader_id", BigInteger, nullable=False, autoincrement=False),
    Column("edition", String(10), nullable=False),
    Column("seen", UtcTime, nullable=False),
    Column("papers", Text, nullable=False),
    PrimaryKeyConstraint("reader_id", "edition", name="pk_own_order"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_own_order_reader", ondelete="CASCADE"),
)
"""In which order readers saw an edition last in their own: the ids of its papers, as JSON."""

interest = Table(
    "interest",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), nullable=False, autoincrement=False),
    Column("reader_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("share", Float, nullable=False),
    Column("profile", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("edited", UtcTime, nullable=False),
    PrimaryKeyConstraint("id", name="pk_interest"),
    UniqueConstraint("reader_id", "name", name="uq_interest_name"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_interest_reader"),
)
"""`profile` is JSON: what the reader said. What was learnt is in `interest_model`."""

interest_model = Table(
    "interest_model",
    metadata,
    Column("interest_id", BigInteger, nullable=False),
    Column("basis", Text, nullable=False),
    Column("trained", UtcTime, nullable=False),
    Column("model", LargeBinary, nullable=False),
    Column("report", Text, nullable=False),
    PrimaryKeyConstraint("interest_id", name="pk_interest_model"),
    ForeignKeyConstraint(["interest_id"], ["interest.id"], name="fk_interest_model_interest"),
)
"""What was learnt; can be learnt again. `basis` names what it was learnt from: another basis, another model."""

interest_feed = Table(
    "interest_feed",
    metadata,
    Column("interest_id", BigInteger, nullable=False, autoincrement=False),
    Column("secret", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    PrimaryKeyConstraint("interest_id", name="pk_interest_feed"),
    UniqueConstraint("secret", name="uq_interest_feed_secret"),
    ForeignKeyConstraint(["interest_id"], ["interest.id"], name="fk_interest_feed_interest", ondelete="CASCADE"),
)
"""The secret in the address of an interest's feed; no row, no feed. It stands here as it is, as a collection's does."""

mark = Table(
    "mark",
    metadata,
    Column("reader_id", BigInteger, nullable=False),
    Column("paper_id", BigInteger, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("part", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("ended", UtcTime, nullable=True),
    Column("interest_id", BigInteger, nullable=True),
    Column("text", Text, nullable=True),
    PrimaryKeyConstraint("reader_id", "paper_id", "kind", "part", "at", name="pk_mark"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_mark_reader"),
    ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_mark_paper"),
    ForeignKeyConstraint(["interest_id"], ["interest.id"], name="fk_mark_interest"),
    CheckConstraint("kind IN ('up', 'down', 'save', 'read', 'hide', 'note')", name="ck_mark_kind"),
    Index("ix_mark_paper", "paper_id", "kind"),
    Index("ix_mark_at", "reader_id", "at"),
    Index("ix_mark_ended", "reader_id", "ended"),
    sqlite_with_rowid=False,
)
"""A mark holds from `at` until `ended`, so the marks of any past day can be asked for. `part`: as in `signal`."""

shown = Table(
    "shown",
    metadata,
    Column("reader_id", BigInteger, nullable=False),
    Column("paper_id", BigInteger, nullable=False),
    Column("part", Text, nullable=False),
    Column("list", Text, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("score", Float, nullable=False),
    Column("interest_id", BigInteger, nullable=True),
    Column("explored", Boolean, nullable=False),
    Column("why", Text, nullable=False),
    PrimaryKeyConstraint("reader_id", "paper_id", "part", name="pk_shown"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_shown_reader"),
    ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_shown_paper"),
    ForeignKeyConstraint(["interest_id"], ["interest.id"], name="fk_shown_interest"),
    Index("ix_shown_paper", "paper_id"),
    Index("ix_shown_list", "reader_id", "list"),
    sqlite_with_rowid=False,
)
"""Which papers a reader was shown as new; one row for each, whatever the channel. `why` is JSON."""

collection = Table(
    "collection",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), nullable=False, autoincrement=False),
    Column("reader_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("saved", Boolean, nullable=False),
    Column("sharing", String(8), nullable=False),
    Column("secret", Text, nullable=True),
    Column("created", UtcTime, nullable=False),
    Column("edited", UtcTime, nullable=False),
    Column("before", Text, nullable=True),
    Column("ended", UtcTime, nullable=True),
    PrimaryKeyConstraint("id", name="pk_collection"),
    UniqueConstraint("secret", name="uq_collection_secret"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_collection_reader", ondelete="CASCADE"),
    CheckConstraint("sharing IN ('private', 'link', 'lab')", name="ck_collection_sharing"),
    Index("ix_collection_reader", "reader_id"),
)
"""`saved`: its papers are those marked `save`. `before` is JSON: name and note before `edited`, for undoing. `ended`:
when it was deleted. `secret` stands here as it is: who can read the table can read the papers, too."""

collection_paper = Table(
    "collection_paper",
    metadata,
    Column("collection_id", BigInteger, nullable=False),
    Column("paper_id", BigInteger, nullable=False),
    Column("part", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("ended", UtcTime, nullable=True),
    Column("added", UtcTime, nullable=False),
    Column("place", Float, nullable=False),
    Column("reader_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("collection_id", "paper_id", "part", "at", name="pk_collection_paper"),
    ForeignKeyConstraint(
        ["collection_id"], ["collection.id"], name="fk_collection_paper_collection", ondelete="CASCADE"
    ),
    ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_collection_paper_paper"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_collection_paper_reader", ondelete="CASCADE"),
    Index("ix_collection_paper_paper", "paper_id"),
    Index("ix_collection_paper_at", "reader_id", "at"),
    Index("ix_collection_paper_ended", "reader_id", "ended"),
    sqlite_with_rowid=False,
)
"""A paper is in a collection, at a place, from `at` until `ended`, as a mark holds; `added` is when it came into it.
Of the collection of saved papers only places are here."""

saved_search = Table(
    "saved_search",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), nullable=False, autoincrement=False),
    Column("reader_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("mode", String(8), nullable=False),
    Column("muted", Boolean, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("looked", UtcTime, nullable=False),
    Column("secret", Text, nullable=True),
    Column("created", UtcTime, nullable=False),
    Column("ended", UtcTime, nullable=True),
    PrimaryKeyConstraint("id", name="pk_saved_search"),
    UniqueConstraint("secret", name="uq_saved_search_secret"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_saved_search_reader", ondelete="CASCADE"),
    CheckConstraint("mode IN ('hybrid', 'keyword', 'semantic')", name="ck_saved_search_mode"),
    Index("ix_saved_search_reader", "reader_id"),
)
"""`seen`: the last store id that was given when the reader looked; papers with a later one are new to them."""

comment = Table(
    "comment",
    metadata,
    Column("id", String(32), nullable=False),
    Column("paper_id", BigInteger, nullable=False),
    Column("part", Text, nullable=False),
    Column("reader_id", BigInteger, nullable=True),
    Column("parent", String(32), nullable=True),
    Column("at", UtcTime, nullable=False),
    Column("edited", UtcTime, nullable=True),
    Column("removed", UtcTime, nullable=True),
    Column("hidden", UtcTime, nullable=True),
    Column("text", Text, nullable=False),
    PrimaryKeyConstraint("id", name="pk_comment"),
    ForeignKeyConstraint(["paper_id"], ["paper.id"], name="fk_comment_paper"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_comment_reader"),
    Index("ix_comment_paper", "paper_id", "at"),
    Index("ix_comment_reader", "reader_id", "at"),
    Index("ix_comment_parent", "parent"),
)
"""`id` is drawn by lot, so that it is the same in any library. `parent` is no key: an export has one reader's alone."""

notice = Table(
    "notice",
    metadata,
    Column("reader_id", BigInteger, nullable=False),
    Column("comment_id", String(32), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("seen", UtcTime, nullable=True),
    PrimaryKeyConstraint("reader_id", "comment_id", name="pk_notice"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_notice_reader", ondelete="CASCADE"),
    ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_notice_comment", ondelete="CASCADE"),
    CheckConstraint("kind IN ('mention', 'answer')", name="ck_notice_kind"),
    Index("ix_notice_comment", "comment_id"),
    sqlite_with_rowid=False,
)
"""Who should see a comment: because it names them or answers them; `seen` when they did."""

report = Table(
    "report",
    metadata,
    Column("comment_id", String(32), nullable=False),
    Column("reader_id", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("comment_id", "reader_id", name="pk_report"),
    ForeignKeyConstraint(["comment_id"], ["comment.id"], name="fk_report_comment", ondelete="CASCADE"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_report_reader", ondelete="CASCADE"),
    Index("ix_report_reader", "reader_id"),
    sqlite_with_rowid=False,
)
"""Comments that a reader thinks an editor should look at."""
