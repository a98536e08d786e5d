"""`freeze`: nothing in and nothing out, at once, of what is in wrong hands.

A team freezes its own house alone, and so do the operators in an admin room anything; of a house
that is not theirs two teams' admins say it within ten minutes.
"""

from __future__ import annotations

from typing import Annotated

from sqlalchemy import select

from bot.custody import freezing
from bot.custody.audit import Act, Action, Outcome, named, record
from bot.custody.frozen import Kind
from bot.events import PersonId
from bot.sharing.teams import TeamKey
from bot.store.tables import Roster
from bot.words import message
from commands.registry import Arg, Context, Reply, Role, command, reply
from commands.targets import (
    WHAT,
    Target,
    asker_of,
    in_admin_room,
    is_own,
    needed,
    party_name,
    target_of,
    told,
)


@command("freeze", role=Role.ADMIN, writes=True)
def freeze(
    context: Context, what: Annotated[str, Arg(WHAT, shown="ROOM|WORKSPACE|SERVER|TEAM|all")]
) -> Reply:
    """Stop what is in wrong hands: nothing in, nothing out."""
    target, asker = target_of(context, what), asker_of(context)
    words, frozen = context.words, context.house.frozen()
    theirs = context.house.words_in()
    # asked of the store: what is in memory may be of a first attempt that was rolled back
    standing = freezing.standing(context.session)
    if any((each.kind, each.name) == (target.kind, target.name) for each in standing):
        return reply(words("{what} is frozen already.", what=target.name))
    alone = in_admin_room(context) or is_own(context, target, asker.party)
    stands = freezing.begin_with(
        context.session, target.kind, target.name, asker, context.now,
        1 if alone else needed(context),
    )  # fmt: skip
    _record(context, target, asker, stands=stands, alone=alone)
    by = party_name(context, asker.party)
    if not stands:
        note = theirs("{team} asks to freeze {what}.", team=by, what=target.name)
        more = message(
            "It needs a second team: one of its admins says “freeze {what}” within ten minutes."
        )
        second = words(more, what=target.name)
        return Reply(
            reply(f"{words('Not frozen yet: {what}.', what=target.name)}\n{second}").body,
            also=told(context, target, f"{note}\n{theirs(more, what=target.name)}"),
        )
    frozen.hold(freezing.standing(context.session))
    ends = message("To end it two teams say “thaw {what}”.")
    done = words("Frozen: {what}. Nothing in, nothing out.", what=target.name)
    note = theirs(
        "{what} was frozen by {team}: nothing in, nothing out.", what=target.name, team=by
    )
    thaw = theirs(ends, what=target.name)
    lines = [done, words(ends, what=target.name)]
    if target.kind is Kind.SERVER and not _is_known(context, target.name):
        lines.append(words("I know nobody of {what}: is it spelled so?", what=target.name))
    return Reply(reply("\n".join(lines)).body, also=told(context, target, f"{note}\n{thaw}"))


def _is_known(context: Context, server: str) -> bool:
    """Whether a team has people of a server, or one of them is in a room."""
    directory = context.house.directory()
    if directory.teams_in(server):
        return True
    there = select(Roster.person).where(Roster.until.is_(None)).distinct()
    people = context.session.execute(there).scalars()
    return any(directory.home_of(PersonId(person)) == server for person in people)


def _record(
    context: Context, target: Target, asker: freezing.Asker, *, stands: bool, alone: bool
) -> None:
    act = Act(
        asker.person,
        TeamKey(asker.party) if asker.party else None,
        Action.FROZE,
        named(target.kind, target.name),
        "alone" if alone else "two teams",
        Outcome.OK if stands else Outcome.WAITING,
    )
    record(context.session, act, context.now)
