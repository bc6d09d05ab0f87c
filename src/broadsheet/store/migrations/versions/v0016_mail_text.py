"""What mails say, packed and apart from their rows."""

import zlib

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_AT_ONCE = 100
_PARTS = ("text", "html")

_packed = sa.table("mail_text", sa.column("mail_id"), *(sa.column(name, sa.LargeBinary) for name in _PARTS))
_plain = sa.table("mail", sa.column("id"), sa.column("state"), *(sa.column(name, sa.Text) for name in _PARTS))


def upgrade() -> None:
    """Pack the texts of mails that are still to be sent."""
    op.create_table(
        "mail_text",
        sa.Column("mail_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("html", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("mail_id", name="pk_mail_text"),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name="fk_mail_text_mail", ondelete="CASCADE"),
    )
    conn, last = op.get_bind(), 0
    query = sa.select(_plain.c.id, *(_plain.c[name] for name in _PARTS)).order_by(_plain.c.id).limit(_AT_ONCE)
    waiting = query.where(_plain.c.state.in_(("queued", "handing")))
    while rows := conn.execute(waiting.where(_plain.c.id > last)).all():
        for mail_id, *parts in rows:
            packed = {name: zlib.compress(part.encode()) for name, part in zip(_PARTS, parts, strict=True)}
            conn.execute(_packed.insert().values(mail_id=mail_id, **packed))
            last = mail_id
    for name in _PARTS:
        op.drop_column("mail", name)


def downgrade() -> None:
    """Unpack them."""
    conn = op.get_bind()
    for name in _PARTS:
        op.add_column("mail", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for mail_id, *parts in conn.execute(sa.select(_packed)).all():
        plain = {name: zlib.decompress(part).decode() for name, part in zip(_PARTS, parts, strict=True)}
        conn.execute(_plain.update().where(_plain.c.id == mail_id).values(**plain))
    op.drop_table("mail_text")
