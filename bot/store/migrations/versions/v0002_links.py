"""What edits, deletions, reactions and parts hang on."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0002"
down_revision = "0001"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("message", sa.Column("known", sa.Text(), nullable=False, server_default="said"))
    op.add_column("message", sa.Column("version", sa.Text(), nullable=True))
    op.add_column("message", sa.Column("deleted", bot.store.columns.Instant(), nullable=True))
    op.create_table(
        "reaction",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("message", _NUMBER, nullable=False),
        sa.Column("room", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("emoji", sa.Text(), nullable=False),
        sa.Column("reaction", sa.Text(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("said", bot.store.columns.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["message"], ["message.id"], name=op.f("fk_reaction_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reaction")),
        sa.UniqueConstraint(
            "message", "room", "person", "emoji", "reaction",
            name=op.f("uq_reaction_message_room_person_emoji_reaction"),
        ),
    )  # fmt: skip
    _partial("ix_reaction_own", "reaction", ["room", "reaction"], "reaction <> ''")
    op.create_index("ix_reaction_said", "reaction", ["said"])
    op.add_column("outbox", sa.Column("kind", sa.Text(), nullable=False, server_default="post"))
    op.add_column("outbox", sa.Column("part", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("emoji", sa.Text(), nullable=True))
    op.add_column("outbox", sa.Column("gone", bot.store.columns.Instant(), nullable=True))
    # One statement that both databases know; Alembic would copy the whole table on SQLite.
    number = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE outbox ADD COLUMN about {number} "
        "CONSTRAINT fk_outbox_about REFERENCES message (id)"
    )
    _partial("ix_outbox_about", "outbox", ["about"], "about IS NOT NULL")
    _partial("ix_outbox_thread", "outbox", ["thread"], "thread IS NOT NULL")
    _partial("ix_outbox_topic", "outbox", ["room", "seq"], "kind = 'topic'")


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(
        name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )
