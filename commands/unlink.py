"""`unlink`: one person's accounts are separate again, all of them or one."""

from __future__ import annotations

from typing import Annotated

from bot.bridge import humans
from bot.custody.audit import Action
from bot.errors import UserError
from bot.events import PersonId, account_of, local
from commands.link import noted, shown
from commands.registry import Arg, Context, Reply, Role, command, reply


@command("unlink", role=Role.GUEST, writes=True)
def unlink(
    context: Context,
    account: Annotated[str | None, Arg("which one alone: its id, or its network's account")] = None,
) -> Reply:
    """Which of your accounts shall be linked no longer? Without a name, all."""
    me, only = context.asker.person, None
    if account is not None:
        only = _meant(context, account)
    ended = humans.part(context.session, me, context.now, only)
    if not ended:
        return reply(context.words("You are linked with no other account."))
    for each in ended:
        noted(context, Action.UNLINKED, each.person)
    lines = [f"• {shown(context, each.name, each.person)}" for each in ended]
    return reply("\n".join([context.words("No longer linked with you:"), *lines]))


def _meant(context: Context, typed: str) -> PersonId:
    """The one linked account that is meant."""
    wanted = typed.strip().casefold()
    found = [
        PersonId(each.person)
        for each in humans.accounts_with(context.session, context.asker.person)
        if wanted in _names(PersonId(each.person))
    ]
    if len(found) != 1:
        raise UserError("You have no such account, or several. Type “link” to see which.")
    return found[0]


def _names(person: PersonId) -> set[str]:
    return {each.casefold() for each in (person, local(person), account_of(person))}
