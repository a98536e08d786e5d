"""The same thing has the same id: what a restored store writes anew is known by it to have landed.

The id of a copy follows from what it is a copy of and where it goes, that of a post from what it
shows; both are keyed, so that they say nothing to who sees them. A store that was put back from an
older copy reads the rooms, meets its own posts there (`FOUND`), and when it comes to the same
message or the same outcome again it makes the same id, and does not send it.
"""

from __future__ import annotations

import hmac
from base64 import b32encode
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, select
from sqlalchemy.orm import Session

from bot.custody.keyed import hash_key
from bot.events import DeliveryId, Outgoing, Post, Share
from bot.store.recovery_tables import Recovery
from bot.store.tables import Message, Outbox, Posting

FOUND = "found"
"""The reason of a delivery that the store knows only from having met its message in the room."""
NewId = Callable[[], DeliveryId]
_keys: WeakKeyDictionary[Engine, bytes] = WeakKeyDictionary()
"""Of each open store; it never changes."""
_restored: WeakKeyDictionary[Engine, bool] = WeakKeyDictionary()
"""Whether each open store was ever put back from a copy."""


def derived(session: Session, *parts: object) -> DeliveryId:
    """The id of what these parts name: `d` and 26 characters of HMAC-SHA-256 (RFC 2104)."""
    said = "\x1f".join(map(str, parts)).encode(errors="surrogatepass")
    return DeliveryId(
        "d" + b32encode(hmac.digest(_key(session), said, "sha256")).decode().lower()[:26]
    )


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
    made = _derived(session, items)
    ids = [item.id or made[place] for place, item in enumerate(items)]
    sure = not was_restored(session)  # of what is new nothing has been written, nor was it found
    known = _known(
        session,
        [
            each
            for each, item in zip(ids, items, strict=True)
            if each is not None and not (sure and item.new)
        ],
    )
    named: list[tuple[DeliveryId, bool]] = []
    for own in ids:
        landed = own is not None and known.get(own) == FOUND
        free = own is not None and (landed or own not in known)
        named.append((own if free and own is not None else new_id(), landed))
    return named


def _derived(session: Session, items: Sequence[Outgoing]) -> list[DeliveryId | None]:
    """The ids of those that are copies of a message."""
    copies = [each for each in items if each.source is not None and _is_copy(each)]
    said = {each.source: each.new for each in copies if each.new is not None}
    numbers = {each.source for each in copies} - said.keys()
    if numbers:
        rows = session.connection().execute(_SAID, {"numbers": list(numbers)})
        said |= {row.id: (row.room, row.message) for row in rows}
    count: Counter[tuple[object, ...]] = Counter()
    made: list[DeliveryId | None] = []
    for item in items:
        if item.source not in said or not _is_copy(item):
            made.append(None)
            continue
        what = ("copy", *said[item.source], item.room, item.part)
        made.append(derived(session, *what, count[what]))
        count[what] += 1
    return made


def was_restored(session: Session) -> bool:
    """Whether the store was ever put back from a copy."""
    engine = session.get_bind().engine
    if engine not in _restored:
        _restored[engine] = session.execute(select(Recovery.id).limit(1)).first() is not None
    return _restored[engine]


def put_back(session: Session) -> None:
    """It is put back now: what was found in the rooms counts."""
    _restored[session.get_bind().engine] = True


def _is_copy(item: Outgoing) -> bool:
    return item.id is None and isinstance(item.content, Post | Share)


def _known(session: Session, ids: Iterable[DeliveryId]) -> dict[str, str | None]:
    wanted = list(ids)
    if not wanted:
        return {}
    return {row.id: row.reason for row in session.connection().execute(_KNOWN, {"ids": wanted})}


def _key(session: Session) -> bytes:
    engine = session.get_bind().engine
    key = _keys.get(engine)
    if key is None:
        key = _keys[engine] = hash_key(session)
    return key


_SAID = select(Message.id, Message.room, Message.message).where(
    Message.id.in_(bindparam("numbers", expanding=True))
)
_KNOWN = select(Outbox.id, Outbox.reason).where(Outbox.id.in_(bindparam("ids", expanding=True)))
