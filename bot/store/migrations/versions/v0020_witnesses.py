"""Signatures and time-stamps of heads."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "witness",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", bot.store.columns.Instant(), nullable=False),
        *(
            sa.Column(name, sa.LargeBinary(), nullable=True)
            for name in ("key", "signature", "stamp")
        ),
        sa.Column("stamped", bot.store.columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("series", "entry", name=op.f("pk_witness")),
    )
