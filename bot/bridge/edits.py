"""Edits: the same message in the other rooms, with its new words; what that changes of the copies
is in `bot.bridge.rewording`.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.bridge import copies, delaying, links, quoting, recording, relabelling, requested, taking
from bot.bridge.mentions import others_of
from bot.bridge.parts import Said
from bot.bridge.pings import quiet
from bot.bridge.places import Scene
from bot.bridge.posts import Decided, Links, copy, edited_mark, spoken
from bot.bridge.rewording import changes
from bot.custody.effective import Effective
from bot.custody.gatekeeper import Judged, Own
from bot.events import MessageEdited, MessagePosted, Outgoing, RoomId
from bot.richtext import RichText
from bot.sharing.marking import Label, strictest
from bot.store.tables import Knowledge


def is_newer(row: Row[Any], event: MessageEdited) -> bool:
    """Only the author's own edits count, each newer than the last, of what is not deleted."""
    return bool(
        row.deleted is None
        and row.author == event.author.person
        and (row.version is None or event.version > row.version)
    )


def revise(
    session: Session, row: Row[Any], event: MessageEdited, scene: Scene, now: datetime
) -> Decided:
    """What an edit of a message that was relayed changes in each room; nothing where nothing.

    It never lowers the marking. Where it may not go, what stands there of the message is taken
    back; what hangs on it is judged anew.
    """
    if row.recalled is not None and row.author == event.author.person:
        return Decided(raised(session, event, scene, now))
    if not is_newer(row, event):
        return Decided()
    higher = scene.custody.higher(row, own_of(event, scene))
    links.change(session, row.id, version=event.version, **higher)
    return follow(session, row, event, scene, now)


def follow(
    session: Session, row: Row[Any], event: MessageEdited, scene: Scene, now: datetime
) -> Decided:
    """What the new words of a message, which is marked by them already, change where it stands.
    `row`: as it was before them.
    """
    own = own_of(event, scene)
    requested.end_words(session, row.id, now)
    shown = quoting.numbers(session, event.quotes, scene.custody.doors, now)
    quoting.note(session, row.id, shown)
    effective = scene.custody.markings.effective_of(session, row.id)
    standing = copies.standing(session, row.id)
    others = scene.channel.others(event.room)
    # It may stand in a room that is of the channel no more: its new words do not go there.
    judged = scene.custody.judge(effective, dict.fromkeys((*others, *standing)))
    taken = [room for room in standing if room in judged.denied]
    decided = Decided(denied=judged.denied)
    if judged.may:
        said = _said(session, event, scene, effective, marked=row.known == Knowledge.EDITED)
        linked = Links(row.id, row.thread and links.origin(session, event.room, row.thread))
        for room in judged.may:
            if room in standing and room in others:
                there, files = standing[room], event.files is not None
                decided.outgoing += changes(room, said, there, linked, scene, files=files)
    decided.outgoing = delaying.revised(session, row.id, decided.outgoing, now)
    decided.outgoing += taking.from_rooms(session, row.id, taken, now)
    if standing:
        recording.judged(session, row.id, own.digest, event.author.person, judged, now)
    taking.withhold(session, row.id, judged)
    if taken and not event.author.bot:
        decided.outgoing += _told(session, row.id, own, judged, taken, scene)
    elif standing and own.floor is not None and _speaks_anew(row, own) and not event.author.bot:
        decided.outgoing.append(spoken(event, row.id, own, scene))
    if _is_higher(row, effective, scene):
        decided.outgoing += _what_hangs_on(session, row.id, scene, now)
    return decided


def _told(
    session: Session,
    number: int,
    own: Own,
    judged: Judged,
    taken: Collection[RoomId],
    scene: Scene,
) -> list[Outgoing]:
    """What its author hears: of the rooms from which it is taken back, or of all that lack it."""
    rooms = {room: why for room, why in judged.denied.items() if room in taken or not taken}
    doubt = own.written.doubt
    return taking.told(
        session, number, judged, rooms, scene.custody, scene.words, taken=bool(taken),
        doubtful=None if doubt is None else doubt.nearest,
    )  # fmt: skip


def repeat(
    session: Session,
    row: Row[Any],
    event: MessageEdited,
    scene: Scene,
    room: RoomId,
    now: datetime,
) -> list[Outgoing]:
    """What an edit changes that is known, for one room that was told the words before it."""
    there = copies.standing(session, row.id).get(room)
    if there is None or row.author != event.author.person:
        return []
    links.change(session, row.id, **scene.custody.higher(row, own_of(event, scene)))
    quoting.note(session, row.id, quoting.numbers(session, event.quotes, scene.custody.doors, now))
    effective = scene.custody.markings.effective_of(session, row.id)
    if room in scene.custody.judge(effective, [room]).denied:
        return taking.from_rooms(session, row.id, [room], now)
    said, linked = _said(session, event, scene, effective, marked=False), Links(row.id)
    return changes(room, said, there, linked, scene, files=event.files is not None)


