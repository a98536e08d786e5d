"""The first tables."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("received", bot.store.columns.Instant(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_inbox")),
        sa.UniqueConstraint(
            "room", "kind", "message", "version", name=op.f("uq_inbox_room_kind_message_version")
        ),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_inbox_pending",
            ["seq"],
            unique=False,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.create_index("ix_inbox_received", ["received"], unique=False)

    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", bot.store.columns.Instant(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "mark",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_mark")),
    )
    op.create_table(
        "memory",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account", "key", name=op.f("pk_memory")),
    )
    op.create_table(
        "message",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("said", bot.store.columns.Instant(), nullable=False),
        sa.Column("received", bot.store.columns.Instant(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("room", "message", name=op.f("uq_message_room_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index("ix_message_received", ["received"], unique=False)

    op.create_table(
        "outbox",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("source", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("thread", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created", bot.store.columns.Instant(), nullable=False),
        sa.Column("not_before", bot.store.columns.Instant(), nullable=True),
        sa.Column("expires", bot.store.columns.Instant(), nullable=True),
        sa.Column("tried", bot.store.columns.Instant(), nullable=True),
        sa.Column("via", sa.Text(), nullable=True),
        sa.Column("sent", bot.store.columns.Instant(), nullable=True),
        sa.Column("finished", bot.store.columns.Instant(), nullable=True),
        sa.Column("landed", sa.Text(), nullable=True),
        sa.Column("told", bot.store.columns.Instant(), nullable=True),
        sa.ForeignKeyConstraint(["thread"], ["message.id"], name=op.f("fk_outbox_thread")),
        sa.ForeignKeyConstraint(["source"], ["message.id"], name=op.f("fk_outbox_source")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_dead",
            ["seq"],
            unique=False,
            sqlite_where=sa.text("state = 'dead'"),
            postgresql_where=sa.text("state = 'dead'"),
        )
        batch_op.create_index(
            "ix_outbox_finished",
            ["finished"],
            unique=False,
            sqlite_where=sa.text("finished IS NOT NULL"),
            postgresql_where=sa.text("finished IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_outbox_lane",
            ["lane", "seq"],
            unique=False,
            sqlite_where=sa.text("state IN ('waiting', 'sending', 'unknown')"),
            postgresql_where=sa.text("state IN ('waiting', 'sending', 'unknown')"),
        )
        batch_op.create_index(
            "ix_outbox_room_finished",
            ["room", "finished"],
            unique=False,
            sqlite_where=sa.text("finished IS NOT NULL"),
            postgresql_where=sa.text("finished IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_outbox_room_landed",
            ["room", "landed"],
            unique=False,
            sqlite_where=sa.text("landed IS NOT NULL"),
            postgresql_where=sa.text("landed IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_outbox_source",
            ["source"],
            unique=False,
            sqlite_where=sa.text("source IS NOT NULL"),
            postgresql_where=sa.text("source IS NOT NULL"),
        )
