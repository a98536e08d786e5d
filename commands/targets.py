"""What `freeze` and `thaw` are about, who asks for it, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.custody.freezing import OPERATORS, Asker
from bot.custody.frozen import Kind
from bot.errors import UserError
from bot.events import Outgoing, Post, RoomId, account_of
from bot.richtext import say
from bot.sharing.roles import Role
from bot.sharing.teams import Team, TeamKey
from bot.words import message
from commands.registry import Context, shortened

WHAT = message("a room, workspace, server or team, or all")
_EXCERPT = 40


@dataclass(frozen=True, slots=True)
class Target:
    """What is frozen, or is to be."""

    kind: Kind
    name: str


def target_of(context: Context, typed: str) -> Target:
    """What somebody means; raises UserError where there is no such thing."""
    rooms = list(_rooms(context))
    accounts = {str(account_of(room)).casefold(): account_of(room) for room in rooms}
    team = _team(context, typed)
    if typed.casefold() == Kind.ALL:
        return Target(Kind.ALL, Kind.ALL)
    if typed in rooms:
        return Target(Kind.ROOM, typed)
    if typed.casefold() in accounts:
        return Target(Kind.ACCOUNT, accounts[typed.casefold()])
    if team is not None:
        return Target(Kind.TEAM, team.key)
    network, _, server = typed.partition(":")
    if server and "/" not in typed and any(each.startswith(f"{network}:") for each in accounts):
        return Target(Kind.SERVER, typed.lower())
    raise UserError(
        "I know no “{name}”. Write a room or workspace as “status” shows it, "
        "a server as “matrix:example.org”, a team by its name, or “all”.",
        name=shortened(typed, _EXCERPT),
    )


def asker_of(context: Context) -> Asker:
    """Who asks, for their team if they administer one, else for the operators."""
    part = context.part()
    team = part.team if Role.ADMIN in part.roles else None
    return Asker(context.asker.person, OPERATORS if team is None else team.key)


def in_admin_room(context: Context) -> bool:
    """Whether it is said in an admin room."""
    return context.room is not None and context.house.is_admin_room(context.room)


def is_own(context: Context, target: Target, party: str) -> bool:
    """Whether something is a team's own house: itself, its workspace or server, its rooms."""
    directory = context.house.directory()
    team = directory.teams.get(TeamKey(party))
    if team is None:
        return False
    match target.kind:
        case Kind.TEAM:
            return target.name == team.key
        case Kind.ROOM:
            return context.house.frozen().belongs(RoomId(target.name), team)
        case Kind.ACCOUNT | Kind.SERVER:
            return directory.owner_of_home(target.name) is team
        case _:
            return False


def needed(context: Context) -> int:
    """Of how many parties the word is needed where one alone must not decide."""
    return 2 if context.house.directory().teams else 1


def party_name(context: Context, party: str) -> str:
    """What a party is called."""
    team = context.house.directory().teams.get(TeamKey(party))
    words = context.house.words_in()
    return words("the operators") if team is None else shortened(team.name, _EXCERPT)


def told(context: Context, target: Target, text: str) -> tuple[Outgoing, ...]:
    """The admin rooms and the teams whose house it is hear of it."""
    homes = [team.home for team in _teams(context, target) if team.home is not None]
    rooms = dict.fromkeys((*context.house.admin_rooms(), *homes))
    return tuple(Outgoing(room, Post(say(text))) for room in rooms)


def _teams(context: Context, target: Target) -> Iterator[Team]:
    directory, frozen = context.house.directory(), context.house.frozen()
    for team in directory.teams.values():
        match target.kind:
            case Kind.ALL:
                yield team
            case Kind.TEAM if team.key == target.name:
                yield team
            case Kind.ROOM if frozen.belongs(RoomId(target.name), team):
                yield team
            case Kind.ACCOUNT | Kind.SERVER if team.key in directory.teams_in(target.name):
                yield team


def _rooms(context: Context) -> Iterator[RoomId]:
    house = context.house
    for channel in house.channels():
        yield from house.rooms_of(channel)
    yield from house.admin_rooms()
    for team in house.directory().teams.values():
        if team.home is not None:
            yield team.home


def _team(context: Context, typed: str) -> Team | None:
    teams, wanted = context.house.directory().teams.values(), typed.casefold()
    by_key = [team for team in teams if team.key.casefold() == wanted]
    found = by_key or [team for team in teams if team.name.casefold() == wanted]
    return found[0] if len(found) == 1 else None
