"""What `propose`, `decide` and `note` share: for whom it is, how it is marked, who has a voice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

from bot.custody.effective import Marked
from bot.decisions import announcing
from bot.decisions.house import Council
from bot.decisions.proposals import Terms
from bot.decisions.silence import Unreached
from bot.errors import UserError
from bot.richtext import say
from bot.sharing.marking import Label, Marking
from bot.sharing.roles import Role
from bot.sharing.teams import Team, TeamKey
from bot.sharing.written import read_marking
from commands.registry import ChannelView, Context
from config.series import Run

LONGEST = 10_000
"""Characters of a text that can be decided about."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is decided. `roster`: the teams that have a voice; `delegates`: who speaks
    for each, in normal form.
    """

    view: ChannelView
    council: Council
    series: Run
    roster: frozenset[TeamKey]
    delegates: dict[TeamKey, tuple[str, ...]]
    team: Team

    @property
    def dumb(self) -> list[str]:
        """The names of those that nobody speaks for."""
        return sorted(team for team, persons in self.delegates.items() if not persons)


def place_of(context: Context, group: str | None) -> Place:
    """Where the asker decides something, for a group's teams or for all. Raises UserError."""
    if context.channel is None:
        raise UserError("Say it in a channel's room, or with “--channel NAME”.")
    house, team = context.house, context.part().team
    here = context.room is not None and house.channel_of(context.room) == context.channel
    council = house.council(context.channel)
    if not here and (team is None or team.key not in council.roster | council.observers):
        raise UserError("I know of no such channel.")  # that it exists is for its teams to know
    series, directory = _series(context, context.channel, group), house.directory()
    for_whom = None if series.group is None else directory.members_of(series.group)
    roster = council.roster if for_whom is None else council.roster & for_whom
    if not roster:
        raise UserError("No team here has a voice yet, so that nobody could decide it.")
    if team is None or team.key not in roster:
        _refuse(council, team)
    delegates = {key: directory.teams[key].delegates for key in sorted(roster)}
    view = house.channels()[context.channel]
    return Place(view, council, series, roster, delegates, team)


def check_delegate(context: Context) -> None:
    """Raise UserError where the asker does not speak for their team: what binds it is said by its
    delegates.
    """
    if Role.DELEGATE not in context.part().roles:
        raise UserError(
            "Only a delegate of a team may do that: a person who speaks for it by the settings."
        )


def check_text(text: str) -> None:
    """Raise UserError where a text is too long to be decided about, or nothing."""
    if not text.strip():
        raise UserError("Say what is to be decided.")
    if len(text) > LONGEST:
        raise UserError(
            "That has {n} characters, and I take {most}. Put the long text into a file, and "
            "propose what is to be decided about it.", n=len(text), most=LONGEST,
        )  # fmt: skip


def marked(context: Context, place: Place, text: str, label: Label | None) -> Marked:
    """How a text is marked: as its author says, else as the channel's messages are. Raises
    UserError for what may not be here, or in no room.
    """
    written = read_marking(say(text))
    if written.doubt is not None:
        raise UserError("That is no label. Did you mean {label}?", label=written.doubt.nearest)
    if written.releasable:
        raise UserError("Say for whom it is with “--group G”, not with REL in the text.")
    own = written.marking(place.view.marking).label
    if label is not None:
        own = label if written.spoken is None else max(label, written.spoken)
    if own is Label.RED:
        raise UserError("What is TLP:RED is not circulated: say it to those who are in the room.")
    if own > place.view.ceiling:
        raise UserError("This channel holds at most {label}.", label=place.view.ceiling)
    lists = () if place.series.group is None else (frozenset({place.series.group.casefold()}),)
    found = Marked(Marking(own, lists), place.team.key, context.now)
    if not announcing.rooms_for(context.house, place.view.name, found):
        raise UserError(
            "No room of this channel may have it: others can read there. See “channel”."
        )
    return found


def terms(context: Context, place: Place, *, secret: bool = False) -> Terms:
    """The rules of the channel as they are now, which hold for this until its end."""
    silence, teams = place.view.silence, context.house.directory().teams
    return Terms(
        silence.minimum.total_seconds(),
        silence.grace.total_seconds(),
        Unreached(silence.unreached),
        {key: teams[key].weight for key in sorted(place.roster) if teams[key].weight != 1},
        secret=secret,
    )


def _series(context: Context, channel: str, group: str | None) -> Run:
    """The series whose audience it is for. Of one that the asker's team is not in nothing is
    known.
    """
    if group is None:
        found = context.house.series().of(channel, None)
        assert found is not None, "every channel has a series"
        return found
    team, directory = context.part().team, context.house.directory()
    for run in context.house.series():
        name = run.group or ""
        here = channel in run.channels and name.casefold() == group.casefold()
        if here and team is not None and team.key in directory.members_of(name):
            return run
    raise UserError(
        "Nothing here is numbered for “{group}” alone, with your team in it. The settings name "
        "it: [series.NAME] with channels and group.", group=group[:40],
    )  # fmt: skip


def _refuse(council: Council, team: Team | None) -> NoReturn:
    if team is not None and team.key in council.observers:
        raise UserError("Your team observes here: it reads, and has no voice.")
    raise UserError("Only a team on this channel's roster may do that. See “channel”.")
