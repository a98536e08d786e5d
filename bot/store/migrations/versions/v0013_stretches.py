"""Stretches of files that were taken in whole."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "indicator_stretch",
        sa.Column("source", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("objects", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "digest", name=op.f("pk_indicator_stretch")),
        sqlite_with_rowid=False,
    )
