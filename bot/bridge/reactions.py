"""Reactions: one of the bot's in every room, as long as somebody elsewhere has it.

Those on a copy count for the message itself. Each person's is a row; what the bot shows follows
from the rows alone, so that what comes twice, or late, changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.bridge import links, recognised, warnings
from bot.bridge.places import Scene
from bot.events import (
    Author,
    DisplayedReaction,
    MessageDeleted,
    MessageId,
    Outgoing,
    React,
    Reacted,
    RoomId,
    Unreact,
)
from bot.richtext import say
from bot.sharing.written import NOTHING, read_marking
from bot.store.prepared import ask
from bot.store.tables import Knowledge, Message, Outbox, Reaction


def react(session: Session, event: Reacted, scene: Scene, now: datetime) -> list[Outgoing]:
    """What the bot adds or removes in the other rooms."""
    if event.reaction and _is_taken_back(session, event):
        return []
    number = links.name(session, event.room, event.message, scene.channel.name, now)
    if event.added and _says_more(session, number, event.emoji, scene):
        return []
    before = _present(session, number, event.emoji)
    if not _write(session, number, event):
        return []
    after = _present(session, number, event.emoji)
    return _shown(session, number, event.emoji, before, after, scene)


def compare(
    session: Session,
    room: RoomId,
    shown: Sequence[tuple[int, tuple[DisplayedReaction, ...]]],
    read: frozenset[MessageId],
    scene: Scene,
) -> list[Outgoing]:
    """What the bot adds and removes, where a room shows other reactions than were heard of.

    `shown`: of each message of ours, or of a part of its copy, what stands on it; `read`: the ids
    of all that was read. Where somebody may be left out, nobody's reaction counts as removed.
    """
    now_shown: dict[tuple[int, str, str], Author] = {}
    unsure: set[tuple[int, str]] = set()
    for number, displayed in shown:
        for each in displayed:
            now_shown |= {(number, each.emoji, author.person): author for author in each.by}
            if not each.complete:
                unsure.add((number, each.emoji))
    stored = _without_ids(session, room, {number for number, _ in shown})
    changed = [
        (key, author) for key, author in now_shown.items()
        if (key not in stored or not stored[key].present)
        and not _says_more(session, key[0], key[1], scene)
    ]  # fmt: skip
    gone = [
        key for key, row in stored.items()
        if row.present and key not in now_shown and key[:2] not in unsure
    ]  # fmt: skip
    if gone:
        partial = _partly_read(session, room, {number for number, _, _ in gone}, read)
        gone = [key for key in gone if key[0] not in partial]
    outgoing: list[Outgoing] = []
    for key, author in [*changed, *((key, None) for key in gone)]:
        number, emoji, _ = key
        before = _present(session, number, emoji)
        _set(session, room, key, author, stored.get(key))
        after = _present(session, number, emoji)
        outgoing += _shown(session, number, emoji, before, after, scene)
    return outgoing


def withdraw(session: Session, event: MessageDeleted, scene: Scene) -> list[Outgoing] | None:
    """What the bot removes when a reaction is deleted by its own id; None where it is none."""
    where = (Reaction.room == event.room, Reaction.reaction == event.message)
    row = session.execute(select(*Reaction.__table__.columns).where(*where)).first()
    if row is None:
        return None
    before = _present(session, row.message, row.emoji)
    gone = {"present": False, "said": event.said}
    session.execute(update(Reaction).where(Reaction.id == row.id).values(gone))
    after = _present(session, row.message, row.emoji)
    return _shown(session, row.message, row.emoji, before, after, scene)


def again(session: Session, number: int, home: RoomId, scene: Scene) -> list[Outgoing]:
    """Everything that the bot is to show on copies that are new in the other rooms."""
    rows = session.execute(
        select(Reaction.emoji, Reaction.room).where(Reaction.message == number, Reaction.present)
    ).all()
    emojis = dict.fromkeys(row.emoji for row in rows)
    return [
        Outgoing(room, React(emoji), about=number)
        for emoji in emojis
        for room in scene.channel.others(home)
        if any(row.emoji == emoji and row.room != room for row in rows)
        and scene.places.able(room).reactions
    ]


def who_reacted(session: Session, number: int) -> list[Row[Any]]:
    """Emoji, name and room of everybody who reacts to a message, in the order of doing so."""
    shown = (Reaction.message == number, Reaction.present)
    columns = (Reaction.emoji, Reaction.name, Reaction.room)
    return list(session.execute(select(*columns).where(*shown).order_by(Reaction.said)))


def _without_ids(
    session: Session, room: RoomId, numbers: Collection[int]
) -> dict[tuple[int, str, str], Row[Any]]:
    """What was shown in a room on these messages, by message, emoji and person."""
    which = (Reaction.message.in_(numbers), Reaction.room == room, Reaction.reaction == "")
    rows = session.execute(select(*Reaction.__table__.columns).where(*which))
    return {(row.message, row.emoji, row.person): row for row in rows}


def _partly_read(
    session: Session, room: RoomId, numbers: Collection[int], read: frozenset[MessageId]
) -> set[int]:
    """Those of the messages whose copy in a room has parts that were not read with the others."""
    parts = select(Outbox.source, Outbox.landed).where(
        Outbox.source.in_(numbers), Outbox.room == room, Outbox.kind.in_(links.COPIES),
        Outbox.landed.is_not(None), Outbox.gone.is_(None),
    )  # fmt: skip
    return {row.source for row in session.execute(parts) if row.landed not in read}


def _set(
    session: Session,
    room: RoomId,
    key: tuple[int, str, str],
    author: Author | None,
    row: Row[Any] | None,
) -> None:
    """A reaction that is there, or (`author` None) not any more. When it came to be so nobody
    knows: everything that a network tells of later is newer.
    """
    if row is not None:
        values = {"present": author is not None}
        session.execute(update(Reaction).where(Reaction.id == row.id).values(values))
    elif author is not None:
        number, emoji, person = key
        said = session.execute(select(Message.said).where(Message.id == number)).scalar()
        session.execute(
            insert(Reaction).values(
                message=number, room=room, person=person, name=author.name, emoji=emoji,
                reaction="", present=True, said=said,
            )
        )  # fmt: skip


def _says_more(session: Session, number: int, emoji: str, scene: Scene) -> bool:
    """Whether a reaction is words that speak of a higher label than the message has (Matrix takes
    any text, Slack whatever a workspace calls its emoji): it stays where it is, and is not kept.
    """
    said = read_marking(say(emoji))
    if said == NOTHING:
        return False
    label = scene.custody.markings.effective_of(session, number).marking.label
    return bool(said.releasable) or said.marking(label).label > label


def _is_taken_back(session: Session, event: Reacted) -> bool:
    """Whether the reaction's own deletion has come before it."""
    row = links.said_here(session, event.room, MessageId(event.reaction))
    return row is not None and row.deleted is not None


