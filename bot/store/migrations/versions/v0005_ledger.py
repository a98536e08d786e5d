"""What people call things by, and the ledger of what was decided."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "reference",
        *_texts("handle", "kind", "series"),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("year", "number")),
        _instant("created"),
        _instant("numbered", nullable=True),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_reference")),
        sa.UniqueConstraint(
            "series", "year", "number", name=op.f("uq_reference_series_year_number")
        ),
    )
    op.create_table(
        "ledger",
        *_texts("series"),
        sa.Column("entry", sa.Integer(), nullable=False),
        *_texts("ref"),
        sa.Column("number", sa.Text(), nullable=True),
        *_texts("kind"),
        _instant("at"),
        *_texts("body"),
        sa.Column("commitment", sa.LargeBinary(), nullable=True),
        sa.Column("salt", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("series", "entry", name=op.f("pk_ledger")),
        sa.ForeignKeyConstraint(["ref"], ["reference.handle"], name=op.f("fk_ledger_ref")),
    )
    op.create_table(
        "heard",
        *_texts("room"),
        _instant("until"),
        _instant("at"),
        sa.PrimaryKeyConstraint("room", name=op.f("pk_heard")),
    )
    op.create_index("ix_ledger_ref", "ledger", ["ref", "entry"])


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, bot.store.columns.Instant(), nullable=nullable)
