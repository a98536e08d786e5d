"""Files that do not land at once: each goes on in a lane of its own, a line in its place.

In its room's lane a file stands before its line (`bot.events.Line`). It is tried there once, and
waited for some seconds; a large one is not tried there at all. Where it lands by that, its line is
never sent. Where it does not, it leaves the lane when its turn is over, so that it overtakes
nothing and nothing waits for it, and the line is sent. What became of the file is then said by an
edit of the line. What takes the file back follows it into its lane.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.bridge.parts import FIRST_FILE
from bot.delivery.naming import lane_of, lane_of_file
from bot.events import Answer, Content, DeliveryId, Edit, Outgoing, PersonId, Post, RoomId, Share
from bot.richtext import RichText
from bot.store.tables import OPEN, Message, Outbox, State

NEEDLESS = "not needed"
"""The reason of a line that was not sent, since its file landed before."""
LAST = timedelta(days=3)
"""How long a file is tried before it is given up."""
_decoder = msgspec.json.Decoder(Content)
_encode = msgspec.json.Encoder().encode


def has_line(content: Content) -> bool:
    """Whether it leaves its room's lane where it does not land at once."""
    return isinstance(content, Share) and content.line is not None


def hand_over(session: Session, row: Row[Any], content: Content) -> str | None:
    """The lane in which the head of a room's lane goes on; None where its place is there."""
    lane: str | None = None
    if isinstance(content, Share):
        if content.line is not None and (content.large or row.tried is not None):
            lane = lane_of_file(row.room, row.id)
    elif row.kind == "delete" and row.part > FIRST_FILE:
        where = {"source": row.about, "room": row.room, "part": row.part, "seq": row.seq}
        lane = session.connection().execute(_ON_ITS_WAY, where).scalar()
    if lane is not None:
        session.connection().execute(_MOVE, {"key": row.id, "to": lane})
    return lane


def mend(session: Session, key: DeliveryId, now: datetime, *, landed: bool) -> list[Outgoing]:
    """Say in a file's line what has become of it, and to its author where it was refused.

    A line that has not been sent yet says so at once, or is not sent. What else is to be sent.
    """
    row = session.connection().execute(_FILE, {"key": key}).first()
    if row is None or row.content is None:
        return []
    content = _decoder.decode(row.content)
    if not isinstance(content, Share) or content.line is None:
        return []
    if landed:
        return _say(session, row, content.line.landed, now, needless=True)
    said = _say(session, row, content.line.refused, now, needless=False)
    return [*said, *_tell(session, row, content.line.told)]


def _say(
    session: Session, row: Row[Any], body: RichText, now: datetime, *, needless: bool
) -> list[Outgoing]:
    where = {"source": row.source, "room": row.room, "part": row.part - 1, "seq": row.seq}
    lines = session.connection().execute(_LINES, where).all()
    if not lines or lines[0].content is None:
        return []
    line, post = lines[0], _decoder.decode(lines[0].content)
    if not isinstance(post, Post):
        return []
    if line.state == State.WAITING:
        ended = {"state": State.DEAD, "reason": NEEDLESS, "content": None, "finished": now}
        said = {"content": _encode(replace(post, body=body))}
        which = update(Outbox).where(Outbox.seq == line.seq)
        session.connection().execute(which.values(ended if needless else said))
        return []
    if line.state == State.DEAD or len(lines) > 1:  # it is another file's place by now
        return []
    edit = Edit(body, post.author, manner=post.manner)
    return [Outgoing(row.room, edit, part=row.part - 1, about=row.source)]


def _tell(session: Session, row: Row[Any], body: RichText) -> list[Outgoing]:
    """To the author, once for all rooms."""
    same = (Outbox.about == row.source, Outbox.part == row.part, Outbox.kind == "answer")
    if session.execute(select(exists().where(*same))).scalar():
        return []
    said = session.execute(_SAID.where(Message.id == row.source)).first()
    if said is None or not said.author or said.deleted is not None:
        return []
    person = PersonId(said.author)
    answer = Answer(person, body, thread=said.thread)
    return [
        Outgoing(RoomId(said.room), answer, lane_of(person), part=row.part, about=row.source)
    ]  # fmt: skip


_EARLIER = (
    Outbox.source == bindparam("source"), Outbox.room == bindparam("room"),
    Outbox.part == bindparam("part"), Outbox.seq < bindparam("seq"),
)  # fmt: skip
_ON_ITS_WAY = (
    select(Outbox.lane)
    .where(*_EARLIER, Outbox.kind == "share", Outbox.state.in_(OPEN), Outbox.lane != Outbox.room)
    .order_by(Outbox.seq.desc())
    .limit(1)
)
_MOVE = update(Outbox).where(Outbox.id == bindparam("key")).values(lane=bindparam("to"))
_OF_A_FILE: tuple[Any, ...] = (
    Outbox.seq, Outbox.source, Outbox.room, Outbox.part, Outbox.content,
)  # fmt: skip
_FILE = select(*_OF_A_FILE).where(Outbox.id == bindparam("key"), Outbox.source.is_not(None))
_LINES = (
    select(Outbox.seq, Outbox.state, Outbox.content)
    .where(
        Outbox.source == bindparam("source"), Outbox.room == bindparam("room"),
        Outbox.part == bindparam("part"), Outbox.kind == "post", Outbox.seq > bindparam("seq"),
    )
    .order_by(Outbox.seq)
)  # fmt: skip
_SAID = select(Message.room, Message.author, Message.thread, Message.deleted)
