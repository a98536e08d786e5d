"""`contribute`: adds a team's own indicator from chat.

What others say of the value is not looked at, so that nothing answers whether they do. What is on
a warning list, or a very large network, needs a second team: it is asked, as far as it may see
it, and agrees by `contribute c-…`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from bot.custody.effective import Marked, stored_marked
from bot.errors import UserError
from bot.events import Control, Outgoing
from bot.indicators import people
from bot.indicators.contributing import Doubt, add, doubt_of
from bot.indicators.observable import Observable
from bot.indicators.observables import defang_text
from bot.indicators.people import Proposed
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import Team, TeamKey
from bot.words import message
from commands.indicators.audience import may_see
from commands.indicators.marking import marked_as, own_team
from commands.indicators.saying import shown
from commands.indicators.values import one_value
from commands.originating import tell_team
from commands.registry import YES, Arg, Context, Flag, Reply, command, reply, shortened
from commands.release import LABELS, a_label, names

_LONGEST_NOTE = 500
_HANDLE = re.compile(r"c-[2-9a-kmnp-z]{6}").fullmatch
_WHY = {
    Doubt.WARNED: message("it is on a warning list"),
    Doubt.LARGE: message("it is a very large network"),
}


@command("contribute", placed=True, writes=True)
def contribute(
    context: Context,
    value: Annotated[tuple[str, ...], Arg("a value; or what I called one that another team adds")],
    *,
    marking: Annotated[
        Label | None, Flag("who may know of it", a_label, shown="M", choices=LABELS)
    ] = None,
    group: Annotated[
        tuple[str, ...] | None, Flag("which group, team or country", names, shown="G")
    ] = None,
    note: Annotated[str | None, Flag("what it is", shown="X")] = None,
) -> Reply:
    """Add an indicator of your team."""
    team, typed = own_team(context), " ".join(value).strip()
    if _HANDLE(typed.casefold()):
        return _agree(context, team, typed.casefold())
    found, marked = one_value(typed), marked_as(context, marking, group)
    said = shortened(" ".join((note or "").split()), _LONGEST_NOTE)
    doubt = doubt_of(context.session, found)
    if doubt is not None:
        return _propose(context, team, found, marked, said, doubt)
    add(context.session, team.key, found, marked, said, context.now)
    return _added(context, found, marked)


def _added(context: Context, value: Observable, marked: Marking) -> Reply:
    words = context.words
    first = words("{label} Added: {value}", label=marked.label, value=shown(value))
    return reply(f"{first}\n" + words("Those see it who may read {marking}.", marking=marked))


def _propose(
    context: Context, team: Team, value: Observable, marked: Marking, note: str, doubt: Doubt
) -> Reply:
    words = context.words
    handle = people.propose(
        context.session, context.asker.person, team.key, value, marked, note, doubt, context.now
    )
    also = tuple(_asked(context, team, value, marked, note, doubt, handle))
    first = words("{label} Not yet: {value} needs a second team.",
                  label=marked.label, value=shown(value))  # fmt: skip
    why = words("Why: {why}. I ask the teams that may see it; one agrees by “contribute {handle}”.",
                why=words(_WHY[doubt]), handle=handle)  # fmt: skip
    return replace(reply(f"{first}\n{why}"), also=also)


def _asked(
    context: Context, team: Team, value: Observable, marked: Marking, note: str, doubt: Doubt,
    handle: str,
) -> Iterator[Outgoing]:  # fmt: skip
    """A word to every other team that may see it, marked as it is."""
    words, directory = context.words, context.house.directory()
    text = words(
        "{label} {team} wants to add {value}\nA second team is needed: {why}. To agree: "
        "“contribute {handle}”.",
        label=marked.label, team=team.name, value=shown(value), why=words(_WHY[doubt]),
        handle=handle,
    )  # fmt: skip
    if note:
        text += "\n" + words("Their note: {note}", note=defang_text(note))
    matter = stored_marked(Marked(marked, team.key, context.now))
    agree = Control(words("Agree"), f"contribute {handle}", YES, once=True)
    for other in directory.teams.values():
        if other.key != team.key and may_see(context, other.key, marked, team.key):
            told = tell_team(context.session, directory, other, text, (agree,))
            yield from (_marked(context, each, matter) for each in told)


def _agree(context: Context, team: Team, handle: str) -> Reply:
    found = people.proposed(context.session, handle)
    if found is None or not _may_know(context, team, found):
        raise UserError("I know of no such contribution.")
    if found.team == team.key:
        raise UserError("Another team than yours has to agree.")
    people.close(context.session, handle, team.key, context.now, agreed=True)
    marking = found.marked.marking
    add(context.session, found.team, found.value, marking, found.note, context.now)
    return replace(_added(context, found.value, marking), also=tuple(_told(context, team, found)))


def _told(context: Context, team: Team, found: Proposed) -> Iterator[Outgoing]:
    """The team that wanted it hears that it is there."""
    directory = context.house.directory()
    whose = directory.teams.get(found.team)
    if whose is not None:
        text = context.words(
            "{label} {team} agrees: {value} is added.",
            label=found.marked.marking.label, team=team.name, value=shown(found.value),
        )  # fmt: skip
        matter = stored_marked(Marked(found.marked.marking, found.team, context.now))
        for each in tell_team(context.session, directory, whose, text):
            yield _marked(context, each, matter)


def _marked(context: Context, outgoing: Outgoing, matter: str) -> Outgoing:
    """A room of a channel is asked of; a team's own room that is in none is that team's."""
    in_channel = context.house.channel_of(outgoing.room) is not None
    return replace(outgoing, matter=matter) if in_channel else outgoing


def _may_know(context: Context, team: Team, found: Proposed) -> bool:
    return may_see(context, team.key, found.marked.marking, TeamKey(found.team))
