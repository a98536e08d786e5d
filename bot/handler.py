"""The one handler: an event in, deliveries out. Runs inside one transaction and never sends.

What follows in other rooms is decided in `bot.bridge`, what is asked of the bot in `bot.desk`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.asked import Asked, asked_by, asked_in, encode_asked
from bot.bridge import deletions, edits, happenings, links, posts, reactions
from bot.bridge.places import Places, Scene
from bot.bridge.posts import Decided
from bot.delivery import inbox, outbox
from bot.delivery.inlet import Handled
from bot.delivery.lanes import lane_of
from bot.events import (
    Answer,
    Author,
    CommandTyped,
    DeliveryId,
    Event,
    Ignored,
    MessageDeleted,
    MessageEdited,
    MessageId,
    MessagePosted,
    Moved,
    Outgoing,
    Pinned,
    Reacted,
    RoomId,
    TopicChanged,
    Undeliverable,
    Unreadable,
)
from bot.richtext import RichText, plain, say
from bot.store.tables import InboxState, Knowledge
from bot.words import Words
from commands.grammar import Call, NearMiss, read_call, read_slash


class Handler:
    """Decides what follows from an event."""

    def __init__(
        self, places: Places, names: Collection[str], bot_names: tuple[str, ...], words: Words
    ) -> None:
        self._places = places
        self._names = names
        self._bot_names = bot_names
        self._words = words
        self._scenes = {
            room: Scene(channel, places, words)
            for channel in places.channels.values()
            for room in channel.rooms
        }

    def __call__(self, session: Session, event: Event, now: datetime) -> Handled:
        """Write what follows from an event; what is left to do after the commit."""
        match event:
            case MessagePosted(own=None):
                return self._message(session, event, now)
            case MessagePosted(own=str(key)):
                lane = outbox.landed(session, DeliveryId(key), event.message, now) if key else None
                return Handled(set() if lane is None else {lane})
            case CommandTyped():
                asked = asked_by(event, read_slash(event.text, self._names))
                return self._keep(session, asked, "command", event.call, now)
            case Ignored() | Unreadable():
                return Handled()
        scene = self._scenes.get(event.room)
        if scene is None or getattr(event, "own", False):
            return Handled()
        match event:
            case MessageEdited():
                decided = self._edit(session, event, scene, now)
                return self._put(session, decided, event.room, event.author, None, now)
            case MessageDeleted():
                outgoing = self._delete(session, event, scene, now)
            case Reacted():
                outgoing = reactions.react(session, event, scene, now)
            case TopicChanged() | Pinned() | Moved():
                outgoing = self._happening(session, event, scene, now)
            case Undeliverable():
                outgoing = self._undeliverable(session, event, now)
            case _:
                raise AssertionError(type(event))
        return Handled(outbox.put(session, outgoing, now))

    def _message(self, session: Session, event: MessagePosted, now: datetime) -> Handled:
        scene = self._scenes.get(event.room)
        if scene is None and not event.direct and event.room not in self._places.admin_rooms:
            return Handled()
        call = self._call(event.body, addressed=event.mentions_bot, direct=event.direct)
        if call is not None and event.author.bot:
            return Handled()  # bots do not command us, and commands are not relayed
        if call is not None and not event.version:
            asked = asked_in(event, call)
            return self._keep(session, asked, "message", event.message, now)
        seen = inbox.first_seen(session, event.room, "message", event.message, now=now)
        if scene is None or not _passes(event.author, scene):
            return Handled()
        if seen is not None:
            decided = Decided() if call else posts.relay(session, event, scene, now)
        elif event.version:  # history, with other words than those that we have seen
            decided = self._edit(session, _as_edit(event), scene, now)
        else:
            return Handled()
        return self._put(session, decided, event.room, event.author, event.thread, now)

    def _call(
        self, body: RichText, *, addressed: bool = False, direct: bool = False
    ) -> Call | NearMiss | None:
        text, names = plain(body), self._bot_names
        return read_call(
            text, names=self._names, addressed=addressed, direct=direct, bot_names=names
        )

    def _edit(self, session: Session, event: MessageEdited, scene: Scene, now: datetime) -> Decided:
        """An edit into a command is neither run nor relayed: what was said before stands."""
        if not _passes(event.author, scene) or self._call(event.body) is not None:
            return Decided()
        row = links.said_here(session, event.room, event.message)
        if row is not None and row.known != Knowledge.NAMED:
            return edits.revise(session, row, event, scene)
        if inbox.was_seen(session, event.room, "message", event.message):
            return Decided()  # a command, or what was not to be relayed
        return edits.stand_in(session, event, scene, now)

    def _delete(
        self, session: Session, event: MessageDeleted, scene: Scene, now: datetime
    ) -> Sequence[Outgoing]:
        outgoing = deletions.follow(session, event, scene, now)
        if outgoing is not None:
            return outgoing
        if not inbox.was_seen(session, event.room, "message", event.message):
            deletions.foretell(session, event, scene, now)
        return ()

    def _happening(
        self, session: Session, event: TopicChanged | Pinned | Moved, scene: Scene, now: datetime
    ) -> Sequence[Outgoing]:
        kind, version = _KINDS[type(event)], event.message if isinstance(event, Pinned) else ""
        if kind not in scene.channel.relay:
            return ()
        if (
            inbox.first_seen(session, event.room, kind, event.event, now=now, version=version)
            is None
        ):
            return ()
        match event:
            case TopicChanged():
                return happenings.change_topic(session, event, scene)
            case Pinned():
                return happenings.pin(session, event, scene)
            case Moved():
                return happenings.move(event, scene)

    def _put(
        self,
        session: Session,
        decided: Decided,
        room: RoomId,
        author: Author,
        thread: MessageId | None,
        now: datetime,
    ) -> Handled:
        if decided.too_long:
            text = self._words(
                "Your message is too long for {rooms}. It was not passed on there; "
                "please say it in parts, or as a file.",
                rooms=", ".join(decided.too_long),
            )
            decided.outgoing.append(_answer(room, author, text, thread))
        return Handled(outbox.put(session, decided.outgoing, now))

    def _keep(
        self, session: Session, asked: Asked, kind: str, message: str, now: datetime
    ) -> Handled:
        """A command is stored here and run beside, so that a slow one holds up nothing."""
        number = inbox.first_seen(
            session,
            asked.room,
            kind,
            message,
            now=now,
            state=InboxState.PENDING,
            content=encode_asked(asked),
        )
        return Handled(command=number)

    def _undeliverable(
        self, session: Session, event: Undeliverable, now: datetime
    ) -> Sequence[Outgoing]:
        if inbox.first_seen(session, event.room, "message", event.message, now=now) is None:
            return ()
        return [_answer(event.room, event.author, self._words(event.reason), None)]


_KINDS = {TopicChanged: "topic", Pinned: "pins", Moved: "joins"}


def _passes(author: Author, scene: Scene) -> bool:
    return not author.bot or "bots" in scene.channel.relay


def _as_edit(event: MessagePosted) -> MessageEdited:
    return MessageEdited(
        event.room,
        event.message,
        event.author,
        event.body,
        event.version,
        event.said,
        manner=event.manner,
        files=event.files,
    )


def _answer(room: RoomId, author: Author, text: str, thread: MessageId | None) -> Outgoing:
    return Outgoing(room, Answer(author.person, say(text), thread=thread), lane_of(author.person))
