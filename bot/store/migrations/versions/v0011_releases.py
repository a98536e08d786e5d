"""How indicators and decisions were marked before they were released."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("indicator_object", sa.Column("given", sa.Integer(), nullable=True))
    op.add_column("decision", sa.Column("given", sa.Text(), nullable=True))
