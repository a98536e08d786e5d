"""What a device must not forget, as rows: its account, its sessions, what it shared and holds."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import dataclass

import vodozemac

TABLES = """
CREATE TABLE IF NOT EXISTS owner (digest BLOB PRIMARY KEY);
CREATE TABLE IF NOT EXISTS account (
    device TEXT PRIMARY KEY, pickle TEXT NOT NULL, published INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS olm (
    device TEXT, peer TEXT, id TEXT, pickle TEXT NOT NULL, used REAL NOT NULL,
    PRIMARY KEY (device, peer, id));
CREATE TABLE IF NOT EXISTS inbound (
    room TEXT, id TEXT, sender TEXT NOT NULL, peer TEXT NOT NULL, ed25519 TEXT NOT NULL,
    pickle TEXT NOT NULL, PRIMARY KEY (room, id));
CREATE TABLE IF NOT EXISTS shared (
    room TEXT, session TEXT, user TEXT, device TEXT, peer TEXT NOT NULL, at INTEGER NOT NULL,
    said REAL NOT NULL, PRIMARY KEY (room, session, user, device));
CREATE TABLE IF NOT EXISTS room (id TEXT PRIMARY KEY, settings TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pinned (
    user TEXT, device TEXT, ed25519 TEXT NOT NULL, PRIMARY KEY (user, device));
CREATE TABLE IF NOT EXISTS held (
    number INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT UNIQUE, room TEXT NOT NULL,
    session TEXT NOT NULL, sender TEXT NOT NULL, peer TEXT NOT NULL, raw BLOB NOT NULL,
    since REAL NOT NULL, told TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS seen (digest BLOB PRIMARY KEY, at REAL NOT NULL);
"""
_REMEMBERED = 30 * 86_400.0
"""Seconds for which it is known what was seen and who was given a room's key."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """A room's session by which one device's messages are read; `sender` and keys are whose."""

    sender: str
    peer: str
    ed25519: str
    session: vodozemac.InboundGroupSession


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """An event that waits for its key. `told`: "" while nobody was told, "silent" where another
    event of the same gap stands for it, "line" where a line stands for it in the other rooms.
    """

    number: int
    room: str
    session: str
    sender: str
    peer: str
    since: float
    told: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A device that was given a room's session, from a message's index on."""

    room: str
    session: str
    user: str
    device: str
    peer: str
    at: int


class Book:
    """The rows of one device, inside a transaction. Sessions are encrypted with `key`."""

    def __init__(self, connection: sqlite3.Connection, device: str, key: bytes) -> None:
        self.device = device
        self._db = connection
        self._key = key

    # ── our own account ──

    def belongs(self) -> bool:
        """Whether the file is encrypted with our key; an empty one is from now on."""
        digest = hashlib.sha256(b"liaison keys " + self._key).digest()
        found = self._db.execute("SELECT digest FROM owner").fetchone()
        if found is None:
            self._db.execute("INSERT INTO owner VALUES (?)", (digest,))
        return found is None or bytes(found[0]) == digest

    def account(self) -> tuple[vodozemac.Account, bool] | None:
        """The device's account and whether its keys were published; None if there is none.

        Raises `ValueError` where it does not open with our key.
        """
        found = self._db.execute(
            "SELECT pickle, published FROM account WHERE device = ?", (self.device,)
        ).fetchone()
        if found is None:
            return None
        return vodozemac.Account.from_pickle(found[0], self._key), bool(found[1])

    def keep_account(self, account: vodozemac.Account, *, published: bool) -> None:
        """Keep the account as it is now."""
        row = (self.device, account.pickle(self._key), int(published))
        self._db.execute("INSERT OR REPLACE INTO account VALUES (?, ?, ?)", row)

    def forget_account(self) -> None:
        """The account and its sessions are those of a copy: what they have done since would be
        done again with the same keys. What rooms were given to read stays.
        """
        for table in ("account", "olm"):
            self._db.execute(f"DELETE FROM {table} WHERE device = ?", (self.device,))  # noqa: S608

    # ── with one device ──

    def sessions(self, peer: str) -> list[vodozemac.Session]:
        """The sessions with a device (by its Curve25519 key), the one last used first."""
        rows = self._db.execute(
            "SELECT pickle FROM olm WHERE device = ? AND peer = ? ORDER BY used DESC",
            (self.device, peer),
        ).fetchall()
        return [vodozemac.Session.from_pickle(row[0], self._key) for row in rows]

    def keep_session(self, peer: str, session: vodozemac.Session, *, heard: bool) -> None:
        """Keep a session as it is now; `heard`: its other end has used it, so that we do too."""
        where = (self.device, peer, session.session_id)
        known = self._db.execute(
            "SELECT used FROM olm WHERE device = ? AND peer = ? AND id = ?", where
        ).fetchone()
        used = known[0] if known and not heard else time.time()
        row = (*where, session.pickle(self._key), used)
        self._db.execute("INSERT OR REPLACE INTO olm VALUES (?, ?, ?, ?, ?)", row)

    # ── rooms ──

    def inbound(self, room: str, session: str) -> Inbound | None:
        """A room's session, None if it was not given to us."""
        found = self._db.execute(
            "SELECT sender, peer, ed25519, pickle FROM inbound WHERE room = ? AND id = ?",
            (room, session),
        ).fetchone()
        if found is None:
            return None
        opened = vodozemac.InboundGroupSession.from_pickle(found[3], self._key)
        return Inbound(found[0], found[1], found[2], opened)

    def keep_inbound(self, room: str, new: Inbound) -> bool:
        """Keep a room's session, if it is better than what there is of it; whether it is.

        Nobody but its owner can replace one, and none is replaced by one that reads less.
        """
        old = self.inbound(room, new.session.session_id)
        if old is not None and (
            (old.sender, old.peer) != (new.sender, new.peer)
            or old.session.first_known_index <= new.session.first_known_index
        ):
            return False
        pickle = new.session.pickle(self._key)
        row = (room, new.session.session_id, new.sender, new.peer, new.ed25519, pickle)
        self._db.execute("INSERT OR REPLACE INTO inbound VALUES (?, ?, ?, ?, ?, ?)", row)
        return True

    def rooms(self) -> dict[str, str]:
        """The rooms that are encrypted, with their settings as JSON."""
        return dict(self._db.execute("SELECT id, settings FROM room").fetchall())

    def keep_room(self, room: str, settings: str) -> None:
        """A room is encrypted, for ever."""
        self._db.execute("INSERT OR REPLACE INTO room VALUES (?, ?)", (room, settings))

    # ── whom we trust, and gave what ──

    def pin(self, user: str, device: str, ed25519: str) -> bool:
        """Whether a device has the signing key that it had when it was first seen."""
        self._db.execute("INSERT OR IGNORE INTO pinned VALUES (?, ?, ?)", (user, device, ed25519))
        found = self._db.execute(
            "SELECT ed25519 FROM pinned WHERE user = ? AND device = ?", (user, device)
        ).fetchone()
        return bool(found[0] == ed25519)

    def keep_shared(self, shared: Iterable[Recipient]) -> None:
        """Note who was given a session."""
        now = time.time()
        rows = [(r.room, r.session, r.user, r.device, r.peer, r.at, now) for r in shared]
        self._db.executemany("INSERT OR IGNORE INTO shared VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def shared(self, room: str, session: str, user: str, device: str) -> Recipient | None:
        """What a device was given of a session, None if nothing."""
        found = self._db.execute(
            "SELECT room, session, user, device, peer, at FROM shared"
            " WHERE room = ? AND session = ? AND user = ? AND device = ?",
            (room, session, user, device),
        ).fetchone()
        return None if found is None else Recipient(*found)

    # ── what waits, and what was seen ──

    def hold(
        self, event: str, room: str, session: str, sender: str, peer: str, raw: bytes
    ) -> HeldEvent | None:
        """Keep an event until its key comes; None where it is kept already."""
        now = time.time()
        added = self._db.execute(
            "INSERT OR IGNORE INTO held (event, room, session, sender, peer, raw, since, told)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, '')",
            (event, room, session, sender, peer, raw, now),
        )
        if added.rowcount < 1 or added.lastrowid is None:
            return None
        return HeldEvent(added.lastrowid, room, session, sender, peer, now)

    def held(self) -> list[HeldEvent]:
        """All that waits, in the order in which it came."""
        rows = self._db.execute(
            "SELECT number, room, session, sender, peer, since, told FROM held ORDER BY number"
        ).fetchall()
        return [HeldEvent(*row) for row in rows]

    def held_raw(self, number: int) -> bytes:
        """An event that waits, as it came."""
        found = self._db.execute("SELECT raw FROM held WHERE number = ?", (number,)).fetchone()
        return b"" if found is None else bytes(found[0])

    def note_told(self, number: int, told: str) -> None:
        """What the other rooms were told of an event that waits."""
        self._db.execute("UPDATE held SET told = ? WHERE number = ?", (told, number))

    def let_go(self, numbers: Iterable[int]) -> None:
        """These wait no more."""
        self._db.executemany("DELETE FROM held WHERE number = ?", [(n,) for n in numbers])

    def first_seen(self, digest: bytes) -> bool:
        """Whether a message to this device is new; from now on it is not."""
        row = (digest, time.time())
        return self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", row).rowcount > 0

    def sweep(self, *, held: float) -> None:
        """Forget what is too old to matter; `held`: seconds for which a key is waited for."""
        now = time.time()
        self._db.execute("DELETE FROM seen WHERE at < ?", (now - _REMEMBERED,))
        self._db.execute("DELETE FROM shared WHERE said < ?", (now - _REMEMBERED,))
        self._db.execute("DELETE FROM held WHERE since < ?", (now - held,))