def said_again(
    session: Session, row: Row[Any], event: MessageEdited, scene: Scene
) -> list[Outgoing]:
    """The words of a message once more, with the line of now that says how it is marked, where
    they are not kept any more of a copy that stands.
    """
    erased = copies.erased(session, row.id)
    if not erased:
        return []
    effective = scene.custody.markings.effective_of(session, row.id)
    may = scene.custody.judge(effective, erased).may
    said = _said(session, event, scene, effective, marked=row.known == Knowledge.EDITED)
    linked = Links(row.id, row.thread and links.origin(session, event.room, row.thread))
    return [
        each for room in may
        for each in changes(room, said, erased[room], linked, scene, files=False)
    ]  # fmt: skip


def stand_in(session: Session, event: MessageEdited, scene: Scene, now: datetime) -> Decided:
    """An edit of a message that nobody has told us of: a new message that says that it is edited.

    It stands in for the message until that comes, if it ever does: a network may give them in
    the wrong order, and of what is older than our links there is no telling.
    """
    own = own_of(event, scene)
    others = scene.channel.others(event.room)
    shown = quoting.numbers(session, event.quotes, scene.custody.doors, now)
    judged = scene.custody.judge(scene.custody.effective(session, own.marked, *shown), others)
    marked = {**own.columns(), "withheld": judged.withheld}
    number = links.stand_in(session, event, scene.channel.name, now, marked)
    if number is None:
        row = links.said_here(session, event.room, event.message)
        if row is None or row.deleted is not None or row.known != Knowledge.NAMED:
            return Decided()
        number = int(row.id)
        links.change(
            session, number, known=Knowledge.EDITED, author=event.author.person, said=event.said,
            version=event.version, **marked,
        )  # fmt: skip
    quoting.note(session, number, shown)
    recording.judged(session, number, own.digest, event.author.person, judged, now)
    decided = Decided(denied=judged.denied)
    if judged.may:
        said = _said(session, event, scene, judged.effective, marked=True)
        decided.outgoing += copy(said, Links(number), scene, judged.may)
    if judged.denied and not event.author.bot:
        decided.outgoing += _told(session, number, own, judged, (), scene)
    return decided


def raised(session: Session, event: MessageEdited, scene: Scene, now: datetime) -> list[Outgoing]:
    """What follows for what answers or shows a message that was not taken in, as in a frozen room,
    or was recalled, when an edit marks it higher. Its words are kept no more than before.
    """
    number = links.name(session, event.room, event.message, scene.channel.name, now)
    row = links.row_of(session, number)
    assert row is not None
    marks = scene.custody.higher(row, own_of(event, scene))
    names = ("label", "spoken", "floor", "releasable", "released")
    links.change(session, number, **{name: marks[name] for name in names})
    return _what_hangs_on(session, number, scene, now)


def _what_hangs_on(session: Session, number: int, scene: Scene, now: datetime) -> list[Outgoing]:
    """What follows for what hangs on a message that may be marked higher now."""
    custody, able = scene.custody, scene.places.able
    return [
        *taking.what_hangs_on(session, number, custody, scene.words, now),
        *relabelling.what_hangs_on(session, number, custody, able, now),
    ]


def as_edit(event: MessagePosted) -> MessageEdited:
    """A message that was read with other words than we knew, as the edit that brought them."""
    return MessageEdited(
        event.room,
        event.message,
        event.author,
        event.body,
        event.version,
        event.said,
        manner=event.manner,
        files=event.files,
        quotes=event.quotes,
    )


def own_of(event: MessageEdited, scene: Scene) -> Own:
    """What an edited message says of its marking."""
    name, files = scene.channel.name, event.files or ()
    return scene.custody.own(name, event.author, event.body, files, event.said)


def _speaks_anew(row: Row[Any], own: Own) -> bool:
    """Whether an edit speaks of a higher label than what was there."""
    spoken_of = own.marked.marking.label
    return row.spoken is None or spoken_of > Label(row.spoken)


def _is_higher(row: Row[Any], effective: Effective, scene: Scene) -> bool:
    """Whether what hangs on a message may be marked higher now than it was."""
    return strictest(scene.custody.markings.marked(row).marking, effective.marking) != (
        scene.custody.markings.marked(row).marking
    )


def _said(
    session: Session, event: MessageEdited, scene: Scene, effective: Effective, *, marked: bool
) -> Said:
    body = event.body if scene.channel.mass_mentions else quiet(event.body)
    if marked:
        body = RichText((edited_mark(scene.words), *body.blocks))
    author, others = scene.introduced(session, event.author), others_of(session, body)
    body = scene.veiled(event.author, body, others)
    return Said(
        event.room, author, body, event.manner, event.files or (), others=others,
        shown=scene.shown(effective),
    )  # fmt: skip
