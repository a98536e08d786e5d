"""What a command is given and what it gives back: inert values, and one view of the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.orm import Session

from bot.custody.frozen import Frozen
from bot.custody.gatekeeper import Gatekeeper
from bot.custody.holding import Holds
from bot.custody.numbering import SeriesList
from bot.custody.pending import Item, Reader
from bot.decisions.house import Council
from bot.errors import UserError
from bot.events import (
    AccountId,
    Author,
    Control,
    DeliveryId,
    Look,
    MessageId,
    Outgoing,
    PersonId,
    RoomId,
    Standing,
)
from bot.indicators.observable import Observable
from bot.paging.house import Service
from bot.platforms.base import Capabilities
from bot.richtext import RichText, say
from bot.sharing.doors import door_of_team
from bot.sharing.gate import Allowed, Door, Matter, judge
from bot.sharing.marking import Label
from bot.sharing.roles import Part, part_of
from bot.sharing.teams import Directory, TeamKey
from bot.sharing.traits import Shortcoming
from bot.words import Words

if TYPE_CHECKING:
    from commands.registry.declaration import Command

CONFIRM = "confirm"
"""The command that says yes to what the bot has asked;"""
YES, NO = "\N{WHITE HEAVY CHECK MARK}", "\N{CROSS MARK}"
"""the emoji that says so, and the one that says no."""
FIRST_LINE = 80
"""Characters that the first line of an answer may have: it says it all, also in a notification."""


@dataclass(frozen=True, slots=True)
class SilenceView:
    """How silence is kept in a channel, by its settings (see `bot.decisions.silence.Rules`)."""

    minimum: timedelta = timedelta(hours=1)
    grace: timedelta = timedelta(minutes=15)
    unreached: str = "extend"
    confirm: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A coordination channel, as commands may know it."""

    name: str
    title: str
    ceiling: Label = Label.CLEAR
    marking: Label = Label.CLEAR
    """Of a message that bears none."""
    teams: tuple[str, ...] | None = None
    """The roster as it is configured; None: every team with a member in one of the rooms."""
    chair: str | None = None
    observers: tuple[str, ...] = ()
    waiver: str = ""
    chatham_house: bool = False
    zone: tzinfo = UTC
    silence: SilenceView = SilenceView()


@dataclass(frozen=True, slots=True)
class AudienceView:
    """Who reads a room. `people`: how many are in it by team, 0 where they may only enter it;
    `strangers`: how many are of no team, `homes`: whose people may all enter, and are of none;
    `lacks`: what it lacks for its channel's ceiling, though a waiver may allow that.
    """

    known: bool = False
    people: Mapping[TeamKey, int] = field(default_factory=dict)
    strangers: int = 0
    homes: tuple[str, ...] = ()
    world: bool = False
    lacks: tuple[Shortcoming, ...] = ()


