"""Reading the configuration again while the bot runs, by SIGHUP or by `liaison reload`.

The command line asks by a row in the store, and the answer stands in the same row. What changed is
applied by building the house anew on the same store, as at a start: so there is no moment at which
half of the parts hold to the old rules, and nothing that was taken in or waits is lost.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.delivery import outbox
from bot.errors import ConfigurationError
from bot.events import Outgoing, Post, RoomId
from bot.log import set_up
from bot.platforms.registry import networks
from bot.richtext import say
from bot.running.changes import changes
from bot.store.database import Database
from bot.store.tables import OPEN, Lease, Memory, Outbox
from bot.words import words_for
from config.settings import Settings, load

log = structlog.get_logger()

_WHERE = ("", "reload")


class Asked(msgspec.Struct):
    """A request to reload, and its answer: `status` None until there is one."""

    id: str
    status: int | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reload:
    """Other settings that are to hold, what differs, and whose request it was ("": a signal's)."""

    settings: Settings
    lines: tuple[str, ...]
    asked: str = ""


def ask(session: Session) -> str:
    """Ask the bot that runs to reload; the request's id."""
    asked = Asked(secrets.token_hex(8))
    _keep(session, asked)
    return asked.id


def is_running(session: Session, now: datetime) -> bool:
    """Whether a bot runs on the store, as far as its leases tell."""
    return session.execute(select(Lease.name).where(Lease.until > now).limit(1)).first() is not None


def answer_to(session: Session, key: str) -> Asked | None:
    """The answer to a request, None while there is none."""
    found = _asked(session)
    return found if found is not None and found.id == key and found.status is not None else None


def answer(session: Session, key: str, status: int, lines: Collection[str]) -> None:
    """Answer a request, if it is still the one that is asked."""
    found = _asked(session)
    if found is not None and found.id == key:
        _keep(session, Asked(key, status, tuple(lines)))


def request_of(session: Session) -> str | None:
    """The request that waits for an answer."""
    found = _asked(session)
    return found.id if found is not None and found.status is None else None


async def read_anew(settings: Settings, database: Database, asked: str = "") -> Reload | None:
    """Read the file of the settings that hold; None where nothing follows, which is answered then.

    A broken file changes nothing, and is told mistake by mistake.
    """
    try:
        found = await asyncio.to_thread(load, settings.path, networks(), os.environ)
    except ConfigurationError as error:
        log.error("reload.refused", mistakes=len(error.mistakes))  # noqa: TRY400  the words say it all
        await _refuse(database, asked, 2, error.mistakes)
        return None
    words = words_for(found.liaison.language)
    counts = await database.read(_waiting)

    def waiting(rooms: Collection[RoomId]) -> int:
        return sum(counts.get(room, 0) for room in rooms)

    lines = changes(settings, found, waiting, words)
    if not lines:
        await _refuse(database, asked, 0, [words("Nothing has changed.")])
        return None
    set_up(found.liaison.log)
    log.info("reload.begun", changes=len(lines))
    store = found.store.model_copy(update={"url": settings.store.url})
    return Reload(replace(found, store=store, web=settings.web), tuple(lines), asked)


def tell(session: Session, reload: Reload, refused: Collection[str], now: datetime) -> set[str]:
    """The other settings hold: answer, and tell the admin rooms; the lanes to wake. `refused`:
    what accounts that were refused need.
    """
    settings = reload.settings
    if reload.asked:
        answer(session, reload.asked, 1 if refused else 0, [*reload.lines, *refused])
    head = words_for(settings.liaison.language)("The configuration was read again.")
    text = "\n".join([head, *(f"• {line}" for line in reload.lines)])
    admins = settings.liaison.admin_rooms
    return outbox.put(session, [Outgoing(room, Post(say(text))) for room in admins], now)


async def _refuse(database: Database, asked: str, status: int, lines: Collection[str]) -> None:
    if asked:
        await database.run(lambda session: answer(session, asked, status, lines))
        return
    for line in lines:
        print(line if status else f"liaison: {line}", file=sys.stderr)  # noqa: T201  for the administrator


def _waiting(session: Session) -> dict[RoomId, int]:
    counted = select(Outbox.room, func.count()).where(Outbox.state.in_(OPEN))
    return {RoomId(room): n for room, n in session.execute(counted.group_by(Outbox.room))}


def _asked(session: Session) -> Asked | None:
    row = session.get(Memory, _WHERE)
    return None if row is None else msgspec.json.decode(row.value, type=Asked)


def _keep(session: Session, asked: Asked) -> None:
    account, key = _WHERE
    value = msgspec.json.encode(asked).decode()
    session.merge(Memory(account=account, key=key, value=value))
    session.flush()
