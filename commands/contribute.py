"""`contribute`: adds a team's own indicator from chat.

What others say of the value is not looked at, so that nothing answers whether they do. What is on
a warning list, or a very large network, needs a second team: it is asked, as far as it may see
it, and agrees by `contribute c-…` or refuses by `contribute c-… --refuse`. What nobody answers
lapses (`bot.tasks.lapsing`).
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
from bot.indicators.contributing import Doubt, add, as_added, doubt_of
from bot.indicators.observable import Observable
from bot.indicators.observables import defang_text
from bot.indicators.people import Proposed
from bot.sharing.marking import Marking
from bot.sharing.teams import Team, TeamKey
from bot.words import Words, message
from commands.indicators.audience import may_see
from commands.indicators.marking import Known, Within, marked_as, own_team
from commands.indicators.saying import shown
from commands.indicators.seconding import tell_contributor, where_asked
from commands.indicators.values import one_value
from commands.originating import tell_team
from commands.registry import NO, YES, Arg, Context, Flag, Reply, command, reply, shortened

_LONGEST_NOTE = 500
_HANDLE = re.compile(r"c-[2-9a-kmnp-z]{6}").fullmatch
_WHY = {
    Doubt.WARNED: message("it is on a warning list"),
    Doubt.LARGE: message("it is a very large network"),
    Doubt.SUFFIX: message("others register their names under it"),
}


@command("contribute", placed=True, writes=True)
def contribute(
    context: Context,
    value: Annotated[tuple[str, ...], Arg("a value; or what I called one that another team adds")],
    *,
    marking: Known = None,
    group: Within = None,
    note: Annotated[str | None, Flag("what it is, or why not", shown="X")] = None,
    refuse: Annotated[bool, Flag("not to have what another team adds")] = False,
) -> Reply:
    """Add an indicator of your team."""
    team, typed = own_team(context), " ".join(value).strip()
    said = shortened(" ".join((note or "").split()), _LONGEST_NOTE)
    if _HANDLE(typed.casefold()):
        waiting = _waiting(context, team, typed.casefold())
        return _refuse(context, team, waiting, said) if refuse else _agree(context, team, waiting)
    if refuse:
        raise UserError("Say which: “contribute c-… --refuse”, as I asked your team.")
    found, marked = one_value(typed), marked_as(context, marking, group)
    doubt = doubt_of(context.session, found)
    if doubt is not None:
        return _propose(context, team, found, marked, said, doubt)
    kept = add(context.session, team.key, found, marked, said, context.now)
    return _added(context, found, kept, marked)


def _added(context: Context, value: Observable, marked: Marking, wanted: Marking) -> Reply:
    """How it is marked."""
    words = context.words
    first = words("{label} Added: {value}", label=marked.label, value=shown(value))
    lines = [first, words("Those see it who may read {marking}.", marking=marked)]
    return reply("\n".join([*lines, *_before(words, marked, wanted)]))


def _before(words: Words, marked: Marking, wanted: Marking) -> Iterator[str]:
    """Where it is not marked as it was wanted: why, and what would make it so."""
    if marked != wanted:
        yield words("Your team marked it so before: “release VALUE” lowers and widens.")


def _propose(
    context: Context, team: Team, value: Observable, wanted: Marking, note: str, doubt: Doubt
) -> Reply:
    """Those are asked who may see it as it will be marked; nobody else hears of it."""
    words = context.words
    marked = as_added(context.session, team.key, value, wanted)
    handle = people.propose(
        context.session, context.asker.person, team.key, value, marked, note, doubt, context.now
    )
    also = tuple(_asked(context, team, value, marked, note, doubt, handle))
    first = words("{label} Not yet: {value} needs a second team.",
                  label=marked.label, value=shown(value))  # fmt: skip
    why = words(
        "Why: {why}. I ask the teams that may see it; one agrees by “contribute {handle}”. In "
        "{days} days it lapses. “contribute {handle} --refuse” takes it back.",
        why=words(_WHY[doubt]), handle=handle, days=people.LASTS.days,
    )  # fmt: skip
    return replace(reply("\n".join([first, why, *_before(words, marked, wanted)])), also=also)


def _asked(
    context: Context, team: Team, value: Observable, marked: Marking, note: str, doubt: Doubt,
    handle: str,
) -> Iterator[Outgoing]:  # fmt: skip
    """A word to every other team that may see it, marked as it is."""
    words, directory = context.house.words_in(), context.house.directory()
    text = words(
        "{label} {team} wants to add {value}\nA second team is needed: {why}. To agree: "
        "“contribute {handle}”; not to have it: “contribute {handle} --refuse”.",
        label=marked.label, team=team.name, value=shown(value), why=words(_WHY[doubt]),
        handle=handle,
    )  # fmt: skip
    if note:
        text += "\n" + words("Their note: {note}", note=defang_text(note))
    matter = stored_marked(Marked(marked, team.key, context.now))
    agree = Control(words("Agree"), f"contribute {handle}", YES, once=True)
    not_so = Control(words("Refuse"), f"contribute {handle} --refuse", NO, once=True)
    for other in directory.teams.values():
        if other.key != team.key and may_see(context, other.key, marked, team.key):
            told = tell_team(context.session, directory, other, text, (agree, not_so))
            yield from (where_asked(context.house, each, matter) for each in told)


def _waiting(context: Context, team: Team, handle: str) -> Proposed:
    """What waits by this name; raises UserError where the asker's team may not know of it."""
    found = people.proposed(context.session, handle)
    if found is None or not _may_know(context, team, found):
        raise UserError("I know of no such contribution.")
    return found


def _agree(context: Context, team: Team, found: Proposed) -> Reply:
    if found.team == team.key:
        raise UserError("Another team than yours has to agree.")
    people.close(context.session, found.handle, team.key, context.now, agreed=True)
    marking, words = found.marked.marking, context.house.words_in()
    kept = add(context.session, found.team, found.value, marking, found.note, context.now)
    text = words(
        "{label} {team} agrees: {value} is added.",
        label=kept.label, team=team.name, value=shown(found.value),
    )  # fmt: skip
    also = tell_contributor(context.session, context.house, found, text, context.now)
    known = kept if may_see(context, team.key, kept, found.team) else marking
    return replace(_added(context, found.value, known, known), also=tuple(also))


def _refuse(context: Context, team: Team, found: Proposed, why: str) -> Reply:
    """Another team will not have it, or one's own takes it back."""
    people.close(context.session, found.handle, team.key, context.now, agreed=False)
    words, label, value = context.words, found.marked.marking.label, shown(found.value)
    if found.team == team.key:
        return reply(words("{label} Taken back: {value}", label=label, value=value))
    theirs = context.house.words_in()
    text = theirs(
        "{label} {team} refuses: {value} is not added.", label=label, team=team.name, value=value
    )
    if why:
        text += "\n" + theirs("Their note: {note}", note=defang_text(why))
    also = tell_contributor(context.session, context.house, found, text, context.now)
    first = words("{label} Refused: {value}", label=label, value=value)
    return replace(reply(f"{first}\n" + words("I tell who wanted it.")), also=tuple(also))


def _may_know(context: Context, team: Team, found: Proposed) -> bool:
    return may_see(context, team.key, found.marked.marking, TeamKey(found.team))
