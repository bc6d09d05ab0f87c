"""What goes out: mails, digests and how readers want them, outlets."""

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

mail = Table(
    "mail",
    metadata,
    Column("id", Id, nullable=False),
    Column("key", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("list_id", Text, nullable=False),
    Column("unsubscribe", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("state", String(10), nullable=False),
    Column("due", UtcTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("said", Text, nullable=False),
    Column("holder", Text, nullable=True),
    Column("lease", UtcTime, nullable=True),
    Column("ended", UtcTime, nullable=True),
    PrimaryKeyConstraint("id", name="pk_mail"),
    UniqueConstraint("key", name="uq_mail_key"),
    CheckConstraint("state IN ('queued', 'handing', 'sent', 'uncertain', 'failed')", name="ck_mail_state"),
    Index("ix_mail_due", "state", "due"),
    Index("ix_mail_message_id", "message_id"),
    Index("ix_mail_recipient", "recipient"),
)
"""What is to be sent, was sent, or could not be. `key` names the reason for the mail, so that there is one for it.

`holder` and `lease`: which process has taken it, and until when nobody else may.
"""

mail_text = Table(
    "mail_text",
    metadata,
    Column("mail_id", BigInteger, nullable=False, autoincrement=False),
    Column("text", LargeBinary, nullable=False),
    Column("html", LargeBinary, nullable=False),
    PrimaryKeyConstraint("mail_id", name="pk_mail_text"),
    ForeignKeyConstraint(["mail_id"], ["mail.id"], name="fk_mail_text_mail", ondelete="CASCADE"),
)
"""What a mail says, packed (zlib). It has links that act for its reader, so it goes once the mail has ended.

Apart from `mail`, whose rows change several times while a mail is handed over: these are written and deleted once.
"""

delivery = Table(
    "delivery",
    metadata,
    Column("reader_id", BigInteger, nullable=False, autoincrement=False),
    Column("on", Boolean, nullable=False),
    Column("email", Text, nullable=False),
    Column("confirmed", UtcTime, nullable=True),
    Column("cadence", String(8), nullable=False),
    Column("weekday", Integer, nullable=False),
    Column("at", String(5), nullable=False),
    Column("sections", Text, nullable=False),
    Column("most", Integer, nullable=False),
    Column("since", UtcTime, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("suspended", UtcTime, nullable=True),
    Column("said", Text, nullable=False),
    PrimaryKeyConstraint("reader_id", name="pk_delivery"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_delivery_reader", ondelete="CASCADE"),
    CheckConstraint("cadence IN ('daily', 'weekly', 'news')", name="ck_delivery_cadence"),
    Index("ix_delivery_email", "email"),
)
"""`at` is `HH:MM`; `sections` are names with blanks between them."""

digest = Table(
    "digest",
    metadata,
    Column("reader_id", BigInteger, nullable=False),
    Column("edition", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("through", Date, nullable=True),
    Column("created", UtcTime, nullable=False),
    Column("state", String(8), nullable=False),
    Column("subject", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("secret", Text, nullable=False),
    PrimaryKeyConstraint("reader_id", "edition", name="pk_digest"),
    UniqueConstraint("secret", name="uq_digest_secret"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_digest_reader", ondelete="CASCADE"),
    CheckConstraint("state IN ('mailed', 'empty')", name="ck_digest_state"),
    Index("ix_digest_day", "reader_id", "day"),
)
"""One for a reader and an edition, whoever makes it. `content` is JSON; `secret` is the SHA-256 of the one in links."""

outlet = Table(
    "outlet",
    metadata,
    Column("id", Id, nullable=False),
    Column("reader_id", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("sections", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("suspended", UtcTime, nullable=True),
    Column("reached", UtcTime, nullable=True),
    Column("said", Text, nullable=False),
    PrimaryKeyConstraint("id", name="pk_outlet"),
    UniqueConstraint("reader_id", "name", name="uq_outlet_name"),
    ForeignKeyConstraint(["reader_id"], ["reader.id"], name="fk_outlet_reader", ondelete="CASCADE"),
    CheckConstraint("kind IN ('webhook', 'service')", name="ck_outlet_kind"),
)
"""`secret` is kept as it is, as what is sent is signed with it; `sections` are names with blanks between them."""

dispatch = Table(
    "dispatch",
    metadata,
    Column("id", Id, nullable=False),
    Column("outlet_id", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created", UtcTime, nullable=False),
    Column("due", UtcTime, nullable=False),
    Column("state", String(10), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("said", Text, nullable=False),
    Column("ended", UtcTime, nullable=True),
    Column("lease", UtcTime, nullable=True),
    PrimaryKeyConstraint("id", name="pk_dispatch"),
    UniqueConstraint("outlet_id", "key", name="uq_dispatch_key"),
    ForeignKeyConstraint(["outlet_id"], ["outlet.id"], name="fk_dispatch_outlet", ondelete="CASCADE"),
    CheckConstraint("state IN ('queued', 'handing', 'sent', 'uncertain', 'failed')", name="ck_dispatch_state"),
    Index("ix_dispatch_due", "state", "due"),
)
"""What goes to outlets. `body` is JSON, and emptied once it has ended."""
