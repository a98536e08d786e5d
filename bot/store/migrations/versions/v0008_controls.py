"""What can be pressed on the bot's own messages."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "control",
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("emoji", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("once", sa.Boolean(), nullable=False),
        sa.Column("until", bot.store.columns.Instant(), nullable=True),
        sa.Column("used", bot.store.columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("delivery", "emoji", name=op.f("pk_control")),
    )
    only = sa.text("person IS NOT NULL")
    op.create_index(
        "ix_control_person", "control", ["person"], sqlite_where=only, postgresql_where=only
    )
