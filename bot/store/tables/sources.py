"""The tables of what others warn of: items of feeds, what was told of them, who wants to hear."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.columns import Listed, Numbered
from bot.store.tables.base import Base


class SourceItem(Base):
    """What a feed has at a place, as it was read last."""

    __tablename__ = "source_item"

    id: Mapped[Numbered]
    feed: Mapped[str]
    place: Mapped[str]
    identity: Mapped[str]
    item: Mapped[str]
    """JSON of `bot.advisories.sources.item.Item`; compact, once it was told."""
    before: Mapped[str | None]
    """JSON of what it was, of a revision that is not told yet."""
    refused: Mapped[str | None]
    """A code of `bot.advisories.sources.refusals`: nothing of it is told."""
    state: Mapped[str]
    story: Mapped[str | None] = mapped_column(ForeignKey("story.ref"))
    """What was made of it alone."""
    seen: Mapped[datetime]
    gone: Mapped[datetime | None]
    """Since when the feed has it no more."""

    __table_args__ = (
        UniqueConstraint("feed", "place"),
        Index("ix_source_item_gone", "gone"),
        Index("ix_source_item_state", "state", "feed"),
        Index("ix_source_item_identity", "identity"),
    )


class SourceName(Base):
    """A CVE that an item is about."""

    __tablename__ = "source_name"

    id: Mapped[Numbered]
    name: Mapped[str]
    item: Mapped[int] = mapped_column(ForeignKey("source_item.id"))

    __table_args__ = (Index("ix_source_name_name", "name"), Index("ix_source_name_item", "item"))


class Story(Base):
    """What was made of items: a draft, a post, a list of many, a word to a team of what it runs."""

    __tablename__ = "story"

    ref: Mapped[str] = mapped_column(ForeignKey("reference.handle"), primary_key=True)
    kind: Mapped[str]
    feed: Mapped[str]
    team: Mapped[str | None]
    """The team that alone was told."""
    channels: Mapped[Listed]
    """JSON of the channels it was for."""
    marked: Mapped[str]
    """JSON of how it is marked."""
    at: Mapped[datetime]

    __table_args__ = (Index("ix_story_feed", "feed", "at"),)


class StoryName(Base):
    """What a story is about: identities and CVEs."""

    __tablename__ = "story_name"

    id: Mapped[Numbered]
    name: Mapped[str]
    ref: Mapped[str] = mapped_column(ForeignKey("story.ref"))

    __table_args__ = (Index("ix_story_name_name", "name"),)


class Subscription(Base):
    """That somebody, or a team in its own room, wants to hear of advisories."""

    __tablename__ = "subscription"

    id: Mapped[Numbered]
    person: Mapped[str]
    team: Mapped[str | None]
    """Of that person, at that time."""
    whole_team: Mapped[bool]
    wanted: Mapped[str]
    """JSON of what."""
    place: Mapped[str]
    """JSON of where they are told."""
    since: Mapped[datetime]

    __table_args__ = (Index("ix_subscription_person", "person"),)
