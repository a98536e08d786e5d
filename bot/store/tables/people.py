"""Accounts of one person on several networks."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.columns import Numbered
from bot.store.tables.base import Base, only


class LinkedAccount(Base):
    """One account of a human who has several, and for how long it was one of theirs.

    A row stays when it has ended: who was who at a moment can be told later.
    """

    __tablename__ = "linked_account"

    id: Mapped[Numbered]
    person: Mapped[str]
    name: Mapped[str]
    """What they were called there when it was linked."""
    human: Mapped[str]
    """Ours, random: the same for all accounts of one human."""
    since: Mapped[datetime]
    until: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_linked_account_person", "person", unique=True, **only("until IS NULL")),
        Index("ix_linked_account_human", "human"),
    )


class LinkCode(Base):
    """A person who asked for a code to link their accounts by, or who typed one; a row a person.

    `code` is its hash, gone when somebody has typed it: then `claimant` is who did, and both have
    until `expires` to say yes, the claimant (`agreed`) first.
    """

    __tablename__ = "link_code"

    person: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    place: Mapped[str]
    """Where they can be told something: JSON of `bot.bridge.linking.Place`."""
    code: Mapped[str | None]
    expires: Mapped[datetime | None]
    claimant: Mapped[str | None]
    claimant_name: Mapped[str | None]
    claimant_place: Mapped[str | None]
    agreed: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    """Codes that the person typed and that there are not, since `tried`."""
    tried: Mapped[datetime | None]

    __table_args__ = (Index("ix_link_code_code", "code", unique=True, **only("code IS NOT NULL")),)
