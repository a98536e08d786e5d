"""Pages in the store: begun, found, waiting for a team."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.custody.consent import LETTERS
from bot.custody.effective import Marked, marked_of, stored_marked
from bot.events import DeliveryId, PersonId, RoomId
from bot.schedules.kinds import Place
from bot.sharing.teams import TeamKey
from bot.store.tables.paging import Alert, Drill, Page, Shift
from bot.times.working import Severity

WAITS = timedelta(days=7)
"""How long a page that nobody has answered is still to do."""
_LENGTH = 5


class Rung(NamedTuple):
    """Somebody who was spoken to, where, and by which delivery."""

    person: PersonId
    room: RoomId
    delivery: DeliveryId


_rang = msgspec.json.Decoder(list[Rung]).decode
_place = msgspec.json.Decoder(Place).decode


@dataclass(frozen=True, slots=True)
class Call:
    """Who is called, how urgently, and by whom. `number`: what alerts call it, where it is about
    something that has a name of its own (`about`: its handle).
    """

    team: TeamKey
    severity: Severity
    by: PersonId | str
    by_team: TeamKey | None = None
    place: Place | None = None
    text: str | None = None
    marked: Marked | None = None
    about: str | None = None
    number: str | None = None
    drill: str | None = None
    link: str | None = None


def begin(session: Session, call: Call, now: datetime) -> Page:
    """Write a page down; nothing rings yet."""
    ref = _free(session, "g" if call.drill is None else "ex")
    row = Page(
        ref=ref, number=call.number or ref, about=call.about, drill=call.drill, team=call.team,
        severity=call.severity, text=call.text,
        marked=None if call.marked is None else stored_marked(call.marked), by=call.by,
        by_team=call.by_team, link=call.link, created=now, rung=0, rang="[]", told="[]",
        place=None if call.place is None else msgspec.json.encode(call.place).decode(),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def begin_drill(
    session: Session, channel: str, by: PersonId, by_team: TeamKey | None, place: Place | None,
    now: datetime, *, announced: bool,
) -> Drill:  # fmt: skip
    """Write an exercise down."""
    written = None if place is None else msgspec.json.encode(place).decode()
    row = Drill(
        ref=_free(session, "drill"), channel=channel, announced=announced, by=by,
        by_team=by_team, place=written, created=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def find(session: Session, typed: str) -> Page | None:
    """The page that has this handle."""
    return session.get(Page, typed.strip().lower())


def find_drill(session: Session, typed: str) -> Drill | None:
    """The exercise that has this handle."""
    return session.get(Drill, typed.strip().lower())


def pages_of(session: Session, drill: str) -> Sequence[Page]:
    """The pages of an exercise, a team each."""
    found = select(Page).where(Page.drill == drill).order_by(Page.team)
    return session.execute(found).scalars().all()


def about(session: Session, handle: str, team: TeamKey) -> Sequence[Page]:
    """The pages that call a team because of something, and that it has not answered."""
    where = (Page.about == handle, Page.team == team, Page.acknowledged.is_(None))
    return session.execute(select(Page).where(*where)).scalars().all()


def waiting(
    session: Session, team: TeamKey, now: datetime, *, exercises: bool = False
) -> Sequence[Page]:
    """The pages that wait for a team's answer, the oldest first: what `todo` shows of them."""
    where = [Page.team == team, Page.acknowledged.is_(None), Page.created > now - WAITS]
    if not exercises:
        where.append(Page.drill.is_(None))
    found = select(Page).where(*where).order_by(Page.created, Page.ref)
    return session.execute(found).scalars().all()


def lately_of(session: Session, team: TeamKey, now: datetime) -> Sequence[Page]:
    """The pages of a team that may still be spoken of, answered or not, exercises too."""
    where = (Page.team == team, Page.created > now - WAITS)
    return session.execute(select(Page).where(*where)).scalars().all()


def forget(session: Session, texts: datetime, all_of_it: datetime) -> None:
    """Forget the texts of pages that are older than the one moment, and what else is older than
    the other.
    """
    session.execute(update(Page).where(Page.created < texts).values(text=None))
    old = select(Page.ref).where(Page.created < all_of_it)
    session.execute(delete(Alert).where(Alert.page.in_(old)))
    session.execute(delete(Page).where(Page.created < all_of_it))
    session.execute(delete(Drill).where(Drill.created < all_of_it))
    session.execute(delete(Shift).where(Shift.until < all_of_it))


def lately(session: Session, by: str, since: datetime) -> int:
    """How many pages a person has sent since then."""
    where = (Page.by == by, Page.created > since, Page.drill.is_(None), Page.about.is_(None))
    return session.execute(select(func.count()).select_from(Page).where(*where)).scalar_one()


def rang(page: Page) -> list[Rung]:
    """Who was spoken to so far."""
    return _rang(page.rang)


def marked(page: Page) -> Marked | None:
    """How its text is marked."""
    return None if page.marked is None else marked_of(page.marked)


def place_of(row: Page | Drill) -> Place | None:
    """Where its author is told."""
    return None if row.place is None else _place(row.place)


def _free(session: Session, prefix: str) -> str:
    table = Drill if prefix == "drill" else Page
    while True:
        ref = f"{prefix}-{''.join(secrets.choice(LETTERS) for _ in range(_LENGTH))}"
        if session.get(table, ref) is None:
            return ref
