"""The same thing has the same id: what a restored store writes anew is known by it to have landed.

The id of a copy follows from what it is a copy of and where it goes, that of a post from what it
shows; both are keyed, so that they say nothing to who sees them. A store that was put back from an
older copy reads the rooms, meets its own posts there (`FOUND`), and when it comes to the same
message or the same outcome again it makes the same id, and does not send it.
"""

from __future__ import annotations

from base64 import b32encode
from collections import Counter
from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, select
from sqlalchemy.orm import Session

from bot.custody.keyed import digest, hash_key
from bot.events import DeliveryId, Outgoing, Post, Share
from bot.store.tables import Message, Outbox, Posting
from bot.store.tables.recovery import Found

FOUND = "found"
"""The reason of a delivery that the store knows only from having met its message in the room."""
NewId = Callable[[], DeliveryId]
_keys: WeakKeyDictionary[Engine, bytes] = WeakKeyDictionary()
"""Of each open store; it never changes."""
_restored: WeakKeyDictionary[Engine, bool] = WeakKeyDictionary()
"""Whether a store has ever met posts of its own that it did not know."""


def derived(session: Session, *parts: object) -> DeliveryId:
    """The id of what these parts name: `d` and 26 characters of HMAC-SHA-256 (RFC 2104)."""
    made = digest(_key(session), "\x1f".join(map(str, parts)))
    return DeliveryId("d" + b32encode(made).decode().lower()[:26])


def posted_id(session: Session, ref: str, kind: str, room: str, part: int, mark: str) -> DeliveryId:
    """The id of a part of a post that shows something of a handle (see `bot.custody.posting`)."""
    return derived(session, "posting", ref, kind, room, part, mark)


def unused(session: Session, ids: Sequence[DeliveryId], new_id: NewId) -> list[DeliveryId]:
    """These ids; others in place of those by which something was posted before."""
    found = session.execute(select(Posting.delivery).where(Posting.delivery.in_(ids))).scalars()
    used = set(found)
    return [new_id() if each in used else each for each in ids]


def identified(
    session: Session, items: Sequence[Outgoing], new_id: NewId
) -> list[tuple[DeliveryId, bool]]:
    """An id for each, and whether it has landed already, as a restored store has found."""
    made, used = _derived(session, items)
    ids = [item.id or own for item, own in zip(items, made, strict=True)]
    found = _found(session, [each for each in ids if each is not None])
    named: list[tuple[DeliveryId, bool]] = []
    for own in ids:
        free = own is not None and (own in found or own not in used)
        named.append((own if free and own is not None else new_id(), own in found))
    return named


def note_found(session: Session) -> None:
    """Something was met that this store does not know: from now on that is asked about."""
    _restored[session.get_bind().engine] = True


def _derived(
    session: Session, items: Sequence[Outgoing]
) -> tuple[list[DeliveryId | None], set[str]]:
    """The ids of those that are copies of a message; and those by which copies of the same
    messages were written before.
    """
    copies = [item for item in items if item.source is not None and _is_copy(item)]
    said: dict[int | None, tuple[str, str]] = {
        item.source: item.new for item in copies if item.new is not None
    }
    used: set[str] = set()
    for number in {item.source for item in copies} - said.keys():
        for row in session.connection().execute(_SAID, {"number": number}):
            said[number] = row.room, row.message
            used.add(row.id)
    count: Counter[tuple[object, ...]] = Counter()
    made: list[DeliveryId | None] = []
    for item in items:
        if item.source not in said or not _is_copy(item):
            made.append(None)
            continue
        what = ("copy", *said[item.source], item.room, item.part)
        made.append(derived(session, *what, count[what]))
        count[what] += 1
    return made, used


def _is_copy(item: Outgoing) -> bool:
    return item.id is None and isinstance(item.content, Post | Share)


def _found(session: Session, ids: Sequence[DeliveryId]) -> frozenset[str]:
    """Those of the ids that were met in a room; no question where nothing ever was."""
    engine = session.get_bind().engine
    if engine not in _restored:
        _restored[engine] = session.connection().execute(_ANY).first() is not None
    if not ids or not _restored[engine]:
        return frozenset()
    return frozenset(session.connection().execute(_FOUND, {"ids": list(ids)}).scalars())


def _key(session: Session) -> bytes:
    engine = session.get_bind().engine
    key = _keys.get(engine)
    if key is None:
        key = _keys[engine] = hash_key(session)
    return key


_SAID = (
    select(Message.room, Message.message, Outbox.id)
    .outerjoin(Outbox, Outbox.source == Message.id)
    .where(Message.id == bindparam("number"))
)
_ANY = select(Found.delivery).limit(1)
_FOUND = select(Outbox.id).where(
    Outbox.id.in_(bindparam("ids", expanding=True)), Outbox.reason == FOUND
)
