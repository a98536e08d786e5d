"""When the versions of an object came, by their markings; what its source's defaults changed."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0026"
down_revision = "0024"


def upgrade() -> None:
    past = sa.Column("past", sa.Text(), server_default=sa.text("''"), nullable=False)
    op.add_column("indicator_object", past)
    moment = bot.store.columns.Instant()
    op.add_column("indicator_object", sa.Column("amended", moment, nullable=True))
    changed = sa.text("amended IS NOT NULL")
    op.create_index(
        "ix_indicator_object_amended",
        "indicator_object",
        ["amended"],
        sqlite_where=changed,
        postgresql_where=changed,
    )
    # How earlier versions were marked is not known: they count for nobody.
    op.execute("UPDATE indicator_object SET first = said WHERE first < said")
