"""`propose`: puts a text to the allies, under silence or to be voted on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Annotated

from bot.custody import numbering, posting
from bot.decisions import announcing, proposals
from bot.decisions.comparing import difference
from bot.decisions.methods import METHODS
from bot.decisions.proposals import SILENCE, Opening
from bot.decisions.showing import instants
from bot.decisions.view import zones
from bot.errors import Misused, UserError
from bot.events import Outgoing
from bot.richtext import RichText, say
from bot.sharing.marking import strictest
from bot.sharing.teams import Team
from bot.store.tables.decisions import Decision
from bot.times.durations import format_duration, read_duration
from bot.times.working import is_working
from commands import proposing
from commands.deadlines import check_near, read_until
from commands.deciding import decision_meant
from commands.labels import ItsLabel
from commands.proposing import Place
from commands.registry import Context, Flag, Reply, Rest, command, reply

_SAMPLES = 96
"""Moments of a period at which it is asked whether a team is at work."""


def _method(typed: str) -> str:
    name = typed.strip().lower()
    if name != SILENCE and name not in METHODS:
        known = ", ".join([SILENCE, *METHODS])
        raise UserError("I know these ways to decide: {methods}.", methods=known)
    return name


@command("propose", placed=True, writes=True)
def propose(
    context: Context,
    text: Annotated[str, Rest("what is to be decided", headed=True)],
    *,
    silence: Annotated[
        timedelta | None, Flag("how long, as 72h", read_duration, shown="72h")
    ] = None,
    until: Annotated[str | None, Flag("or until when", shown="T")] = None,
    method: Annotated[str, Flag("how it is decided; silence, without it", _method)] = SILENCE,
    secret: Annotated[bool, Flag("a closed ballot: who votes is shown, not how")] = False,
    marking: ItsLabel = None,
    group: Annotated[str | None, Flag("for these teams alone", shown="G")] = None,
    instead: Annotated[
        str | None, Flag("the proposal that it follows, to show what is other", shown="REF")
    ] = None,
) -> Reply:
    """Put a text to the allies: it is adopted unless one of them objects in time."""
    place = proposing.place_of(context, group)
    proposing.check_delegate(context)
    proposing.check_text(text)
    if secret and method == SILENCE:
        raise UserError("Silence has no ballot. “--secret” goes with “--method”.")
    old = None if instead is None else decision_meant(context, instead)
    expires = _end(context, place, silence, until, method)
    marked = proposing.marked(context, place, text, marking)
    opening = Opening(
        place.view.name, place.series.name, text, method, context.asker.person, place.team.key,
        marked, expires, place.delegates, place.council.observers, place.council.chair,
        proposing.terms(context, place, secret=secret),
        _about(text, old),
    )  # fmt: skip
    row = proposals.open_proposal(context.session, opening, context.now)
    posts = announcing.put_out(context.session, context.house, row)
    if old is not None:
        posts += _difference(context, old, row)
    answer = reply("\n".join(_answer(context, place, row, expires)))
    return Reply(answer.body, also=tuple(posts))


def _about(text: str, old: Decision | None) -> tuple[str, ...]:
    named = map(str, numbering.numbers_in(text))
    return tuple(dict.fromkeys([*named, *([] if old is None else [old.ref])]))


def _difference(context: Context, old: Decision, row: Decision) -> list[Outgoing]:
    """What is other than in the one that it follows, in every room that has that one as well."""
    session, house = context.session, context.house
    before = proposals.text_of(session, old)
    body = None if before is None else difference(before, proposals.text_of(session, row) or "")
    marked = proposals.marked_as(row)
    both = {strictest(marked.marking, proposals.marked_as(old).marking)}
    if body is None or both != {marked.marking} or old.channel != row.channel:
        return []
    name = numbering.shown(proposals.reference_of(session, old))
    bodies = {
        room: RichText((*say(words("Other than in {ref}:", ref=name)).blocks, *body.blocks))
        for room in announcing.rooms_for(house, row.channel, marked)
        for words in [house.words_in(room)]
    }
    kind, new_id, able = announcing.OTHER, house.new_id, house.capable
    return posting.put(session, row.ref, kind, bodies, marked, new_id, able)


def _end(
    context: Context, place: Place, silence: timedelta | None, until: str | None, method: str
) -> datetime:
    """When it ends. Raises UserError without an end, for one in the past or too soon."""
    if silence is not None and until is not None:
        raise Misused("Say “--silence 72h” or “--until T”, not both.")
    if silence is None and until is None:
        raise Misused("Say until when: “--silence 72h”, or “--until 2026-11-24T09:00”.")
    expires = context.now + silence if silence else read_until(context, until or "")
    if expires <= context.now:
        raise UserError("That has gone by. Say a time that is still to come.")
    least = place.view.silence.minimum
    if method == SILENCE and expires < context.now + least:
        raise UserError(
            "Silence lasts at least {least} in this channel.", least=format_duration(least)
        )
    check_near(context, expires)
    return expires


def _answer(context: Context, place: Place, row: Decision, expires: datetime) -> Iterator[str]:
    words, directory = context.words, context.house.directory()
    teams = directory.teams
    yield words.count(
        "Put to {n} team as {ref}.", "Put to {n} teams as {ref}.", len(place.roster), ref=row.ref
    )
    when = instants(expires, zones(directory, sorted(place.roster)))
    yield words("It ends {when}.", when=when)
    if place.dumb:
        names = ", ".join(directory.teams[key].name for key in place.dumb)  # type: ignore[index]  # keys of teams
        yield words("Nobody speaks for these teams by the settings: {teams}", teams=names)
    away = [teams[key].name for key in sorted(place.roster) if _is_away(teams[key], row, expires)]
    if away:
        names = ", ".join(away)
        yield words("For these teams it is mostly night or holidays until then: {teams}",
                    teams=names)  # fmt: skip
    if place.council.chair is None:
        yield words("No team presides here, which would rule where it is needed.")


def _is_away(team: Team, row: Decision, expires: datetime) -> bool:
    """Whether a team is not at work for most of a period."""
    step = max((expires - row.opened) / _SAMPLES, timedelta(seconds=1))
    moments = [row.opened + step * number for number in range(_SAMPLES)]
    return 2 * sum(is_working(team, moment) for moment in moments) < len(moments)
