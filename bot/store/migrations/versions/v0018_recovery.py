"""What a restored store has found out."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "recovery",
        sa.Column("id", number, autoincrement=True, nullable=False),
        _instant("copied"),
        _instant("restored"),
        *(_instant(name, nullable=True) for name in ("begun", "read", "asked")),
        sa.Column("by", sa.Text(), nullable=True),
        _instant("ended", nullable=True),
        *(
            sa.Column(name, sa.Integer(), nullable=False, server_default="0")
            for name in ("commands", "dropped")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery")),
    )
    op.create_table(
        "found",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("delivery", "room", "message")),
        _instant("said"),
        sa.Column("numbers", sa.Text(), nullable=False, server_default="[]"),
        sa.Column("head", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("delivery", name=op.f("pk_found")),
    )


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, bot.store.columns.Instant(), nullable=nullable)
