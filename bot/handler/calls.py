"""What is asked of the bot: each way in which a command comes, and that it is kept to be run.

None of it is relayed. What is run is run beside (see `bot.desk`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from bot.advisories import writing
from bot.bridge import (
    recognised,
)
from bot.bridge.places import Places
from bot.custody.gatekeeper import beside
from bot.custody.rosters import is_reader
from bot.delivery import controls, inbox, outbox
from bot.delivery.controls import Pressed
from bot.delivery.inlet import Handled
from bot.events import (
    Answer,
    Author,
    CommandTyped,
    File,
    FormFilled,
    MessagePosted,
    Outgoing,
    Reacted,
)
from bot.forms import Form, Mistakes
from bot.handler.asked import Asked, asked_by, asked_on, encode_asked
from bot.richtext import RichText, plain, say
from bot.sharing.marking import Label
from bot.sharing.written import read_marking
from bot.store.tables import InboxState
from bot.words import Words
from commands.grammar import Call, NearMiss, read_call, read_slash


class Forms(Protocol):
    """The commands, as far as their forms are concerned."""

    def form(
        self, call: Call | NearMiss, words: Words, values: Mapping[str, str] | None = None
    ) -> Form | None:
        """What a command that was chosen has yet to be told; with `values`, that was typed."""

    def filled(self, name: str, values: Mapping[str, str], words: Words) -> str | Mistakes:
        """What was filled in, as it would be typed; or what is wrong with it."""


class Calls:
    """Reads commands, and keeps them in the inbox until they are run."""

    def __init__(
        self,
        places: Places,
        names: Collection[str],
        bot_names: tuple[str, ...],
        words: Words,
        forms: Forms | None,
        words_of: Callable[[Author], Words],
    ) -> None:
        """`words`: for who is told that nothing is kept; `words_of`: somebody's own, for forms."""
        self._places = places
        self._names = names
        self._bot_names = bot_names
        self._words = words
        self._forms = forms
        self._words_of = words_of
        self._channels = {
            room: channel for channel in places.channels.values() for room in channel.rooms
        }

    def typed(self, session: Session, event: CommandTyped, now: datetime) -> Handled:
        """A command was typed after the network's own slash, chosen or pressed: it is kept, unless
        it is TLP:RED.
        """
        asked = asked_by(event, read_slash(event.text, self._names))
        if event.pressed is None and is_secret(say(event.text), asked):
            return self.refuse_secret(session, asked, "command", event.call, now)
        return self.keep(session, asked, "command", event.call, now)

    def is_recognised(self, session: Session, event: Reacted) -> bool:
        """Whether a 🔎 is joined, or left, that we have put there."""
        channel = self._channels.get(event.room)
        if channel is None or not channel.recognise or event.author.bot:
            return False
        return recognised.is_shown(session, event.room, event.message)

    def look_up(self, session: Session, event: Reacted, now: datetime) -> Handled:
        """Our 🔎 was joined: as if `ioc` was typed in answer to the message. It is not passed on,
        so that no other room learns who asked.
        """
        if not event.added:
            return Handled()
        asked = asked_on(event, event.room, None, Call("ioc", ""), direct=False)
        return self.keep(session, asked, "reaction", _what(event), now)

    def is_answer(
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

    def press(self, session: Session, event: Reacted, pressed: Pressed, now: datetime) -> Handled:
        """A control was joined: as if its call was typed there. A private answer belongs to the
        room where it was asked for, as long as its asker is in that.
        """
        room, places = event.room, self._places
        if pressed.private and is_reader(session, pressed.room, event.author.person):
            room = pressed.room
        direct = room not in self._channels and room not in places.admin_rooms | places.homes
        call = read_slash(pressed.call, self._names, escaped=False)
        asked = asked_on(event, room, pressed.delivery, call, direct=direct)
        return self.keep(session, asked, "reaction", _what(event), now)

    def form(self, session: Session, event: CommandTyped, now: datetime) -> Form | None:
        """What is to be asked of who chose a command for a message, or typed one that has a form;
        what they wrote before, and have not finished, stands in it.
        """
        if self._forms is None:
            return None
        call, words = read_slash(event.text, self._names), self._words_of(event.author)
        if event.answers is not None and event.pressed is None:
            return self._forms.form(call, words)
        if self._forms.form(call, words, {}) is None:
            return None
        begun = writing.find(session, event.author.person, now)
        values = {} if begun is None else writing.values_of(begun)
        return self._forms.form(call, words, values)

    def filled(self, session: Session, event: FormFilled, now: datetime) -> Handled:
        """A form came back: as if its command was typed, once it can be."""
        assert self._forms is not None
        words = self._words_of(event.author)
        text = self._forms.filled(event.command, event.values, words)
        if isinstance(text, Mistakes):
            return Handled(mistakes=text)
        asked = asked_by(event, read_slash(text, self._names, escaped=False))
        if is_secret(say(text), asked):
            return self.refuse_secret(session, asked, "form filled", event.call, now)
        return self.keep(session, asked, "form filled", event.call, now)

    def read(
        self, body: RichText, *, addressed: bool = False, direct: bool = False
    ) -> Call | NearMiss | None:
        """The command that a message is, None where it is none."""
        text, names = plain(body), self._bot_names
        return read_call(
            text, names=self._names, addressed=addressed, direct=direct, bot_names=names
        )

    def keep(
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

    def refuse_secret(
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


_RELEASED_AS = re.compile(r"--marking[\s=]+(?:\"[^\"]*\"|\S+)")
"""The label that `release` is given, which marks nothing of what was typed."""


def is_secret(body: RichText, asked: Asked, files: Sequence[File] = ()) -> bool:
    """Whether a command's text is TLP:RED, or may be: not that of `mark`, which is a label."""
    call = asked.call
    if call.name == "mark" and not call.near:
        return False
    if call.name == "release" and not call.near:
        body = say(_RELEASED_AS.sub("", call.text))
    return read_marking(body, beside(files)).marking(Label.CLEAR).label is Label.RED


def pressed_by(session: Session, event: Reacted) -> Pressed | None:
    """The control that a person's reaction joins; bots do not command us."""
    return None if event.author.bot else controls.pressed(session, event)


def _what(event: Reacted) -> str:
    """What tells a reaction from every other."""
    return f"{event.message} {event.emoji} {event.author.person} {event.reaction}".strip()
