"""Who may ever be shown what: written from the promise and TLP 2.0 alone, plain and slow.

It shares nothing with `bot.sharing`: labels are words, teams are names, and every question is
answered by looking at every person. The promise: on the membership known at the last check before
sending, nobody in the audience is someone who may not read it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

ORDER = ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
"""The labels of TLP 2.0, each stricter than the one before."""
COUNTRIES = {"fr": "FR", "fra": "FR", "de": "DE", "deu": "DE", "nl": "NL", "nld": "NL"}
"""How people write the countries that teams have here."""
NOWHERE = "nowhere"
"""Where somebody is who stands for the world."""
FOR_EVER = float("inf")
FULL = ("member", "app")
"""Who belongs to a house: neither its guests nor people of other houses."""


def stricter(first: str, second: str) -> str:
    """The stricter of two labels."""
    return max(first, second, key=ORDER.index)


@dataclass(frozen=True)
class Person:
    """Somebody on a network: `house` is the workspace or server; `standing` what they are there."""

    name: str
    house: str
    standing: str = "member"

    @property
    def id(self) -> str:
        """As whom everybody knows them."""
        return f"{self.house}/{self.name}"


@dataclass(frozen=True)
class Team:
    """A team: whole houses and persons."""

    members: frozenset[str]
    clearance: str
    country: str
    needs: int = 1
    """How many of its people a release takes."""


@dataclass(frozen=True)
class Channel:
    """A channel. `teams` None: whoever has somebody in one of the rooms."""

    rooms: tuple[str, ...]
    ceiling: str
    default: str
    teams: frozenset[str] | None = None
    hold: bool = True
    waiver: bool = False


@dataclass(frozen=True)
class Alliance:
    """What the configuration says."""

    teams: Mapping[str, Team]
    groups: Mapping[str, frozenset[str]]
    channels: Mapping[str, Channel]

    def team_of(self, person: Person) -> str | None:
        """Whose somebody is: named as a person, or else a full member of a house."""
        for name, team in self.teams.items():
            if person.id in team.members:
                return name
        for name, team in self.teams.items():
            if person.house in team.members and person.standing in FULL:
                return name
        return None

    def group(self, name: str) -> frozenset[str]:
        """The teams in a group and in the groups in it."""
        found: set[str] = set()
        for each in self.groups[name]:
            found |= self.group(each) if each in self.groups else {each}
        return frozenset(found)

    def channel_of(self, room: str) -> tuple[str, Channel]:
        """The channel that a room is of."""
        return next((n, c) for n, c in self.channels.items() if room in c.rooms)


@dataclass(frozen=True)
class Words:
    """What somebody said once, as its author meant it: `label` openly said, `spoken` merely spoken
    of, `lists` those it is releasable to, `doubtful` nearly a label. `floor`: what it says openly,
    written down when it was told: so far down its author may still correct it.
    """

    label: str | None = None
    spoken: str | None = None
    lists: tuple[frozenset[str], ...] = ()
    doubtful: bool = False
    floor: str | None = None
    shows: frozenset[tuple[int, str]] = frozenset()
    """Other messages that it forwards, or leads to: which, and where each was said."""

    def level(self, default: str) -> str:
        """The label that these words have in a channel with this default."""
        if self.doubtful:
            return "RED"
        return stricter(self.label or default, self.spoken or "CLEAR")

    def openly(self, default: str) -> str:
        """The label that they openly say: what nearly is a label says nothing."""
        return "CLEAR" if self.doubtful else self.label or default


@dataclass(frozen=True)
class Message:
    """What somebody said in a room. `words`: all versions, each as strict as it was."""

    key: int
    room: str
    author: Person
    originator: str | None
    said: float
    words: tuple[Words, ...]
    version: int = 0
    """The newest of them."""
    root: int | None = None
    answers: int | None = None
    released: Words | None = None
    released_at: float = 0.0
    recalled: bool = False
    """For good."""
    deleted: bool = False

    @property
    def shows(self) -> frozenset[tuple[int, str]]:
        """What any version of it shows: what it has shown once it has shown."""
        return frozenset(each for words in self.words for each in words.shows)

    @property
    def shared(self) -> float:
        """When it was shared as it is now: said, or released."""
        return self.said if self.released is None else self.released_at


@dataclass(frozen=True)
class Reading:
    """A room as it was read last: who is in it, and what it is like."""

    present: frozenset[Person] = frozenset()
    house_may_enter: bool = False
    world: bool = False
    fit: bool = True
    """Private, by invitation only, history from joining, encrypted."""


@dataclass(frozen=True)
class Span:
    """Since when until when a team was somewhere."""

    since: float
    until: float = FOR_EVER


@dataclass
class State:
    """All that is known at one moment."""

    alliance: Alliance
    people: frozenset[Person]
    now: float = 0.0
    messages: dict[int, Message] = field(default_factory=dict)
    read: dict[str, Reading] = field(default_factory=dict)
    """Rooms whose audience is known."""
    spans: dict[tuple[str, str], tuple[Span, ...]] = field(default_factory=dict)
    """When which team was in which channel or group."""
    founded: frozenset[str] = frozenset()
    """Those of which it is known who was in them first."""
    frozen: frozenset[str] = frozenset()
    """Rooms, houses, teams, or `all`."""

    def copy(self) -> State:
        """The same, to be changed on its own."""
        return State(
            self.alliance, self.people, self.now, dict(self.messages),
            dict(self.read), dict(self.spans), self.founded, self.frozen,
        )  # fmt: skip

    # ── teams, by time ──────────────────────────────────────────────────────────────────────────

    def keep_time(self) -> None:
        """Write down who is where from now on; who is there first was there from the beginning."""
        for name in self.alliance.groups:
            self._follow(name, self.alliance.group(name), whole=True)
        for name, channel in self.alliance.channels.items():
            whole = all(room in self.read for room in channel.rooms)
            self._follow(name, self._sharing(name), whole=whole)

    def _follow(self, circle: str, teams: frozenset[str], *, whole: bool) -> None:
        for team in teams | {team for known, team in self.spans if known == circle}:
            spans = self.spans.get((circle, team), ())
            inside = bool(spans) and spans[-1].until == FOR_EVER
            if team in teams and not inside:
                since = self.now if circle in self.founded else -FOR_EVER
                self.spans[circle, team] = (*spans, Span(since))
            elif team not in teams and inside and whole:
                self.spans[circle, team] = (*spans[:-1], Span(spans[-1].since, self.now))
        if whole:
            self.founded |= {circle}

    def _sharing(self, channel: str) -> frozenset[str]:
        """The teams that share in a channel, as far as is known: those on its roster, and whoever
        can read one of its rooms.
        """
        rooms = self.alliance.channels[channel].rooms
        readers = {
            self.alliance.team_of(person)
            for room in rooms
            if room in self.read
            for person in self.audience(room)
        }
        teams = frozenset(team for team in readers if team is not None)
        return teams | (self.roster(channel) or frozenset())

    def was_in(self, circle: str, team: str, then: float) -> bool:
        """Whether a team was in a channel or group then."""
        return any(s.since <= then < s.until for s in self.spans.get((circle, team), ()))

    def roster(self, channel: str) -> frozenset[str] | None:
        """The teams of a channel; None while that is not known."""
        rules = self.alliance.channels[channel]
        if rules.teams is not None:
            return rules.teams
        if any(room not in self.read for room in rules.rooms):
            return None
        inside = {self.alliance.team_of(p) for r in rules.rooms for p in self.read[r].present}
        return frozenset(team for team in inside if team is not None)

    # ── markings ────────────────────────────────────────────────────────────────────────────────

    def own(self, message: Message) -> tuple[str, tuple[frozenset[str], ...]]:
        """A message's own marking. An edit never lowers; only a release does."""
        default = self.alliance.channel_of(message.room)[1].default
        said = message.words if message.released is None else (message.released,)
        label = "CLEAR"
        lists: list[frozenset[str]] = []
        for words in said:
            label = stricter(label, words.level(default))
            lists += words.lists
        return label, tuple(lists)

    def above(self, key: int) -> Iterator[Message]:
        """A message and all that it hangs on: its root, what it answers and shows, and so on."""
        rest, seen = [key], set()
        while rest:
            each = rest.pop()
            if each in seen or each not in self.messages:
                continue
            seen.add(each)
            message = self.messages[each]
            yield message
            rest += [up for up in (message.root, message.answers) if up is not None]
            rest += [shown for shown, _ in message.shows]

    def label(self, key: int) -> str:
        """The effective label: the strictest of all that it hangs on."""
        label = "CLEAR"
        for message in self.above(key):
            label = stricter(label, self.own(message)[0])
            for shown, room in message.shows:
                if not self.knows(shown):  # nobody has told of it: its channel's default counts
                    label = stricter(label, self.alliance.channel_of(room)[1].default)
        return label

    def marking(self, key: int) -> object:
        """The effective marking as a whole, to be compared."""
        lists = {(each.key, names) for each in self.above(key) for names in self.own(each)[1]}
        return self.label(key), frozenset(lists)

    def knows(self, key: int) -> bool:
        """Whether a message was told of."""
        return key in self.messages

    def on_every_list(self, key: int, team: str | None) -> bool:
        """Whether a team is on every list of those to whom it is releasable: in the group when
        it was said (or released), and now. A list admits its originator too; an unknown name
        admits nobody.
        """
        said_by = self.messages[key].originator
        for message in self.above(key):
            for names in self.own(message)[1]:
                if team is not None and team in {said_by, message.originator}:
                    continue
                if team is None or not any(self._is_named(n, team, message.shared) for n in names):
                    return False
        return True

    def _is_named(self, name: str, team: str, said: float) -> bool:
        if name in self.alliance.groups:
            inside = team in self.alliance.group(name)
            return inside and self.was_in(name, team, said)
        if name in self.alliance.teams:
            return name == team
        country = COUNTRIES.get(name)
        return country is not None and self.alliance.teams[team].country == country

    # ── the promise ─────────────────────────────────────────────────────────────────────────────

    def audience(self, room: str) -> frozenset[Person]:
        """Everyone who can read a room: who is in it, and whoever may enter uninvited."""
        read = self.read[room]
        found = set(read.present)
        house = room.partition("/")[0]
        for person in self.people:
            if read.world and person.house == NOWHERE:
                found.add(person)
            if read.house_may_enter and person.house == house and person.standing in FULL:
                found.add(person)
        return frozenset(found)

    def may_read(self, person: Person, key: int, room: str) -> bool:
        """Whether somebody may be shown a message in a room of its channel."""
        label, team = self.label(key), self.alliance.team_of(person)
        name, channel = self.alliance.channel_of(room)
        restricted = any(self.own(each)[1] for each in self.above(key))
        if label == "RED":
            return False
        if label == "CLEAR" and not restricted:
            return True
        if team is None:
            # Settings may say that strangers are only reported; the world never is.
            return not channel.hold and (channel.waiver or not self.read[room].world)
        message = self.messages[key]
        if not self.was_in(name, team, message.shared):
            return False
        if not self.was_in(name, team, self.now):
            return False
        if ORDER.index(self.alliance.teams[team].clearance) < ORDER.index(label):
            return False
        if label == "AMBER+STRICT" and team not in (self.roster(name) or ()):
            return False
        return self.on_every_list(key, team)

    def may_stand(self, key: int, room: str) -> bool:
        """Whether a copy of a message may be put into a room."""
        return not self.is_frozen(room) and self.may_remain(key, room)

    def may_remain(self, key: int, room: str) -> bool:
        """Whether a copy of a message may be in a room, though nothing goes in there now."""
        message = self.messages[key]
        label = self.label(key)
        _, channel = self.alliance.channel_of(room)
        if label == "RED" or message.recalled or message.deleted:
            return False
        if ORDER.index(label) > ORDER.index(channel.ceiling):
            return False
        restricted = any(self.own(each)[1] for each in self.above(key))
        if label == "CLEAR" and not restricted:
            return True
        if room not in self.read:
            return False
        if ORDER.index(label) > ORDER.index("GREEN") and not (
            self.read[room].fit or channel.waiver
        ):
            return False
        return all(self.may_read(person, key, room) for person in self.audience(room))

    # ── what only the originator may ────────────────────────────────────────────────────────────

    def is_theirs(self, key: int, person: Person) -> bool:
        """Whether a message came from somebody's team; where it came from none, from them."""
        message = self.messages[key]
        if message.originator is None:
            return person == message.author
        return self.alliance.team_of(person) == message.originator

    def may_release(self, key: int, by: Collection[Person], words: Words) -> bool:
        """Whether these together may let a message go further: its originator's team alone, as
        many as that asks for, never upward, and never what is TLP:RED still.
        """
        message, label = self.messages[key], words.label or "RED"
        team = self.alliance.teams.get(message.originator or "")
        return (
            all(self.is_theirs(key, person) for person in by)
            and len({person.id for person in by}) >= (1 if team is None else team.needs)
            and not (message.recalled or message.deleted or label == "RED")
            and ORDER.index(label) <= ORDER.index(self.own(message)[0])
        )

    def may_recall(self, key: int, person: Person) -> bool:
        """Whether somebody may take a message back: its author, or the originator's team."""
        return person == self.messages[key].author or self.is_theirs(key, person)

    def may_lower(self, key: int, person: Person, label: str) -> bool:
        """Whether somebody may say that a message is marked lower than it seemed: no lower than
        what any of its versions openly says.
        """
        message = self.messages[key]
        default = self.alliance.channel_of(message.room)[1].default
        floors = [words.floor or words.level(default) for words in message.words]
        theirs = self.may_recall(key, person) and message.released is None
        return theirs and all(ORDER.index(label) >= ORDER.index(floor) for floor in floors)

    def is_frozen(self, room: str, team: str | None = None) -> bool:
        """Whether nothing goes in there, and nothing out that somebody of this team says."""
        house = room.partition("/")[0]
        owners = {name for name, each in self.alliance.teams.items() if house in each.members}
        return bool(self.frozen & {"all", room, house, team, *owners})
