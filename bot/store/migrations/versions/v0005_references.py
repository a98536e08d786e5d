"""What people call things by: handles, and numbers of series."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "reference",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("handle", "kind", "series")),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("year", "number")),
        sa.Column("created", bot.store.columns.Instant(), nullable=False),
        sa.Column("numbered", bot.store.columns.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("handle", name=op.f("pk_reference")),
        sa.UniqueConstraint(
            "series", "year", "number", name=op.f("uq_reference_series_year_number")
        ),
    )
