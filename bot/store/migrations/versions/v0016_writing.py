"""What somebody is writing and has not finished."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "writing",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("touched", bot.store.columns.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_writing")),
    )
