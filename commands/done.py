"""`done`: somebody has done what was decided, or a team has deleted what it was asked to."""

from __future__ import annotations

from typing import Annotated

from bot.bridge import requested
from bot.bridge.recalling import Recall
from bot.custody import consent
from bot.custody.audit import Act, Action, of_message, record
from bot.custody.consent import Kind, Said
from bot.custody.pointing import pointed_at
from bot.decisions import proposals, tasks
from bot.errors import UserError
from bot.sharing.roles import Role
from bot.sharing.teams import TeamKey
from bot.store.tables import Message
from bot.store.tables.decisions import Decision, Task
from commands.deciding import may_know
from commands.originating import tell_team
from commands.registry import Arg, Context, Reply, command, reply


@command("done", writes=True)
def done(context: Context, handle: Annotated[str, Arg("what I called it", shown="REF")]) -> Reply:
    """Say that it is done: what you were to do, or that your team has deleted what I asked for."""
    found = _task(context, handle)
    return _recalled(context, handle) if found is None else _finish(context, *found)


def _task(context: Context, handle: str) -> tuple[Decision, Task] | None:
    """An action: `RTF-2026-014.2`, and without its place the only one that is left."""
    linked = pointed_at(context.session, handle)
    name, dot, place = ("", "", "") if linked else handle.rpartition(".")
    row = proposals.find(context.session, linked or (name if dot else handle))
    if row is None or not may_know(context, row):
        return None
    every = tasks.of(context.session, row)
    if dot and place.isdigit() and 0 < int(place) <= len(every):
        return row, every[int(place) - 1]
    left = [each for each in every if each.done is None]
    if dot or len(left) != 1:
        raise UserError("Say which: the number of the decision, a point, and which of its actions.")
    return row, left[0]


def _finish(context: Context, row: Decision, task: Task) -> Reply:
    """Somebody of the team whose it is, or who is to do it, says so."""
    team, words = context.part().team, context.words
    linked = context.house.linked(context.session, context.asker.person)
    is_own = task.owner in {context.asker.person, *linked}
    if not is_own and (team is None or team.key != task.team):
        raise UserError("Only who is to do it, or their team, says that it is done.")
    if task.done is not None:
        return reply(words("It was done already."))
    tasks.finish(context.session, row, task, context.asker.person, context.now)
    return reply(words("Done. It is written down."))


def _recalled(context: Context, handle: str) -> Reply:
    """A team has deleted what it kept of a recalled message."""
    session, part, words = context.session, context.part(), context.words
    row = consent.by_handle(session, handle)
    number = None if row is None or row.kind != Kind.RECALL else requested.number_of(row.object)
    message = None if number is None else session.get(Message, number)
    team = part.team
    if row is None or message is None or team is None:
        raise UserError("I have asked you for nothing by that name.")
    asked = consent.wanted(row, Recall)
    if team.key not in asked.teams:
        raise UserError("I have asked you for nothing by that name.")
    speaks = part.roles & {Role.DELEGATE, Role.ADMIN} or not (team.delegates or team.admins)
    if not speaks:
        raise UserError("Somebody who speaks for your team or administers it confirms that.")
    if any(each.team == team.key for each in consent.said(row)):
        return reply(words("Your team has confirmed it already."))
    consent.note(row, Said(context.asker.person, team.key, context.now))
    if {each.team for each in consent.said(row)} >= set(asked.teams):
        consent.close(row, consent.DONE, context.now)
    owner = context.house.directory().teams.get(TeamKey(message.originator or ""))
    act = Act(
        context.asker.person, team.key, Action.CONFIRMED, of_message(message), "recall",
        originator=None if owner is None else owner.key,
    )  # fmt: skip
    record(session, act, context.now)
    theirs = context.house.words_in(None if owner is None else owner.home)
    text = theirs(
        "{team} confirms that it has deleted what it kept of {handle}.",
        team=team.name, handle=row.handle,
    )  # fmt: skip
    told = () if owner is None else tell_team(session, context.house.directory(), owner, text)
    return Reply(reply(words("Thank you. It is written down.")).body, also=tuple(told))
