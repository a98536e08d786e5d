"""`done`: a team says that it has deleted what it kept of a recalled message."""

from __future__ import annotations

from typing import Annotated

from bot.bridge import fetching
from bot.bridge.recalling import Recall
from bot.custody import consent
from bot.custody.audit import Act, Action, of_message, record
from bot.custody.consent import Kind, Said
from bot.errors import UserError
from bot.sharing.roles import Role
from bot.sharing.teams import TeamKey
from bot.store.tables import Message
from commands.originating import tell_team
from commands.registry import Arg, Context, Reply, command, reply


@command("done", writes=True)
def done(context: Context, handle: Annotated[str, Arg("what I called it when I asked")]) -> Reply:
    """Say that your team has deleted what it kept of a recalled message."""
    session, part, words = context.session, context.part(), context.words
    row = consent.by_handle(session, handle)
    number = None if row is None or row.kind != Kind.RECALL else fetching.number_of(row.object)
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
    text = words(
        "{team} confirms that it has deleted what it kept of {handle}.",
        team=team.name, handle=row.handle,
    )  # fmt: skip
    told = () if owner is None else tell_team(session, context.house.directory(), owner, text)
    return Reply(reply(words("Thank you. It is written down.")).body, also=tuple(told))
