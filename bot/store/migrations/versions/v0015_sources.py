"""Items of feeds of advisories, what was told of them, and who wants to hear."""

import sqlalchemy as sa
from alembic import op

import bot.store.columns

revision = "0015"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "story",
        *_texts("ref", "kind", "feed"),
        _text("team"),
        sa.Column("channels", sa.Text(), nullable=False, server_default="[]"),
        *_texts("marked"),
        _instant("at"),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_story")),
        sa.ForeignKeyConstraint(["ref"], ["reference.handle"], name=op.f("fk_story_ref")),
    )
    op.create_index("ix_story_feed", "story", ["feed", "at"])
    op.create_table(
        "story_name",
        _id(),
        *_texts("name", "ref"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_name")),
        sa.ForeignKeyConstraint(["ref"], ["story.ref"], name=op.f("fk_story_name_ref")),
    )
    op.create_index("ix_story_name_name", "story_name", ["name"])
    op.create_table(
        "source_item",
        _id(),
        *_texts("feed", "place", "identity", "item"),
        _text("before"),
        _text("refused"),
        *_texts("state"),
        _text("story"),
        _instant("seen"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_item")),
        sa.ForeignKeyConstraint(["story"], ["story.ref"], name=op.f("fk_source_item_story")),
        sa.UniqueConstraint("feed", "place", name=op.f("uq_source_item_feed_place")),
    )
    op.create_index("ix_source_item_state", "source_item", ["state", "feed"])
    op.create_index("ix_source_item_identity", "source_item", ["identity"])
    op.create_table(
        "source_name",
        _id(),
        *_texts("name"),
        _number("item"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_name")),
        sa.ForeignKeyConstraint(["item"], ["source_item.id"], name=op.f("fk_source_name_item")),
    )
    op.create_index("ix_source_name_name", "source_name", ["name"])
    op.create_index("ix_source_name_item", "source_name", ["item"])
    op.create_table(
        "subscription",
        _id(),
        *_texts("person"),
        _text("team"),
        sa.Column("whole_team", sa.Boolean(), nullable=False),
        *_texts("wanted", "place"),
        _instant("since"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    op.create_index("ix_subscription_person", "subscription", ["person"])


def _id() -> sa.Column[int]:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column("id", number, autoincrement=True, nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=False) for name in names]


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=True)


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, bot.store.columns.Instant(), nullable=False)
