"""How what somebody says of a value is marked: as they say, else as their channel is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from bot.errors import UserError
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import Team
from commands.labels import LABELS, a_label, names
from commands.registry import Context, Flag

Known = Annotated[Label | None, Flag("who may know of it", a_label, shown="M", choices=LABELS)]
"""Of a statement: its label,"""
Within = Annotated[tuple[str, ...] | None, Flag("which group, team or country", names, shown="G")]
"""and the group that it is for."""


def marked_as(context: Context, label: Label | None, group: Sequence[str] | None) -> Marking:
    """The marking of a statement; raises UserError for TLP:RED, which is never kept, and for a
    group that is none: it would let in nobody.
    """
    if label is Label.RED:
        raise UserError("TLP:RED is for those who are there: I keep nothing of it.")
    if group is None:
        return Marking(label or _usual(context))
    reached = frozenset(each.casefold() for each in group)
    directory = context.house.directory()
    groups = {each.casefold() for each in directory.groups}
    if not reached or any(
        not directory.reached_by(each) and each not in groups for each in reached
    ):
        raise UserError("I know no team, group or country of that name.")
    return Marking(label or _usual(context), (reached,))


def own_team(context: Context) -> Team:
    """The asker's team, for which they speak here; raises UserError where they are of none."""
    team = context.part().team
    if team is None:
        raise UserError("Only a team can say something of a value, and you are of none.")
    return team


def _usual(context: Context) -> Label:
    """In a channel's rooms what that has; elsewhere what a careful colleague would say."""
    if context.channel is None:
        return Label.AMBER
    return context.house.custody().markings.default(context.channel)
