"""The one handler: an event in, deliveries out. Runs inside one transaction and never sends.

What follows in other rooms is decided in `bot.bridge`; what is asked of the bot, in
`bot.handler.calls`, is kept and run beside, in `bot.desk`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.bridge import (
    aside,
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
from bot.custody.gatekeeper import Gatekeeper
from bot.delivery import inbox, outbox
from bot.delivery.inlet import Handled
from bot.delivery.naming import lane_of
from bot.events import (
    Answer,
    Author,
    CommandTyped,
    DeliveryId,
    Event,
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
from bot.handler import hints
from bot.handler.asked import asked_in
from bot.handler.calls import Calls, Forms, is_secret, pressed_by
from bot.richtext import plain, say
from bot.sharing.teams import TeamKey
from bot.store.tables import Knowledge
from bot.words import Words
from commands.grammar import OWN, Call

_LATE = timedelta(minutes=1)
"""What was said so long ago belongs to a backlog: its failures are told once, not each."""

InChannel = (
    MessageEdited
    | MessageDeleted
    | Reacted
    | TopicChanged
    | Pinned
    | Moved
    | StretchRead
    | LeftOut
    | Undeliverable
)
"""What is passed on from a room of a channel, beside what is said there."""


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
        words_of: Callable[[TeamKey | None], Words] | None = None,
    ) -> None:
        """`words_of`: a team's words, None: all have `words`."""
        self._places = places
        self._words = words
        directory = custody.markings.directory

        def spoken(author: Author) -> Words:
            if words_of is None:
                return words
            team = directory.team_of(author.person, author.standing)
            return words_of(None if team is None else team.key)

        self._calls = Calls(places, names, bot_names, words, forms, spoken)
        people = People(directory, (*bot_names, OWN))
        self._scenes = {
            room: Scene(channel, places, words, people, custody)
            for channel in places.channels.values()
            for room in channel.rooms
        }

    def __call__(self, session: Session, event: Event, now: datetime) -> Handled:
        """Write what follows from an event; what is left to do after the commit."""
        match event:
            case MessagePosted():
                return self._message(session, event, now)
            case CommandTyped():
                return self._typed(session, event, now)
            case FormFilled():
                return self._calls.filled(session, event, now)
            case RoomRead(room, until):
                hearing.note(session, room, until, now)
                return Handled()
            case RosterChanged(room):
                return Handled(rosters={room})
            case Ignored() | Unreadable():
                return Handled()
            case Reacted(own=False):
                asked = self._joined(session, event, now)
                if asked is not None:
                    return asked
        return self._in_channel(session, event, now)

    def _typed(self, session: Session, event: CommandTyped, now: datetime) -> Handled:
        """A command, or the form that it opens first."""
        form = None if event.opens is None else self._calls.form(session, event, now)
        if form is None:
            return self._calls.typed(session, event, now)
        first = inbox.first_seen(session, event.room, "form", event.call, now=now)
        return Handled() if first is None else Handled(form=form)

    def _joined(self, session: Session, event: Reacted, now: datetime) -> Handled | None:
        """What is asked by a reaction that joins one of the bot's own; None for any other."""
        pressed = pressed_by(session, event)
        if pressed is not None:
            return self._calls.press(session, event, pressed, now)
        if event.emoji == recognised.SIGN and self._calls.is_recognised(session, event):
            return self._calls.look_up(session, event, now)
        return None

    def _in_channel(self, session: Session, event: InChannel, now: datetime) -> Handled:
        """What is done in a room, as far as that is one of a channel: it is passed on."""
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
        moved = {event.room} if isinstance(event, Moved) else set[RoomId]()
        return Handled(outbox.put(session, outgoing, now), rosters=moved)

    def _message(self, session: Session, event: MessagePosted, now: datetime) -> Handled:
        if event.own is not None:  # one of ours, of which this is to be known: it has landed
            met, landed = DeliveryId(event.own), event.message
            return Handled(outbox.landed(session, met, landed, now) if met else set())
        scene = self._scenes.get(event.room)
        commanded = self._places.admin_rooms | self._places.homes
        if scene is None and not event.direct and event.room not in commanded:
            return Handled()
        call = self._calls.read(event.body, addressed=event.mentions_bot, direct=event.direct)
        if event.direct and self._calls.is_answer(session, event, call, now):
            call = Call("advisory", f"answer {plain(event.body)}")
        if scene is not None and (call is not None or not _passes(event.author, scene)):
            aside.note(session, event, scene, now)
        if call is not None and event.author.bot:
            return Handled()  # bots do not command us, and commands are not relayed
        if call is not None and not event.version:
            asked = asked_in(event, call)
            if is_secret(event.body, asked, event.files):
                return self._calls.refuse_secret(session, asked, "message", event.message, now)
            return self._calls.keep(session, asked, "message", event.message, now)
        seen = inbox.first_seen(session, event.room, "message", event.message, now=now)
        if scene is None or not _passes(event.author, scene):
            return Handled()
        if seen is not None:
            decided = Decided() if call else posts.relay(session, event, scene, now)
            decided.outgoing += hints.how_to_object(session, event, scene, now)
        elif event.version:  # history, with other words than those that we have seen
            decided = self._edit(session, edits.as_edit(event), scene, now)
        else:
            return Handled()
        heard = event if scene.channel.recognise and not call else None
        return Handled(outbox.put(session, decided.outgoing, now), heard=heard)

    def _edit(self, session: Session, event: MessageEdited, scene: Scene, now: datetime) -> Decided:
        """An edit into a command is neither run nor relayed: what was said before stands, unless
        it is marked higher by that.
        """
        if not _passes(event.author, scene) or self._calls.read(event.body) is not None:
            return Decided(aside.revise(session, event, scene, now))
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
        if fetching.ask_without_edit(session, event, now):
            return ()
        if not inbox.was_seen(session, event.room, "message", event.message):
            deletions.foretell(session, event, scene, now)
        return ()

    def note(self, session: Session, event: MessagePosted, now: datetime) -> None:
        """Remember how something is marked that is held back: what hangs on it is marked so too."""
        scene = self._scenes.get(event.room)
        if scene is not None:
            aside.note(session, event, scene, now)

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
            self._calls.read(event.body, addressed=addressed) is None
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


def _passes(author: Author, scene: Scene) -> bool:
    return not author.bot or "bots" in scene.channel.relay


def _answer(room: RoomId, author: Author, text: str, thread: MessageId | None) -> Outgoing:
    return Outgoing(room, Answer(author.person, say(text), thread=thread), lane_of(author.person))
