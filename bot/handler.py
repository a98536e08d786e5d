"""The one handler: an event in, deliveries out. Runs inside one transaction and never sends."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from bot.bridge.relay import relay
from bot.delivery import inbox, outbox
from bot.delivery.inlet import Handled
from bot.delivery.lanes import lane_of
from bot.events import (
    AccountId,
    Answer,
    Author,
    CommandTyped,
    DeliveryId,
    Event,
    Ignored,
    MessageId,
    MessagePosted,
    Outgoing,
    RoomId,
    Undeliverable,
    Unreadable,
    account_of,
)
from bot.richtext import plain, say
from bot.store.tables import InboxState
from bot.words import Words
from commands.grammar import Call, NearMiss, read_call, read_slash


class Called(msgspec.Struct, frozen=True):
    """A call or a near miss, as it is kept."""

    name: str
    """The command's name; of a near miss what was typed, perhaps nothing."""
    text: str = ""
    near: bool = False
    suggestion: str | None = None


class Asked(msgspec.Struct, frozen=True):
    """A command as it waits in the inbox: all that is needed to run it and to answer."""

    room: RoomId
    author: Author
    said: datetime
    call: Called
    direct: bool = False
    message: MessageId | None = None
    """The message that asked, None for a slash-command."""
    thread: MessageId | None = None
    reply: str | None = None


encode_asked = msgspec.json.Encoder().encode
decode_asked = msgspec.json.Decoder(Asked).decode


@dataclass(frozen=True, slots=True)
class Places:
    """Where people speak: the channels and their rooms, from the configuration."""

    channels: Mapping[str, tuple[RoomId, ...]]
    admin_rooms: frozenset[RoomId]
    longest: Mapping[AccountId, int]
    """Characters in one message, per account."""


class Handler:
    """Decides what follows from an event."""

    def __init__(
        self, places: Places, names: Collection[str], bot_names: tuple[str, ...], words: Words
    ) -> None:
        self._places = places
        self._names = names
        self._bot_names = bot_names
        self._words = words
        self._channel = {room: name for name, rooms in places.channels.items() for room in rooms}

    def __call__(self, session: Session, event: Event, now: datetime) -> Handled:
        """Write what follows from an event; what is left to do after the commit."""
        match event:
            case MessagePosted(own=None):
                return self._message(session, event, now)
            case MessagePosted(own=str(key)):
                return self._own(session, DeliveryId(key), event.message, now)
            case CommandTyped():
                return self._slash(session, event, now)
            case Undeliverable():
                return self._undeliverable(session, event, now)
            case Ignored() | Unreadable():
                return Handled()
            case _:
                raise AssertionError(type(event))

    def _message(self, session: Session, event: MessagePosted, now: datetime) -> Handled:
        channel = self._channel.get(event.room)
        if channel is None and not event.direct and event.room not in self._places.admin_rooms:
            return Handled()
        text = plain(event.body)
        call = read_call(
            text,
            names=self._names,
            addressed=event.mentions_bot,
            direct=event.direct,
            bot_names=self._bot_names,
        )
        if call is not None:
            return self._command(session, event, call, now)
        seen = inbox.first_seen(session, event.room, "message", event.message, now=now)
        if seen is None or channel is None:
            return Handled()
        return self._relay(session, event, channel, len(text), now)

    def _relay(
        self, session: Session, event: MessagePosted, channel: str, length: int, now: datetime
    ) -> Handled:
        others = [room for room in self._places.channels[channel] if room != event.room]
        fitting = [r for r in others if length <= self._places.longest[account_of(r)]]
        outgoing = relay(session, event, channel, fitting, now)
        if len(fitting) < len(others):
            longest = min(self._places.longest[account_of(room)] for room in others)
            outgoing.append(self._too_long(event, others, fitting, length, longest))
        return Handled(outbox.put(session, outgoing, now))

    def _too_long(
        self,
        event: MessagePosted,
        others: list[RoomId],
        fitting: list[RoomId],
        length: int,
        longest: int,
    ) -> Outgoing:
        text = self._words(
            "Your message is too long for {rooms}: {length} characters, at most {longest}. "
            "It was not passed on there; please say it in parts.",
            rooms=", ".join(room for room in others if room not in fitting),
            length=length,
            longest=longest,
        )
        return _answer(event.room, event.author, text, event.thread, direct=False)

    def _command(
        self, session: Session, event: MessagePosted, call: Call | NearMiss, now: datetime
    ) -> Handled:
        if event.author.bot:
            return Handled()  # bots do not command us, and commands are not relayed
        asked = Asked(
            room=event.room,
            author=event.author,
            said=event.said,
            direct=event.direct,
            message=event.message,
            thread=event.thread,
            call=_called(call),
        )
        return self._keep(session, asked, "message", event.message, now)

    def _slash(self, session: Session, event: CommandTyped, now: datetime) -> Handled:
        asked = Asked(
            room=event.room,
            author=event.author,
            said=event.said,
            reply=event.reply,
            direct=event.direct,
            call=_called(read_slash(event.text, self._names)),
        )
        return self._keep(session, asked, "command", event.call, now)

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

    def _own(self, session: Session, key: DeliveryId, message: MessageId, now: datetime) -> Handled:
        lane = outbox.landed(session, key, message, now) if key else None
        return Handled(set() if lane is None else {lane})

    def _undeliverable(self, session: Session, event: Undeliverable, now: datetime) -> Handled:
        if event.room not in self._channel:
            return Handled()
        if inbox.first_seen(session, event.room, "message", event.message, now=now) is None:
            return Handled()
        answer = _answer(event.room, event.author, self._words(event.reason), None, direct=False)
        return Handled(outbox.put(session, [answer], now))


def _called(call: Call | NearMiss) -> Called:
    match call:
        case Call(name, text):
            return Called(name, text)
        case NearMiss(word, suggestion):
            return Called(word, near=True, suggestion=suggestion)


def _answer(
    room: RoomId, author: Author, text: str, thread: MessageId | None, *, direct: bool
) -> Outgoing:
    content = Answer(author.person, say(text), thread=thread, direct=direct)
    return Outgoing(room, content, lane=lane_of(author.person))
