"""What is being brought into rooms: a job for each room that asked for what was said before."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from bot.events import AccountId, RoomId, account_of
from bot.store.tables import Memory

MOST = 5_000
"""Messages of one room that are brought over at most."""


class Job(msgspec.Struct, frozen=True):
    """What is to be brought into a room: what was said from `since` (None: whenever) until
    `until`, the newest `most` messages of it.
    """

    channel: str
    since: datetime | None
    until: datetime
    most: int
    brought: int = 0
    unread: tuple[RoomId, ...] = ()
    """Rooms that refused to be read."""
    chosen: bool = False
    """`since` is where the newest `most` messages of all rooms together begin."""


def job_in(session: Session, room: RoomId) -> Job | None:
    """What is being brought into a room."""
    row = session.get(Memory, key_of(room))
    return None if row is None or not row.value else _decode(row.value)


def put_job(session: Session, room: RoomId, job: Job | None) -> None:
    """Begin, change or (None) end what is brought into a room."""
    account, key = key_of(room)
    value = "" if job is None else msgspec.json.encode(job).decode()
    session.merge(Memory(account=account, key=key, value=value))


def key_of(room: RoomId) -> tuple[AccountId, str]:
    """Where a room's job stands in `bot.store.tables.Memory`."""
    return account_of(room), f"backfill of {room}"


_decode = msgspec.json.Decoder(Job).decode
