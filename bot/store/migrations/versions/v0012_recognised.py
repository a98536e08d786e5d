"""What was recognised in passing."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "recognised",
        sa.Column("message", bot.store.columns.Sequence, autoincrement=False, nullable=False),
        sa.Column("at", bot.store.columns.Instant(), nullable=False),
        sa.Column("values", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message"],
            ["message.id"],
            name=op.f("fk_recognised_message_message"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("message", name=op.f("pk_recognised")),
    )
