"""`link`: joins one person's accounts, so that a mention reaches them on the network they use.

Each step on a phone: `link` here, `link CODE` and `link confirm` there, `link confirm` here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated

from bot.bridge import humans, linking
from bot.bridge.linking import Party, Place
from bot.bridge.names import cleaned
from bot.custody.audit import Act, Action, named, record
from bot.delivery.naming import lane_of
from bot.errors import UserError
from bot.events import Answer, Outgoing
from bot.richtext import say
from commands.registry import Context, Reply, Rest, Role, command, refusal, reply

_LASTS = timedelta(minutes=15)
"""A question that comes later than this is of no use: what it asks about is over."""


@command("link", role=Role.GUEST, writes=True)
def link(
    context: Context,
    what: Annotated[
        str,
        Rest(
            "the code from your other account, or confirm, or cancel", shown="CODE|confirm|cancel"
        ),
    ] = "",
) -> Reply:
    """Which of your accounts on other networks are you linked with, and how do you link one?"""
    if context.room is None:
        return reply(context.words("Type this in a room, or to me alone."))
    me = linking.party_of(context.asker, Place(context.room, context.direct, context.handle))
    try:
        match what.strip().lower().strip("“”\"'"):
            case "":
                return _begin(context, me)
            case "confirm":
                return _confirm(context, me)
            case "cancel":
                linking.cancel(context.session, me.person)
                return reply(context.words("Nothing waits to be linked any more."))
            case code:
                return _claim(context, me, code)
    except UserError as error:  # answered here, so that a wrong code stays counted
        return refusal(error, context.words)


def shown(context: Context, name: str, person: str) -> str:
    """An account, by its name and its id, which nobody else can have."""
    return context.words("{name} ({person})", name=cleaned(name) or person, person=person)


def noted(context: Context, action: Action, other: str) -> None:
    """Write down that the asker's account and another are one person's, or not any more."""
    team = context.part().team
    key = None if team is None else team.key
    act = Act(context.asker.person, key, action, named("person", other))
    record(context.session, act, context.now)


def _begin(context: Context, me: Party) -> Reply:
    waiting = linking.waiting_for(context.session, me.person, context.now)
    if waiting is not None:
        return reply("\n".join(_question(context, waiting)))
    words, code = context.words, linking.offer(context.session, me, context.now)
    lines = [
        words("Your code is {code}. It is good for ten minutes, once.", code=code),
        words("On your other account, type to me: link {code}", code=code),
        words("I ask you on both before anything is linked."),
        *_linked(context, me),
    ]
    return reply("\n".join(lines))


def _linked(context: Context, me: Party) -> Iterable[str]:
    linked = humans.accounts_with(context.session, me.person)
    if linked:
        yield context.words("You are linked with:")
        yield from (f"• {shown(context, each.name, each.person)}" for each in linked)
    else:
        yield context.words("You are linked with no other account.")


def _claim(context: Context, me: Party, code: str) -> Reply:
    owner = linking.claim(context.session, me, code, context.now)
    words = context.words
    lines = [
        words("The code is from this account. Is it yours?"),
        shown(context, owner.name, owner.person),
        *_choice(context),
    ]
    return reply("\n".join(lines))


def _question(context: Context, claimant: Party) -> list[str]:
    words = context.words
    return [
        words("Somebody has typed your code. Is it you?"),
        shown(context, claimant.name, claimant.person),
        *_choice(context),
    ]


def _choice(context: Context) -> list[str]:
    words = context.words
    return [
        words("If this is you, type: link confirm"),
        words("If it is not, type: link cancel"),
    ]


def _confirm(context: Context, me: Party) -> Reply:
    words, agreed = context.words, linking.confirm(context.session, me.person, context.now)
    if agreed is None:
        return reply(words("Nobody has typed your code in the last ten minutes. Type: link"))
    if agreed.linked:
        noted(context, Action.LINKED, agreed.other.person)
        answer, told = _done(context, agreed.other), _done(context, me)
    else:
        answer = [words("Now go back to your other account, and type there: link confirm")]
        told = _question(context, me)
    return Reply(reply("\n".join(answer)).body, also=(_tell(context, agreed.other, told),))


def _done(context: Context, other: Party) -> list[str]:
    words = context.words
    return [
        words("Your accounts are linked."),
        shown(context, other.name, other.person),
        words("Whoever mentions you reaches you on both. “unlink” ends it."),
    ]


def _tell(context: Context, party: Party, lines: Iterable[str]) -> Outgoing:
    """A private word to the other account, where it was last heard."""
    place = party.place
    answer = Answer(party.person, say("\n".join(lines)), place.reply, direct=place.direct)
    return Outgoing(place.room, answer, lane_of(party.person), expires=context.now + _LASTS)
