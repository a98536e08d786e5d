"""What waits for somebody's word: written down under a handle that people type.

A release that needs a second person, a team's wish to have more, the answers of those who are to
delete their copies, a second step, a message that is to be fetched anew. Never a word of a text.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bot.events import PersonId
from bot.sharing.teams import TeamKey
from bot.store import prepared
from bot.store.tables import Request

LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
"""Nothing that is read as another."""
_LENGTH = 5
_Wanted = TypeVar("_Wanted")


class Kind(StrEnum):
    """What is waited for."""

    STEP = "step"
    """That somebody confirms what they asked for."""
    FETCH = "fetch"
    """That a message is fetched anew."""
    RELEASE = "release"
    """Another person of the originator's team."""
    WISH = "wish"
    """The originator's answer to a team that wants to have more."""
    RECALL = "recall"
    """That teams delete their own copies."""


_PREFIX = {Kind.RELEASE: "r", Kind.WISH: "w", Kind.RECALL: "c"}
"""Before the handles that people type."""
OPEN = "open"
DONE = "done"
REFUSED = "refused"
OVER = "over"
"""Nobody said anything in time, or something else took its place."""


class Said(msgspec.Struct, frozen=True):
    """Who gave their word, for which team, and when."""

    person: PersonId
    team: TeamKey | None
    at: datetime


_said = msgspec.json.Decoder(list[Said]).decode
_encode = msgspec.json.Encoder().encode


def ask(
    session: Session,
    kind: Kind,
    about: str,
    by: PersonId,
    team: TeamKey | None,
    wanted: object,
    now: datetime,
    handle: str = "",
) -> Request:
    """Write down that something is waited for; without a `handle` it gets one of its own."""
    row = Request(
        handle=handle or _free_handle(session, kind), kind=kind, object=about, by=by, team=team,
        wanted=_encode(wanted).decode(), answers="[]", state=OPEN, created=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def waiting(session: Session, kind: Kind, about: str | None = None) -> Sequence[Request]:
    """All that is still waited for, of a kind and perhaps about one object; the oldest first."""
    if about is None:
        return session.execute(_WAITING, {"kind": kind}).scalars().all()
    if prepared.ask(session, _IS_ANY, {"kind": kind, "about": about}).first() is None:
        return ()
    return session.execute(_WAITING_ABOUT, {"kind": kind, "about": about}).scalars().all()


def newest(session: Session, kind: Kind, about: str) -> Request | None:
    """The last one about an object, whatever became of it."""
    where = (Request.kind == kind, Request.object == about)
    found = select(Request).where(*where).order_by(Request.id.desc()).limit(1)
    return session.execute(found).scalar_one_or_none()


def by_handle(session: Session, handle: str) -> Request | None:
    """What has this handle, as somebody typed it."""
    found = select(Request).where(Request.handle == handle.strip().lower())
    return session.execute(found).scalar_one_or_none()


def wanted(row: Request, form: type[_Wanted]) -> _Wanted:
    """What is asked for, in the form in which it was written."""
    return msgspec.json.decode(row.wanted, type=form)


def said(row: Request) -> list[Said]:
    """Who has given their word."""
    return _said(row.answers)


def note(row: Request, word: Said) -> None:
    """Somebody gave their word."""
    row.answers = _encode([*said(row), word]).decode()


def close(row: Request, state: str, now: datetime) -> None:
    """It is not waited for any more."""
    row.state, row.closed = state, now


def _free_handle(session: Session, kind: Kind) -> str:
    prefix = _PREFIX.get(kind, "x")
    while True:
        letters = (secrets.choice(LETTERS) for _ in range(_LENGTH))
        handle = f"{prefix}-{''.join(letters)}"
        found = select(Request.id).where(Request.handle == handle)
        if session.execute(found).first() is None:
            return handle


_WAITING = (
    select(Request)
    .where(Request.kind == bindparam("kind"), Request.state == OPEN)
    .order_by(Request.id)
)
_WAITING_ABOUT = _WAITING.where(Request.object == bindparam("about"))
_IS_ANY = (
    select(Request.id)
    .where(
        Request.kind == bindparam("kind"),
        Request.object == bindparam("about"),
        Request.state == OPEN,
    )
    .limit(1)
)
"""Asked at every edit, of which hardly any has somebody's word waiting."""