@dataclass(frozen=True, slots=True)
class LaneView:
    """What a room's lane holds: how many deliveries wait (those being sent included), are of
    unknown outcome, are dead; when the oldest of the first two was said; when one last landed.
    """

    waiting: int = 0
    unknown: int = 0
    dead: int = 0
    oldest: datetime | None = None
    last_delivered: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came with a command, or the words that it answers; `cut`: not all of them."""

    name: str
    mimetype: str
    content: bytes
    cut: bool = False


class House(Protocol):
    """What commands may ask of the running house. Nothing here waits, and nothing changes."""

    def channels(self) -> Mapping[str, ChannelView]:
        """Every configured channel by its name, in the configuration's order."""

    def directory(self) -> Directory:
        """Who belongs to which team."""

    def held(self, session: Session) -> Holds:
        """What is under a legal hold."""

    def custody(self) -> Gatekeeper:
        """The gate, and what markings mean now."""

    def frozen(self) -> Frozen:
        """What is frozen and what is paused; what freezes something lets this know at once."""

    def admin_rooms(self) -> Sequence[RoomId]:
        """The configured admin rooms, in the configuration's order."""

    def linked(self, session: Session, person: PersonId) -> Mapping[PersonId, str]:
        """The other accounts of the same human, with what they are called there."""

    def rooms_of(self, channel: str) -> Sequence[RoomId]:
        """The rooms of a channel, in the configuration's order."""

    def audience(self, room: RoomId) -> AudienceView:
        """Who reads a room, as far as it was read."""

    def is_admin_room(self, room: RoomId) -> bool:
        """Whether a room is one of the configured admin rooms."""

    def connected(self, account: AccountId) -> bool:
        """Whether an account receives live events now."""

    def troubles(self, account: AccountId) -> Mapping[RoomId | None, str]:
        """What does not work of an account: rooms, and (None) itself, with the reason's code."""

    def since(self, account: AccountId) -> datetime | None:
        """Since when it is connected, or is not; None where that is not known."""

    def catch_up(self, channel: str) -> tuple[int, timedelta]:
        """How many messages of a channel's room, and how old ones, are caught up."""

    def channel_of(self, room: RoomId) -> str | None:
        """The channel that a room belongs to."""

    def series(self) -> SeriesList:
        """The series of numbers that there are."""

    def council(self, channel: str) -> Council:
        """Who decides in a channel."""

    def roster(self, channel: str) -> frozenset[TeamKey]:
        """The teams that a channel is for."""

    def capable(self, room: RoomId) -> Capabilities:
        """What the network of a room can do."""

    def is_frozen(self, room: RoomId) -> bool:
        """Whether nothing that is said in a room is taken in now."""

    def is_silenced(self, team: TeamKey | None) -> bool:
        """Whether no voice of a team counts now."""

    def enrichers(self) -> Mapping[str, Label]:
        """The third parties that may be asked about a value, and up to which marking."""

    def services(self, team: TeamKey) -> Sequence[Service]:
        """How a team is alerted beside chat."""

    def link_to(self, room: RoomId) -> str | None:
        """A link by which people open a room."""

    def link_to_message(self, room: RoomId, message: MessageId) -> str | None:
        """The same of a message, as far as it is known now."""

    def new_id(self) -> DeliveryId:
        """An id for a delivery that is to be written."""

    def pending(
        self, session: Session, reader: Reader, channel: str | None = None
    ) -> Sequence[Item]:
        """What is open, as far as the reader may know of it: of a channel, or of all."""

    def is_veiled(self, channel: str) -> bool:
        """Whether a channel follows the Chatham House Rule: who said what is not told there."""

    def words_in(self, room: RoomId | None = None) -> Words:
        """The words for a room that several teams read."""

    def waiting(self, session: Session, channel: str | None = None) -> Mapping[RoomId, LaneView]:
        """The lanes of a channel's rooms; without a channel every lane that holds anything, and
        when something last landed is left out. A room that is absent has an empty lane.
        """


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


@dataclass(frozen=True, slots=True)
class Enquiry:
    """A value that a third party is to be asked about, by the name that the configuration has."""

    name: str
    value: Observable


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command answers. `public`: for all in the room; else for its asker alone. `also`:
    what leaves with it, for others. `asks`: what it asks to be confirmed, where it is a question.
    `controls`: what can be pressed on it. `matter`: of a public one, how it is marked
    (`Outgoing.matter`). `looked_up`: how many values were looked up for it, for the quota.
    `shares`: with which arguments it can be shared, where what was typed is not to be shown.
    `outside`: what third parties are asked, who answer later, to the asker alone. `unnamed`: the
    audit does not name the command, and the answer is erased when it has landed.
    """

    body: RichText
    public: bool = False
    also: tuple[Outgoing, ...] = ()
    asks: str = ""
    controls: tuple[Control, ...] = ()
    matter: str | None = None
    looked_up: int = 0
    shares: str | None = None
    outside: tuple[Enquiry, ...] = ()
    unnamed: bool = False


def reply(text: str, *, public: bool = False) -> Reply:
    """An answer of plain text, its first line held to 80 characters: what is more goes below."""
    first, _, _ = text.partition("\n")
    if len(first) > FIRST_LINE:
        at = max(first.rfind(" ", 0, FIRST_LINE + 1), 0) or FIRST_LINE
        text = text[:at] + "\n" + text[at:].removeprefix(" ")
    return Reply(say(text), public)


def asks_first(context: Context, question: str) -> Reply | None:
    """The second step of what cannot be undone: the answer that says what will happen and asks;
    None where that was confirmed. Where something else would happen by now, it asks again.
    """
    if context.confirmed == question:
        return None
    how = context.words("To do it, type “confirm” to me within ten minutes, or press ✅ Confirm.")
    yes = Control(context.words("Confirm"), CONFIRM, YES, Look.PRIMARY, once=True)
    return replace(reply(f"{question}\n{how}"), asks=question, controls=(yes,))


def refusal(error: UserError, words: Words) -> Reply:
    """What the person is told who made the mistake: private always."""
    return replace(reply(words(error.words, **error.values)), looked_up=error.looked_up)


def shortened(text: str, longest: int) -> str:
    """At most `longest` characters, with … where some were left out."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
