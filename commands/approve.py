"""`approve`: a delegate agrees for their team to what needs more than one."""

from __future__ import annotations

from typing import Annotated

from bot.decisions.voices import Stance
from commands.deciding import WHAT, decision_meant
from commands.registry import Arg, Context, Reply, Role, command
from commands.speaking import speak


@command("approve", placed=True, writes=True, role=Role.GUEST)
def approve(context: Context, ref: Annotated[str | None, Arg(WHAT)] = None) -> Reply:
    """Agree for your team to what was proposed."""
    return speak(context, decision_meant(context, ref), Stance.AGREE, "")
