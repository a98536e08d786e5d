"""Which team may see what somebody says now."""

from __future__ import annotations

from bot.indicators.raw import Asking
from bot.indicators.sight import of_team
from bot.indicators.sources import intern, micro
from bot.sharing.marking import Marking
from bot.sharing.teams import TeamKey
from commands.registry import Context


def may_see(
    context: Context, team: TeamKey, marking: Marking, originator: TeamKey | None,
    said: int | None = None,
) -> bool:  # fmt: skip
    """Whether a team may see what is marked so, is somebody's, and was said then (None: now)."""
    asking = Asking(context.session)
    number = intern(asking, marking, originator)
    sight = of_team(context.house.custody().markings, team)
    sight.learn(asking, [number])
    return sight.sees(number, micro(context.now) if said is None else said)
