"""What the commands about decisions share: which one is meant, who speaks, who may know of it."""

from __future__ import annotations

from bot.custody import numbering
from bot.custody.effective import Marked
from bot.custody.pointing import pointed_at
from bot.decisions import proposals, reading
from bot.decisions.voicing import Speaker
from bot.errors import Misused, UserError
from bot.events import RoomId
from bot.sharing.roles import Role
from bot.sharing.teams import Team
from bot.store.tables.decisions import Decision
from bot.words import message
from commands.grammar.words import first_word, trimmed
from commands.meaning import answered
from commands.registry import Context

WHAT = message("a number, a handle, a link to its post, or nothing in answer to it")


def decision_meant(context: Context, ref: str | None) -> Decision:
    """The decision of a REF, or that which is answered. Raises UserError where there is none, or
    none that the asker may know of: to them it is the same.
    """
    typed = answered(context) if ref is None else pointed_at(context.session, ref) or ref
    if typed is None:
        raise Misused("Say it in answer to a proposal, or with its number or handle.")
    row = proposals.find(context.session, typed)
    if row is None or not may_know(context, row):
        raise UserError("I know of no such decision.")
    return row


def may_know(context: Context, row: Decision) -> bool:
    """Whether it exists for the asker: for their team, or as for a reader of a room where it
    stands; the operators, in an admin room, know of all.
    """
    return _may_have(context, row, proposals.marked_as(row))


def knows_all(context: Context, row: Decision) -> bool:
    """Whether they may know too what others had said to it before it was released."""
    return _may_have(context, row, proposals.given_as(row))


def _may_have(context: Context, row: Decision, marked: Marked) -> bool:
    room = context.room
    custody, session = context.house.custody(), context.session
    if context.shared is not None:
        return room is not None and reading.is_known_in(session, custody, row, marked, room)
    if room is not None and context.house.is_admin_room(room):
        return True
    is_there = room is not None and not context.direct
    if is_there and reading.is_known_in(session, custody, row, marked, room or RoomId("")):
        return True
    team = context.part().team
    return team is not None and may_read(context, marked, row.channel, team)


def may_read(context: Context, marked: Marked, channel: str, team: Team) -> bool:
    """Whether a team may have what was said in a channel with this marking."""
    if channel not in context.house.channels():
        return False
    council, doors = context.house.council(channel), context.house.custody().doors
    members = council.roster | council.observers
    return reading.may_read(doors, marked, channel, team, members, context.now)


def speaker_of(context: Context) -> Speaker:
    """Who speaks, by all of their accounts."""
    directory = context.house.directory()
    asker = context.asker.person
    persons = {asker, *context.house.linked(context.session, asker)}
    team = context.part().team
    members = frozenset(directory.member_of(person) for person in persons)
    return Speaker(asker, members, None if team is None else team.key)


def split_ref(context: Context, text: str) -> tuple[str | None, str]:
    """The REF that begins a text, and the rest; None where the command answers a proposal and its
    first word names none.
    """
    first, rest = first_word(text)
    known = pointed_at(context.session, first)
    if known is not None:
        return known, rest
    if context.answers is not None and numbering.find(context.session, first) is None:
        return None, trimmed(text)
    return first, rest


def presides(context: Context, row: Decision) -> bool:
    """Whether the asker speaks for the team that presides."""
    part = context.part()
    chairs = part.team is not None and part.team.key == row.chair
    return chairs and Role.DELEGATE in part.roles


def is_proposer(context: Context, row: Decision) -> bool:
    """Whether the asker proposed it, by any of their accounts, or speaks for the team that did."""
    linked = context.house.linked(context.session, context.asker.person)
    if row.proposer in {context.asker.person, *linked}:
        return True
    part = context.part()
    return part.team is not None and part.team.key == row.team and Role.DELEGATE in part.roles
