"""What happens at a time, and what has."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0007"
down_revision = "0006"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "schedule",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        *(_text(name) for name in ("handle", "kind", "object", "said", "zone")),
        _instant("since"),
        sa.Column("once", sa.Boolean(), nullable=False),
        _text("late"),
        *(_instant(name, nullable=True) for name in ("next", "extra", "due", "paused")),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        _text("reference", nullable=True),
        _text("by"),
        *(_text(name, nullable=True) for name in ("place", "team", "channel", "marking")),
        _instant("created"),
        _instant("ended", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        sa.UniqueConstraint("handle", name=op.f("uq_schedule_handle")),
    )
    _index("ix_schedule_due", "due", "due IS NOT NULL")
    _index("ix_schedule_channel", "channel", "ended IS NULL")
    op.create_index("ix_schedule_object", "schedule", ["object"])
    op.create_table(
        "occurrence",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("schedule", _NUMBER, nullable=False),
        _instant("instant"),
        _text("state"),
        _instant("done"),
        sa.ForeignKeyConstraint(["schedule"], ["schedule.id"], name=op.f("fk_occurrence_schedule")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrence")),
        sa.UniqueConstraint("schedule", "instant", name=op.f("uq_occurrence_schedule_instant")),
    )
    op.create_index("ix_occurrence_done", "occurrence", ["done"])


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, bot.store.columns.Instant(), nullable=nullable)


def _index(name: str, column: str, where: str) -> None:
    only = sa.text(where)
    op.create_index(name, "schedule", [column], sqlite_where=only, postgresql_where=only)