def _present(session: Session, number: int, emoji: str) -> list[RoomId]:
    """The rooms of those who show an emoji on a message, each as often as somebody does."""
    where = {"message": number, "emoji": emoji}
    return [RoomId(room) for (room,) in ask(session, _PRESENT, where)]


def _write(session: Session, number: int, event: Reacted) -> bool:
    """Whether this says something new. With an id of its own a reaction is made once and removed
    once; without, the newer word holds.
    """
    key = {
        "message": number,
        "room": event.room,
        "person": event.author.person,
        "emoji": event.emoji,
        "reaction": event.reaction,
    }
    values = {"present": event.added, "said": event.said, "name": event.author.name}
    row = ask(session, _MADE, key).first()
    if row is None:
        ask(session, _MAKE, {**key, **values})
        return event.added
    newer = (row.present and not event.added) if event.reaction else event.said > row.said
    if newer:
        ask(session, _REMAKE, {"number": row.id, **values})
    return newer and row.present != event.added


def _shown(
    session: Session,
    number: int,
    emoji: str,
    before: Collection[RoomId],
    after: Collection[RoomId],
    scene: Scene,
) -> list[Outgoing]:
    if not _is_relayed(session, number):
        return []
    outgoing = []
    for room in scene.channel.rooms:
        was, shall_be = _elsewhere(before, room), _elsewhere(after, room)
        ours = _is_ours(session, number, emoji, room)
        if was != shall_be and not ours and scene.places.able(room).reactions:
            content = React(emoji) if shall_be else Unreact(emoji)
            outgoing.append(Outgoing(room, content, about=number))
    return outgoing


def _is_ours(session: Session, number: int, emoji: str, room: RoomId) -> bool:
    """Whether the bot shows it for a reason of its own, too."""
    if emoji == recognised.SIGN:
        return recognised.stands(session, number)
    return emoji == warnings.SIGN and warnings.stands(session, number, room)


def _elsewhere(rooms: Iterable[RoomId], room: RoomId) -> bool:
    return any(other != room for other in rooms)


def _is_relayed(session: Session, number: int) -> bool:
    return ask(session, _RELAYED, {"number": number}).first() is not None


_PRESENT = select(Reaction.room).where(
    Reaction.message == bindparam("message"), Reaction.emoji == bindparam("emoji"), Reaction.present
)
_MADE = select(Reaction.id, Reaction.present, Reaction.said).where(
    Reaction.message == bindparam("message"), Reaction.room == bindparam("room"),
    Reaction.person == bindparam("person"), Reaction.emoji == bindparam("emoji"),
    Reaction.reaction == bindparam("reaction"),
)  # fmt: skip
_MAKE = insert(Reaction)
_REMAKE = (
    update(Reaction)
    .where(Reaction.id == bindparam("number"))
    .values(present=bindparam("present"), said=bindparam("said"), name=bindparam("name"))
)
_RELAYED = select(Message.id).where(
    Message.id == bindparam("number"), Message.deleted.is_(None), Message.known != Knowledge.NAMED
)
