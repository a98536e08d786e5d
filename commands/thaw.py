"""`thaw`: ends a freeze, when two teams say so."""

from __future__ import annotations

from typing import Annotated

from bot.custody import freezing
from bot.custody.audit import Act, Action, Outcome, named, record
from bot.errors import UserError
from bot.sharing.teams import TeamKey
from bot.words import Words, message
from commands.registry import Arg, Context, Reply, Role, command, reply
from commands.targets import WHAT, asker_of, needed, party_name, target_of, told


@command("thaw", role=Role.ADMIN, writes=True)
def thaw(
    context: Context, what: Annotated[str, Arg(WHAT, shown="ROOM|WORKSPACE|SERVER|TEAM|all")]
) -> Reply:
    """End a freeze, when a second team says so too."""
    target, asker, words = target_of(context, what), asker_of(context), context.words
    parties, theirs = needed(context), context.house.words_in()
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
        note = theirs("{team} asks to thaw {what}.", team=by, what=target.name)
        more = message("It needs a second team: one of its admins says “thaw {what}” too.")
        first = words("Not thawed yet: {what}.", what=target.name)
        return Reply(
            reply(f"{first}\n{words(more, what=target.name)}").body,
            also=told(context, target, f"{note}\n{theirs(more, what=target.name)}"),
        )
    done = words("Thawed: {what}.", what=target.name)
    note = theirs("{what} was thawed, in the end by {team}.", what=target.name, team=by)
    return Reply(
        reply(f"{done}\n{_lost(words, row.held)}").body,
        also=told(context, target, f"{note}\n{_lost(theirs, row.held)}"),
    )


def _lost(words: Words, held: int) -> str:
    return words.count(
        "{n} message or change from there was not taken in, and will not be.",
        "{n} messages and changes from there were not taken in, and will not be.",
        held,
    )
