"""Where each message has landed, read from the bot's own database, which is never written here."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, create_engine, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import StaticPool

from bot.delivery.files import NEEDLESS
from bot.sandbox.board import Copy, Key, Way
from bot.store.tables import Inbox, Message, Outbox

_NEWEST = 5000
"""Rows that are looked at, the newest: more than a page can show."""


class Ledger:
    """The bot's database, opened read-only. `rooms`: each room's key by its id in the database."""

    def __init__(self, file: Path, rooms: Mapping[str, str]) -> None:
        self._address = f"{file.resolve().as_uri()}?mode=ro"
        self._rooms = rooms
        self._engine = create_engine(
            "sqlite://", creator=self._open, poolclass=StaticPool, hide_parameters=True
        )
        self._version: object = None
        self._in_hand = threading.Lock()
        """Held while the connection is used: a look goes on when nobody awaits it any more."""

    async def landed(self) -> Mapping[Key, Way] | None:
        """What is known of every message, None where nothing changed since the last look."""
        return await asyncio.to_thread(self._look)

    def close(self) -> None:
        """Let go of the file, after a look that is under way."""
        with self._in_hand:
            self._engine.dispose()

    def _open(self) -> sqlite3.Connection:
        # One thread at a time, though not always the same one.
        return sqlite3.connect(self._address, uri=True, check_same_thread=False)

    def _look(self) -> Mapping[Key, Way] | None:
        try:
            with self._in_hand, self._engine.connect() as connection:
                # Changes when another connection has committed:
                # https://www.sqlite.org/pragma.html#pragma_data_version
                version = connection.exec_driver_sql("PRAGMA data_version").scalar()
                if version == self._version:
                    return None
                ways = self._read(connection)
                self._version = version
                return ways
        except OperationalError:  # busy, or a migration is under way: the next look will do
            return None

    def _read(self, connection: Connection) -> Mapping[Key, Way]:
        origins: dict[int, Key] = {}
        copies: dict[int, list[Copy]] = defaultdict(list)
        ways: dict[Key, Way] = {}
        for room, message in connection.execute(_SEEN):
            if room in self._rooms:
                ways[Key(self._rooms[room], message)] = Way(seen=True)
        for number, room, message in connection.execute(_SAID):
            if room in self._rooms:
                origins[number] = Key(self._rooms[room], message)
        for delivery, room, source, state, landed, reason in connection.execute(_SENT):
            there = self._rooms.get(room, room)
            if source in origins:
                copies[source].append(Copy(delivery, there, state, landed, reason))
            if landed is not None:
                ways[Key(there, landed)] = Way(True, origins.get(source or 0), delivery)
        for number, key in origins.items():
            ways[key] = Way(seen=True, copies=tuple(reversed(copies[number])))
        return ways


_SEEN = (
    select(Inbox.room, Inbox.message)
    .where(Inbox.kind == "message")
    .order_by(Inbox.seq.desc())
    .limit(_NEWEST)
)
_SAID = select(Message.id, Message.room, Message.message).order_by(Message.id.desc()).limit(_NEWEST)
_SENT = (
    select(Outbox.id, Outbox.room, Outbox.source, Outbox.state, Outbox.landed, Outbox.reason)
    .where(
        Outbox.kind.in_(("post", "share", "answer")),  # the others land on what is there
        Outbox.reason.is_distinct_from(NEEDLESS),  # a file came in place of its line
    )
    .order_by(Outbox.seq.desc())
    .limit(_NEWEST)
)
