"""What is kept of what was said, for those who see it in their room: its words, its files.

Only copies are kept, and only for a while: of what went nowhere, or was taken back, there is
nothing but the values that were recognised in passing. A room is shown what stands in it, which is
not always all that stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.bridge import copies, links, recognised
from bot.events import Content, Edit, File, MessageId, Post, RoomId, Share
from bot.richtext import plain
from bot.store.tables import Knowledge, Message, Outbox, State

MOST = 200
"""Messages of a thread that are looked through: the newest."""
_decode = msgspec.json.Decoder(Content).decode


@dataclass(frozen=True, slots=True)
class Kept:
    """Words and files, the oldest first; `cut`: of a thread that has more than these."""

    texts: tuple[str, ...] = ()
    files: tuple[File, ...] = ()
    cut: bool = False


def kept(session: Session, room: RoomId, message: MessageId, *, thread: bool) -> Kept:
    """What is kept of a message that a room shows under this id; `thread`: and of all below it."""
    number = links.origin(session, room, message)
    own = _our_own(session, room, message)
    below = _below(session, number) if thread and number is not None else []
    said = [] if number is None else [number, *below[-MOST:]]
    every = [own] if own is not None else list(_standing(session, room, said))
    texts = [plain(each.body) for each in every if isinstance(each, Post | Edit)]
    texts += filter(None, (recognised.values_of(session, each) for each in said))
    return Kept(
        tuple(texts),
        tuple(each.file for each in every if isinstance(each, Share)),
        len(below) > MOST,
    )


def _standing(session: Session, room: RoomId, numbers: list[int]) -> Iterator[Post | Edit | Share]:
    """Every part once: as it stands in the room, or where it was said there in another one."""
    for number in numbers:
        message = session.get(Message, number)
        if message is None or message.deleted is not None:
            continue
        rooms = copies.standing(session, number)
        at_home = message.room == room
        parts = next(iter(rooms.values()), {}) if at_home else rooms.get(room, {})
        for _, part in sorted(parts.items()):
            if part.content is not None and not part.gone and (at_home or part.landed):
                yield part.content


def _below(session: Session, root: int) -> list[int]:
    """The newest messages of a thread, the oldest first; one more than are looked through."""
    said = (Message.root == root, Message.known != Knowledge.NAMED)
    newest = select(Message.id).where(*said).order_by(Message.id.desc())
    return sorted(session.execute(newest.limit(MOST + 1)).scalars())


def _our_own(session: Session, room: RoomId, message: MessageId) -> Post | None:
    """What we have said there ourselves: a copy of nothing."""
    found = select(Outbox.content).where(
        Outbox.room == room, Outbox.landed == message, Outbox.kind == "post",
        Outbox.state == State.DELIVERED, Outbox.source.is_(None), Outbox.gone.is_(None),
    )  # fmt: skip
    held = session.execute(found.limit(1)).scalar()
    content = None if held is None else _decode(held)
    return content if isinstance(content, Post) else None
