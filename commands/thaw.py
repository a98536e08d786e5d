"""`thaw`: ends a freeze, when two teams say so."""

from __future__ import annotations

from typing import Annotated

from bot.custody import freezing
from bot.custody.audit import Act, Action, Outcome, named, record
from bot.errors import UserError
from bot.sharing.teams import TeamKey
from commands.registry import Arg, Context, Reply, Role, command, reply
from commands.targets import WHAT, asker_of, needed, party_name, target_of, told


@command("thaw", role=Role.ADMIN, writes=True)
def thaw(
    context: Context, what: Annotated[str, Arg(WHAT, shown="ROOM|WORKSPACE|SERVER|TEAM|all")]
) -> Reply:
    """End a freeze, when a second team says so too."""
    target, asker, words = target_of(context, what), asker_of(context), context.words
    parties = needed(context)
    try:
        row = freezing.thaw(context.session, target.kind, target.name, asker, context.now, parties)
    except LookupError:
        raise UserError("{what} is not frozen.", what=target.name) from None
    act = Act(
        asker.person,
        TeamKey(asker.party) if asker.party else None,
        Action.THAWED,
        named(target.kind, target.name),
        "two teams" if parties > 1 else "alone",
        Outcome.WAITING if row is None else Outcome.OK,
    )
    record(context.session, act, context.now)
    by = party_name(context, asker.party)
    if row is None:
        note = words("{team} asks to thaw {what}.", team=by, what=target.name)
        second = words(
            "It needs a second team: one of its admins says “thaw {what}” too.", what=target.name
        )
        first = words("Not thawed yet: {what}.", what=target.name)
        return Reply(
            reply(f"{first}\n{second}").body, also=told(context, target, f"{note}\n{second}")
        )
    done = words("Thawed: {what}.", what=target.name)
    lost = words.count(
        "{n} message or change from there was not taken in, and will not be.",
        "{n} messages and changes from there were not taken in, and will not be.",
        row.held,
    )
    note = words("{what} was thawed, in the end by {team}.", what=target.name, team=by)
    return Reply(reply(f"{done}\n{lost}").body, also=told(context, target, f"{note}\n{lost}"))
