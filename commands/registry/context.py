"""What a command is given, and how it asks before it does what cannot be undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.orm import Session

from bot.events import Author, Control, Look, MessageId, RoomId, Standing
from bot.sharing.doors import door_of_team
from bot.sharing.gate import Allowed, Door, Matter, judge
from bot.sharing.roles import Part, part_of
from bot.words import Words
from commands.registry.described import Command
from commands.registry.house import House
from commands.registry.replies import Reply, reply

CONFIRM = "confirm"
"""The command that says yes to what the bot has asked;"""
YES, NO = "\N{WHITE HEAVY CHECK MARK}", "\N{CROSS MARK}"
"""the emoji that says so, and the one that says no."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came with a command, or the words that it answers; `cut`: not all of them."""

    name: str
    mimetype: str
    content: bytes
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, where, when, and by what means a command can answer.

    `room` is None where a command was not typed in a room. `channel` is the channel that the room
    belongs to; in a direct or admin room what `--channel NAME` named, else None. `said` is when
    the network says that it was typed; `answers` is the message of the room that it was typed in
    answer to, or in whose thread. `handle` is the network's own to answer by
    (`bot.events.CommandTyped.reply`). `words` are in the asker's language. `commands` is filled
    in by the registry.
    """

    session: Session
    now: datetime
    asker: Author
    room: RoomId | None
    direct: bool
    channel: str | None
    words: Words
    house: House
    said: datetime | None = None
    answers: MessageId | None = None
    handle: str | None = None
    commands: Mapping[str, Command] = field(default_factory=dict)
    confirmed: str = ""
    """What was asked about this command, where its asker has confirmed that: see `asks_first`."""
    attached: tuple[Attached, ...] = ()
    """The files that came with it, where its command takes any (`Command.attaches`)."""
    shared: Door | None = None
    """The door of the room whose readers all see the answer, where it is computed for them."""

    @property
    def audience(self) -> Door:
        """For whom the answer is: all who read a room where it is shared, else the asker's team."""
        return self.shared or door_of_team(self.part().team)

    def may_read(self, matter: Matter) -> bool:
        """Whether those whom the answer is for may read something: what they may not is left out
        of it, as if it was not there.
        """
        return isinstance(judge(matter, self.audience), Allowed)

    def part(self) -> Part:
        """What the asker is to the house: team and roles, through any of their accounts.

        Of a linked account only what is configured for that very person counts: what it is in its
        workspace is known when it speaks, and not from here.
        """
        asker = (self.asker.person, self.asker.standing)
        linked = self.house.linked(self.session, self.asker.person)
        return part_of(
            self.house.directory(), [asker, *((each, Standing.UNKNOWN) for each in linked)]
        )


def asks_first(context: Context, question: str) -> Reply | None:
    """The second step of what cannot be undone: the answer that says what will happen and asks;
    None where that was confirmed. Where something else would happen by now, it asks again.
    """
    if context.confirmed == question:
        return None
    how = context.words("To do it, type “confirm” to me within ten minutes, or press ✅ Confirm.")
    yes = Control(context.words("Confirm"), CONFIRM, YES, Look.PRIMARY, once=True)
    return replace(reply(f"{question}\n{how}"), asks=question, controls=(yes,))
