"""The tables about the allies: `[teams.NAME]` and `[channels.NAME]`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from bot.sharing.marking import Label
from config.durations import Delay, Duration
from config.forms import (
    Count,
    Country,
    Language,
    Marking,
    Note,
    QuietHours,
    Severity,
    Text,
    Workdays,
    Zone,
)
from config.mail import Alert
from config.places import Member, Person, Room
from config.products import Products
from config.series import SeriesName
from config.sizes import Size
from config.table import Table

UTC = ZoneInfo("UTC")


class Team(Table):
    """An allied team. `name` and `language` None: the key it is under, the bot's language."""

    name: Text | None = None
    country: Country | None = None
    timezone: Zone = UTC
    language: Language | None = None
    clearance: Marking | None = None
    members: tuple[Member, ...] = ()
    """In normal form: workspaces, servers and persons, `slack:alpha`, `slack:alpha/U123`."""
    delegates: tuple[Person, ...] = ()
    admins: tuple[Person, ...] = ()
    duty: tuple[Person, ...] = ()
    alerts: tuple[Alert, ...] = ()
    """What rings beside chat, with a number, a severity and a link."""
    escalate: Duration = timedelta(minutes=5)
    """How long a page waits for somebody before the next is rung."""
    home: Room | None = None
    quiet: QuietHours | None = None
    quiet_override: Severity | None = None
    workdays: Workdays = frozenset(range(5))
    release_needs: Count = 1
    weight: Count = 1
    products: Products | None = None
    """What it runs: a product a line. It is the team's own secret."""


class CatchUp(Table):
    """How much of what was said while the bot was away is brought over."""

    messages: Annotated[int, Field(strict=True, ge=0)] = 1000
    age: Duration = timedelta(days=7)


class Silence(Table):
    """How silence is kept: the shortest period; what follows for a team that the text has not
    reached; how long it stays open after an outage, or for an objection to be confirmed; and how
    long what was decided by those present waits for the others' word.
    """

    minimum: Duration = timedelta(hours=1)
    unreached: Literal["extend", "exclude", "fail"] = "extend"
    grace: Duration = timedelta(minutes=15)
    confirm: Duration = timedelta(minutes=10)


class Channel(Table):
    """A coordination channel. `title` None: the key it is under."""

    title: Text | None = None
    ceiling: Marking = Label.CLEAR
    """A room that nothing describes admits TLP:CLEAR only."""
    default_marking: Marking | None = None
    """None: the ceiling. See `marking`."""
    rooms: tuple[Room, ...] = ()
    timezone: Zone = UTC
    teams: tuple[str, ...] | None = None
    """The roster; None: every team with a member in one of the rooms."""
    chair: str | None = None
    observers: tuple[str, ...] = ()
    strangers: Literal["hold", "report"] = "hold"
    waiver: Note = ""
    catch_up: CatchUp = CatchUp()
    mass_mentions: Annotated[bool, Field(strict=True)] = False
    """Whether a call to everyone pings there too; without it, it is said as a word."""
    chatham_house: Annotated[bool, Field(strict=True)] = False
    """The other rooms get the words, and neither the person nor the team."""
    recognise: Annotated[bool, Field(strict=True)] = False
    """Whether a 🔎 on a message says that all who read the channel know a value in it."""
    relay: tuple[Literal["bots", "topic", "pins", "joins"], ...] = ("bots", "topic", "pins")
    """What is relayed beside what people say."""
    silence: Silence = Silence()
    series: SeriesName | None = None
    """Of what is numbered for the whole channel; None: after the channel's name."""
    delay: Delay = timedelta(0)
    """How long what is said waits, so that its author can undo it, before other rooms get it."""
    max_file: Size = 100_000_000
    """Bytes; a larger file stays where it is, and the other rooms are told so."""

    @property
    def marking(self) -> Label:
        """The marking of a message that bears none."""
        return self.default_marking or self.ceiling
