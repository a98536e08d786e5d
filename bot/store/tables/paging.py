"""The tables of duty and paging: who is on duty, what rings whom, and how far it has climbed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.columns import Listed, Numbered
from bot.store.tables.base import Base, only


class Shift(Base):
    """Somebody is on duty for a team, for a while or until they say otherwise."""

    __tablename__ = "duty_shift"

    id: Mapped[Numbered]
    team: Mapped[str]
    member: Mapped[str]
    """A person in normal form, as the settings write one."""
    name: Mapped[str]
    deputy: Mapped[str | None]
    deputy_name: Mapped[str | None]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    by: Mapped[str]

    __table_args__ = (Index("ix_duty_shift_team", "team", "since"),)


class Rota(Base):
    """A team's people take turns: the next one at each instant."""

    __tablename__ = "duty_rota"

    team: Mapped[str] = mapped_column(primary_key=True)
    said: Mapped[str]
    """When they hand over, as it was typed,"""
    zone: Mapped[str]
    since: Mapped[datetime]
    people: Mapped[str]
    """JSON of [member, name], in the order of their turns; the deputy is the next."""
    by: Mapped[str]


class Page(Base):
    """One team is called: by a person, or because of an advisory; and how far that has climbed."""

    __tablename__ = "page"

    ref: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    """What alerts call it: its own handle, or the number of what it is about."""
    about: Mapped[str | None]
    """The handle of the advisory that it is about."""
    drill: Mapped[str | None]
    """The exercise that it is of."""
    team: Mapped[str]
    severity: Mapped[str]
    text: Mapped[str | None]
    """As long as it may still be told to somebody."""
    marked: Mapped[str | None]
    """JSON of how the text is marked."""
    by: Mapped[str]
    by_team: Mapped[str | None]
    place: Mapped[str | None]
    """JSON of where its author is told (`bot.schedules.kinds.Place`)."""
    link: Mapped[str | None]
    created: Mapped[datetime]
    rung: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many steps of the ladder have been rung."""
    rang: Mapped[Listed]
    """JSON of [person, room]: who was spoken to."""
    post: Mapped[str | None]
    """The delivery that told the team's own room."""
    reached: Mapped[datetime | None]
    """When the first alert was taken by its service."""
    told: Mapped[Listed]
    """JSON of the services that its author has heard to be down."""
    acknowledged: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    ended: Mapped[datetime | None]
    """When it was acknowledged, or nobody was left to ring."""

    __table_args__ = (
        Index("ix_page_team", "team", "created"),
        Index("ix_page_about", "about", **only("about IS NOT NULL")),
        Index("ix_page_drill", "drill", **only("drill IS NOT NULL")),
    )


class Alert(Base):
    """One alert beside chat, of one step of a page: at most one for each service.

    That somebody has it is what its service says. What was being sent when the bot fell over is
    sent again: no service can be asked, and twice is better than never.
    """

    __tablename__ = "page_alert"

    id: Mapped[Numbered]
    page: Mapped[str] = mapped_column(ForeignKey("page.ref"))
    rung: Mapped[int]
    service: Mapped[str]
    """Which of the team's services, by a name that tells nothing of its URL."""
    state: Mapped[str]
    """waiting, sending, sent or failed"""
    reason: Mapped[str | None]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    created: Mapped[datetime]
    finished: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("page", "rung", "service"),
        Index("ix_page_alert_open", "id", **only("state IN ('waiting', 'sending')")),
    )


class Drill(Base):
    """An exercise: every team that it is for has a page of its own."""

    __tablename__ = "drill"

    ref: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str]
    announced: Mapped[bool]
    by: Mapped[str]
    by_team: Mapped[str | None]
    place: Mapped[str | None]
    created: Mapped[datetime]
    reported: Mapped[datetime | None]
