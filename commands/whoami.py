"""`whoami`: as whom the bot knows the one who asks, and what follows from it."""

from __future__ import annotations

from collections.abc import Iterable

from bot.events import Standing
from bot.sharing.roles import Part, Role
from commands.registry import Context, Reply, command, reply, shortened

_EXCERPT = 30


@command("whoami", role=Role.GUEST)
def whoami(context: Context) -> Reply:
    """As whom do I know you, and what may you do?"""
    return reply("\n".join(_lines(context, context.part())))


def _lines(context: Context, part: Part) -> Iterable[str]:
    words, asker = context.words, context.asker
    name = shortened(asker.name, _EXCERPT)
    if part.team is not None:
        team = shortened(part.team.name, _EXCERPT)
        yield words("{name}: {roles} of {team}", name=name, roles=_roles(context, part), team=team)
    elif Role.MEMBER in part.roles:
        yield words("{name}: no teams are configured, so you count as a member", name=name)
    else:
        yield words("{name}: a guest, of no team that I know", name=name)
    yield words("I know you by your id, {person}, never by your name.", person=asker.person)
    if part.team is None and asker.standing is Standing.UNKNOWN and Role.MEMBER not in part.roles:
        yield words("Your network has not told me yet what you are there; try again in a minute.")
    if part.team is not None:
        yield words("Your team may read up to {label}.", label=part.team.clearance)
    elif Role.MEMBER not in part.roles:
        yield words("Guests may read TLP:CLEAR, and give few commands: see “help”.")
    if part.on_duty:
        yield words("You are on duty.")
    linked = context.house.linked(context.session, asker.person)
    if linked:
        yield words("You are linked with:")
        for person, called in linked.items():
            yield "• " + words("{name} ({person})", name=shortened(called, _EXCERPT), person=person)


def _roles(context: Context, part: Part) -> str:
    """What somebody of a team is to it, the most that they are first."""
    words = context.words
    shown = {Role.ADMIN: words("administrator"), Role.DELEGATE: words("delegate")}
    return ", ".join(name for role, name in shown.items() if role in part.roles) or words("member")
