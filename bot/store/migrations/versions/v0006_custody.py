"""What a message merely speaks of, beside the label that it bears."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("message", sa.Column("spoken", sa.Text(), nullable=True))
    # So far the default of the time was weighed in: such a message keeps that marking, and its
    # author may mark it down as far as before.
    op.execute("UPDATE message SET spoken = label, label = floor, floor = NULL "
               "WHERE floor IS NOT NULL")  # fmt: skip
