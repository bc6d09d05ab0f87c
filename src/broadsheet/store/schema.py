"""The tables, once for SQLite and PostgreSQL.

Migrations spell the same tables out by themselves; a test holds that both agree. Times are whole microseconds since
1970 in UTC, which sort, compare and travel alike in both databases. Ids of papers and sequence numbers of the outbox
come from `counter` and are never used again, so an index can tell an old paper from a new one.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
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

from broadsheet.store.columns import Id
from broadsheet.store.columns import UtcTime as UtcTime
from broadsheet.store.columns import from_micros as from_micros
from broadsheet.store.columns import metadata as metadata
from broadsheet.store.columns import to_micros as to_micros
from broadsheet.store.schema_outgoing import delivery as delivery
from broadsheet.store.schema_outgoing import digest as digest
from broadsheet.store.schema_outgoing import dispatch as dispatch
from broadsheet.store.schema_outgoing import mail as mail
from broadsheet.store.schema_outgoing import mail_text as mail_text
from broadsheet.store.schema_outgoing import outlet as outlet

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

session = Table(
    "session",
    metadata,
    Column("id", Text, nullable=False),
    Column("reader_id", BigInteger, nullable=False),
    Column("csrf", Text, nullable=False),
    Column("way", String(8), nullable=False),
    Column("agent", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("seen", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False),
    PrimaryKeyConstraint("id", name="pk_session"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_session_reader", ondelete="CASCADE"),
    Index("ix_session_reader", "reader_id"),
    sqlite_with_rowid=False,
)
"""`id` is the SHA-256 of the secret in the browser's cookie, as the ids of tickets and tokens are of theirs."""

ticket = Table(
    "ticket",
    metadata,
    Column("id", Text, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("reader_id", BigInteger, nullable=True),
    Column("email", Text, nullable=True),
    Column("role", String(8), nullable=True),
    Column("created", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False),
    Column("used", UtcTime, nullable=True),
    Column("said", Text, nullable=True),
    PrimaryKeyConstraint("id", name="pk_ticket"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_ticket_reader", ondelete="CASCADE"),
    CheckConstraint("kind IN ('owner', 'signin', 'invite', 'email')", name="ck_ticket_kind"),
    sqlite_with_rowid=False,
)

password = Table(
    "password",
    metadata,
    Column("reader_id", BigInteger, nullable=False, autoincrement=False),
    Column("hash", Text, nullable=False),
    Column("changed", UtcTime, nullable=False),
    PrimaryKeyConstraint("reader_id", name="pk_password"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_password_reader", ondelete="CASCADE"),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", Text, nullable=False),
    Column("reader_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("scope", String(8), nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("used", UtcTime, nullable=True),
    Column("expires", UtcTime, nullable=True),
    PrimaryKeyConstraint("id", name="pk_api_token"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_api_token_reader", ondelete="CASCADE"),
    CheckConstraint("scope IN ('read', 'write')", name="ck_api_token_scope"),
    Index("ix_api_token_reader", "reader_id"),
    sqlite_with_rowid=False,
)

passkey = Table(
    "passkey",
    metadata,
    Column("id", Text, nullable=False),
    Column("reader_id", BigInteger, nullable=False),
    Column("handle", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("transports", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("used", UtcTime, nullable=True),
    PrimaryKeyConstraint("id", name="pk_passkey"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_passkey_reader", ondelete="CASCADE"),
    Index("ix_passkey_reader", "reader_id"),
    sqlite_with_rowid=False,
)
"""`transports` are names with blanks between them."""

handshake = Table(
    "handshake",
    metadata,
    Column("id", Text, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("bound", Text, nullable=False),
    Column("reader_id", BigInteger, nullable=True),
    Column("content", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("expires", UtcTime, nullable=False),
    PrimaryKeyConstraint("id", name="pk_handshake"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_handshake_reader", ondelete="CASCADE"),
    CheckConstraint("kind IN ('passkey', 'oidc')", name="ck_handshake_kind"),
    Index("ix_handshake_expires", "expires"),
    sqlite_with_rowid=False,
)
"""What waits for its one answer; an answer takes its row away."""

login = Table(
    "login",
    metadata,
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("reader_id", BigInteger, nullable=False),
    Column("label", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("used", UtcTime, nullable=True),
    PrimaryKeyConstraint("issuer", "subject", name="pk_login"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_login_reader", ondelete="CASCADE"),
    Index("ix_login_reader", "reader_id"),
)
"""Accounts elsewhere that sign a reader in; `label` is what the provider last called them."""

attempt = Table(
    "attempt",
    metadata,
    Column("id", Id, nullable=False),
    Column("place", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    PrimaryKeyConstraint("id", name="pk_attempt"),
    Index("ix_attempt_place", "place", "at"),
)
"""What is counted so that nobody does it too often, such as failures to sign in by address and by name."""
