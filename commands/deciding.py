"""What the commands about decisions share: which one is meant, who speaks, who may know of it."""

from __future__ import annotations

from bot.custody import posting
from bot.custody.effective import Marked
from bot.decisions import proposals
from bot.decisions.voicing import Speaker
from bot.errors import UserError
from bot.sharing.gate import Denied, Door, judge
from bot.sharing.marking import Label
from bot.sharing.roles import Role
from bot.sharing.teams import Team, TeamKey
from bot.store.decision_tables import Decision
from commands.registry import Context

WHAT = "a number, a handle, or nothing in answer to it"


def decision_meant(context: Context, ref: str | None) -> Decision:
    """The decision of a REF, or that which is answered. Raises UserError where there is none, or
    none that the asker may know of: to them it is the same.
    """
    typed = ref
    if typed is None and context.room is not None and context.answers is not None:
        typed = posting.posted_as(context.session, context.room, context.answers)
    if typed is None:
        raise UserError("Say it in answer to a proposal, or with its number or handle.")
    row = proposals.find(context.session, typed)
    if row is None or not may_know(context, row):
        raise UserError("I know of no such decision.")
    return row


def may_know(context: Context, row: Decision) -> bool:
    """Whether it exists for the asker: for their team, as for a reader of a room; the operators,
    in an admin room, know of all.
    """
    if context.room is not None and context.house.is_admin_room(context.room):
        return True
    team = context.part().team
    return team is not None and may_read(context, proposals.marked_as(row), row.channel, team)


def may_read(context: Context, marked: Marked, channel: str, team: Team) -> bool:
    """Whether a team may have what was said in a channel with this marking."""
    council = context.house.council(channel)
    members = council.roster | council.observers
    if team.key not in members and team.key != marked.originator:
        return False
    markings = context.house.custody().markings
    door = Door(
        ceiling=Label.AMBER_STRICT, teams=frozenset({team.key}), roster=members,
        lowest=team.clearance,
    )  # fmt: skip
    return not isinstance(judge(markings.effective(marked).matter, door), Denied)


def speaker_of(context: Context) -> Speaker:
    """Who speaks, by all of their accounts."""
    directory = context.house.directory()
    asker = context.asker.person
    persons = {asker, *context.house.linked(context.session, asker)}
    team = context.part().team
    members = frozenset(directory.member_of(person) for person in persons)
    return Speaker(asker, members, None if team is None else team.key)


def presides(context: Context, row: Decision) -> bool:
    """Whether the asker speaks for the team that presides."""
    part = context.part()
    chairs = part.team is not None and part.team.key == row.chair
    return chairs and Role.DELEGATE in part.roles


def name_of(context: Context, team: str | None) -> str:
    """What a team is called."""
    found = None if team is None else context.house.directory().teams.get(TeamKey(team))
    return (team or "—") if found is None else found.name
