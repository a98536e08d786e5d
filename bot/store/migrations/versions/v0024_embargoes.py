"""Embargoes that outlast an edit, advisories taken back; since when a feed has an item no more."""

import json

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    moment = bot.store.columns.Instant()
    op.add_column("advisory", sa.Column("embargo", moment, nullable=True))
    op.add_column("advisory", sa.Column("taken_back", moment, nullable=True))
    op.add_column("source_item", sa.Column("gone", moment, nullable=True))
    op.create_index("ix_source_item_gone", "source_item", ["gone"])
    _keep_embargoes()


def _keep_embargoes() -> None:
    """What several teams stand for and is scheduled was under embargo before, too."""
    connection = op.get_bind()
    scheduled = sa.text("SELECT ref, team, sealing FROM advisory WHERE state = 'scheduled'")
    for ref, team, sealing in connection.execute(scheduled).all():
        if len({*json.loads(sealing), *([] if team is None else [team])}) > 1:
            kept = sa.text("UPDATE advisory SET embargo = at WHERE ref = :ref")
            connection.execute(kept, {"ref": ref})
