"""The one handler: an event in, deliveries out. Runs inside one transaction and never sends.

What follows in other rooms is decided in `bot.bridge`, what is asked of the bot in `bot.desk`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from bot.advisories import writing
from bot.asked import Asked, asked_by, asked_in, asked_on, encode_asked
from bot.bridge import (
    backfill,
    deletions,
    edits,
    fetching,
    happenings,
    left_out,
    links,
    posts,
    reactions,
    recognised,
    reconciling,
)
from bot.bridge.people import People
from bot.bridge.places import Places, Scene
from bot.bridge.posts import Decided
from bot.custody import hearing
from bot.custody.gatekeeper import Gatekeeper, beside
from bot.custody.rosters import is_reader
from bot.delivery import controls, inbox, outbox
from bot.delivery.controls import Pressed
from bot.delivery.inlet import Handled
from bot.delivery.naming import lane_of
from bot.events import (
    Answer,
    Author,
    CommandTyped,
    DeliveryId,
    Event,
    File,
    FormFilled,
    Ignored,
    LeftOut,
    MessageDeleted,
    MessageEdited,
    MessageId,
    MessagePosted,
    Moved,
    Outgoing,
    Pinned,
    Reacted,
    RoomId,
    RoomRead,
    RosterChanged,
    StretchRead,
    TopicChanged,
    Undeliverable,
    Unreadable,
)
from bot.forms import Form, Mistakes
from bot.richtext import RichText, plain, say
from bot.sharing.marking import Label
from bot.sharing.written import read_marking
from bot.store.tables import InboxState, Knowledge
from bot.words import Words
from commands.grammar import OWN, Call, NearMiss, read_call, read_slash

_LATE = timedelta(minutes=1)
"""What was said so long ago belongs to a backlog: its failures are told once, not each."""


class Forms(Protocol):
    """The commands, as far as their forms are concerned."""

    def form(
        self, call: Call | NearMiss, words: Words, values: Mapping[str, str] | None = None
    ) -> Form | None:
        """What a command that was chosen has yet to be told; with `values`, that was typed."""

    def filled(self, name: str, values: Mapping[str, str], words: Words) -> str | Mistakes:
        """What was filled in, as it would be typed; or what is wrong with it."""


class Handler:
    """Decides what follows from an event."""

    def __init__(
        self,
        places: Places,
        names: Collection[str],
        bot_names: tuple[str, ...],
        words: Words,
        custody: Gatekeeper,
        forms: Forms | None = None,
    ) -> None:
        self._places = places
        self._forms = forms
        self._names = names
        self._bot_names = bot_names
        self._words = words
        people = People(custody.markings.directory, (*bot_names, OWN))
        self._scenes = {
            room: Scene(channel, places, words, people, custody)
            for channel in places.channels.values()
            for room in channel.rooms
        }

    def __call__(self, session: Session, event: Event, now: datetime) -> Handled:
        """Write what follows from an event; what is left to do after the commit."""
        match event:
            case MessagePosted(own=None):
                return self._message(session, event, now)
            case MessagePosted(own=str(key)):
                met = DeliveryId(key)
                return Handled(outbox.landed(session, met, event.message, now) if key else set())
            case CommandTyped(opens=str()) if (form := self._form(session, event, now)) is not None:
                first = inbox.first_seen(session, event.room, "form", event.call, now=now)
                return Handled() if first is None else Handled(form=form)
            case FormFilled():
                return self._filled(session, event, now)
            case CommandTyped():
                asked = asked_by(event, read_slash(event.text, self._names))
                if event.pressed is None and _is_secret(say(event.text), asked):
                    return self._refuse_secret(session, asked, "command", event.call, now)
                return self._keep(session, asked, "command", event.call, now)
            case RoomRead(room, until):
                hearing.note(session, room, until, now)
                return Handled()
            case Reacted(own=False) if (pressed := _pressed(session, event)) is not None:
                return self._press(session, event, pressed, now)
            case Reacted(own=False, emoji=recognised.SIGN) if self._is_recognised(session, event):
                return self._look_up(session, event, now)
            case RosterChanged(room):
                return Handled(rosters={room})
            case Ignored() | Unreadable():
                return Handled()
        scene = self._scenes.get(event.room)
        if scene is None or getattr(event, "own", False):
            return Handled()
        match event:
            case MessageEdited():
                decided = self._edit(session, event, scene, now)
                lanes = outbox.put(session, decided.outgoing, now)
                return Handled(lanes, heard=event if scene.channel.recognise else None)
            case MessageDeleted():
                outgoing = self._delete(session, event, scene, now)
            case Reacted():
                outgoing = reactions.react(session, event, scene, now)
            case TopicChanged() | Pinned() | Moved():
                outgoing = self._happening(session, event, scene, now)
            case StretchRead():
                return self._reconcile(session, event, scene, now)
            case LeftOut():
                outgoing = self._left_out(session, event, scene, now)
            case Undeliverable():
                outgoing = self._undeliverable(session, event, now)
            case _:
                raise AssertionError(type(event))
        moved = {event.room} if isinstance(event, Moved) else set[RoomId]()
        return Handled(outbox.put(session, outgoing, now), rosters=moved)

    def _message(self, session: Session, event: MessagePosted, now: datetime) -> Handled:
        scene = self._scenes.get(event.room)
        commanded = self._places.admin_rooms | self._places.homes
        if scene is None and not event.direct and event.room not in commanded:
            return Handled()
        call = self._call(event.body, addressed=event.mentions_bot, direct=event.direct)
        if event.direct and self._answers(session, event, call, now):
            call = Call("advisory", f"answer {plain(event.body)}")
        if call is not None and event.author.bot:
            return Handled()  # bots do not command us, and commands are not relayed
        if call is not None and not event.version:
            asked = asked_in(event, call)
            if _is_secret(event.body, asked, event.files):
                return self._refuse_secret(session, asked, "message", event.message, now)
            return self._keep(session, asked, "message", event.message, now)
        seen = inbox.first_seen(session, event.room, "message", event.message, now=now)
        if scene is None or not _passes(event.author, scene):
            return Handled()
        if seen is not None:
            decided = Decided() if call else posts.relay(session, event, scene, now)
        elif event.version:  # history, with other words than those that we have seen
            decided = self._edit(session, edits.as_edit(event), scene, now)
        else:
            return Handled()
        heard = event if scene.channel.recognise and not call else None
        return Handled(outbox.put(session, decided.outgoing, now), heard=heard)

    def _is_recognised(self, session: Session, event: Reacted) -> bool:
        """Whether a 🔎 is joined, or left, that we have put there."""
        scene = self._scenes.get(event.room)
        if scene is None or not scene.channel.recognise or event.author.bot:
            return False
        return recognised.is_shown(session, event.room, event.message)

    def _look_up(self, session: Session, event: Reacted, now: datetime) -> Handled:
        """Our 🔎 was joined: as if `ioc` was typed in answer to the message. It is not passed on,
        so that no other room learns who asked.
        """
        if not event.added:
            return Handled()
        asked = asked_on(event, event.room, None, Call("ioc", ""), direct=False)
        return self._keep(session, asked, "reaction", _what(event), now)

    def _answers(
        self, session: Session, event: MessagePosted, call: Call | NearMiss | None, now: datetime
    ) -> bool:
        """Whether somebody answers what they are asked of an advisory, in their direct room: by
        what is no command there, and in a thread by whatever has no `!` before it.
        """
        text = plain(event.body).strip()
        if not text or text[0] in "!/\uff01" or event.author.bot or event.mentions_bot:
            return False
        if isinstance(call, Call) and event.thread is None:
            return False
        return writing.is_asked(session, event.author.person, now)

    def _press(self, session: Session, event: Reacted, pressed: Pressed, now: datetime) -> Handled:
        """A control was joined: as if its call was typed there. A private answer belongs to the
        room where it was asked for, as long as its asker is in that.
        """
        room, places = event.room, self._places
        if pressed.private and is_reader(session, pressed.room, event.author.person):
            room = pressed.room
        direct = room not in self._scenes and room not in places.admin_rooms | places.homes
        call = read_slash(pressed.call, self._names, escaped=False)
        asked = asked_on(event, room, pressed.delivery, call, direct=direct)
        return self._keep(session, asked, "reaction", _what(event), now)

    def _form(self, session: Session, event: CommandTyped, now: datetime) -> Form | None:
        """What is to be asked of who chose a command for a message, or typed one that has a form;
        what they wrote before, and have not finished, stands in it.
        """
        if self._forms is None:
            return None
        call = read_slash(event.text, self._names)
        if event.answers is not None and event.pressed is None:
            return self._forms.form(call, self._words)
        if self._forms.form(call, self._words, {}) is None:
            return None
        begun = writing.find(session, event.author.person, now)
        values = {} if begun is None else writing.values_of(begun)
        return self._forms.form(call, self._words, values)

    def _filled(self, session: Session, event: FormFilled, now: datetime) -> Handled:
        """A form came back: as if its command was typed, once it can be."""
        assert self._forms is not None
        text = self._forms.filled(event.command, event.values, self._words)
        if isinstance(text, Mistakes):
            return Handled(mistakes=text)
        asked = asked_by(event, read_slash(text, self._names, escaped=False))
        if _is_secret(say(text), asked):
            return self._refuse_secret(session, asked, "form filled", event.call, now)
        return self._keep(session, asked, "form filled", event.call, now)

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
            return edits.revise(session, row, event, scene, now)
        if inbox.was_seen(session, event.room, "message", event.message):
            # A command, or what was not to be relayed: what hangs on it is marked by it still.
            return Decided(edits.raised(session, event, scene, now))
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

    def bring(self, session: Session, event: Event, room: RoomId, now: datetime) -> set[str]:
        """Give a room of the same channel what history tells, unless it has it; the lanes to wake.

        Where the same is told again (`backfill` was said twice, or went on after a restart),
        nothing follows.
        """
        known = _identity(event)
        if known is None:
            return set()
        home, message, version = known
        scene, kind = self._scenes.get(home), f"backfill:{room}"
        if scene is None or room not in scene.channel.others(home):
            return set()
        first = inbox.first_seen(session, home, kind, message, now=now, version=version)
        if first is None:
            return set()
        outgoing: Sequence[Outgoing] = ()
        match event:
            case MessagePosted(own=None) if self._is_relayed(event, scene):
                outgoing = backfill.post(session, event, room, scene, now)
            case MessageEdited(own=False) if self._is_relayed(event, scene):
                outgoing = backfill.edit(session, event, room, scene, now)
            case Reacted(own=False, added=True):
                outgoing = backfill.react(session, event, room, scene, now)
        return outbox.put(session, outgoing, now)

    def fetched(
        self,
        session: Session,
        key: int,
        event: MessagePosted | None,
        now: datetime,
        *,
        failed: bool = False,
    ) -> set[str]:
        """Give a message that was fetched anew (see `bot.bridge.fetching`) to the rooms that may
        have it now and do not; the lanes to wake.
        """
        home = fetching.home_of(session, key)
        scene = None if home is None else self._scenes.get(home)
        if event is not None and scene is not None and not self._is_relayed(event, scene):
            scene = None
        decided = fetching.bring(session, key, event, scene, now, failed=failed)
        return outbox.put(session, decided.outgoing, now)

    def _is_relayed(self, event: MessagePosted | MessageEdited, scene: Scene) -> bool:
        addressed = isinstance(event, MessagePosted) and event.mentions_bot
        return _passes(event.author, scene) and (
            self._call(event.body, addressed=addressed) is None
        )

    def _reconcile(
        self, session: Session, event: StretchRead, scene: Scene, now: datetime
    ) -> Handled:
        found = reconciling.differences(session, event, scene, now)
        for edit in found.edits:
            found.outgoing += self._edit(session, edit, scene, now).outgoing
        return Handled(outbox.put(session, found.outgoing, now))

    def _left_out(
        self, session: Session, event: LeftOut, scene: Scene, now: datetime
    ) -> Sequence[Outgoing]:
        if inbox.first_seen(session, event.room, "left out", event.gap, now=now) is None:
            return ()
        return left_out.tell(event, scene, now)

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
                return happenings.move(session, event, scene)

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

    def _refuse_secret(
        self, session: Session, asked: Asked, kind: str, message: str, now: datetime
    ) -> Handled:
        """What is TLP:RED is not kept, not even for as long as a command waits to be run."""
        if inbox.first_seen(session, asked.room, kind, message, now=now) is None:
            return Handled()
        text = self._words(
            "TLP:RED is for those who were there: I keep nothing of it, and did nothing."
        )
        answer = Answer(
            asked.author.person, say(text), asked.reply, asked.thread, direct=asked.direct
        )
        return Handled(outbox.put(session, [Outgoing(asked.room, answer)], now))

    def _undeliverable(
        self, session: Session, event: Undeliverable, now: datetime
    ) -> Sequence[Outgoing]:
        if inbox.first_seen(session, event.room, "message", event.message, now=now) is None:
            return ()
        if now - event.said > _LATE and self._was_told(session, event, now):
            return ()
        return [_answer(event.room, event.author, self._words(event.reason), None)]

    def _was_told(self, session: Session, event: Undeliverable, now: datetime) -> bool:
        """Whether a person has heard this hour that what they said long ago was not carried."""
        person, hour = event.author.person, f"{now:%Y-%m-%dT%H}"
        first = inbox.first_seen(session, event.room, "told", person, now=now, version=hour)
        return first is None


_RELEASED_AS = re.compile(r"--marking[\s=]+(?:\"[^\"]*\"|\S+)")
"""The label that `release` is given, which marks nothing of what was typed."""


def _is_secret(body: RichText, asked: Asked, files: Sequence[File] = ()) -> bool:
    """Whether a command's text is TLP:RED, or may be: not that of `mark`, which is a label."""
    call = asked.call
    if call.name == "mark" and not call.near:
        return False
    if call.name == "release" and not call.near:
        body = say(_RELEASED_AS.sub("", call.text))
    return read_marking(body, beside(files)).marking(Label.CLEAR).label is Label.RED


_KINDS = {TopicChanged: "topic", Pinned: "pins", Moved: "joins"}


def _identity(event: Event) -> tuple[RoomId, MessageId, str] | None:
    """What an event of history is about, and what tells it from others of the same message."""
    match event:
        case MessagePosted(room=room, message=message):
            return room, message, ""
        case MessageEdited(room=room, message=message, version=version):
            return room, message, f"edit {version}"
        case Reacted(room=room, message=message):
            return room, message, f"{event.emoji} {event.author.person}"
        case _:
            return None


def _what(event: Reacted) -> str:
    """What tells a reaction from every other."""
    return f"{event.message} {event.emoji} {event.author.person} {event.reaction}".strip()


def _pressed(session: Session, event: Reacted) -> Pressed | None:
    """The control that a person's reaction joins; bots do not command us."""
    return None if event.author.bot else controls.pressed(session, event)


def _passes(author: Author, scene: Scene) -> bool:
    return not author.bot or "bots" in scene.channel.relay


def _answer(room: RoomId, author: Author, text: str, thread: MessageId | None) -> Outgoing:
    return Outgoing(room, Answer(author.person, say(text), thread=thread), lane_of(author.person))
