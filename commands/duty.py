"""`duty`: who is on duty for a team, who stands in, whose turn is next; and answering a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Annotated

from bot.custody.pointing import link_in
from bot.errors import UserError
from bot.paging import answering, ladder
from bot.paging import duty as keeping
from bot.paging import keeping as pages
from bot.paging.duty import Someone
from bot.paging.showing import marked_exercise
from bot.paging.turns import check_turns
from bot.sharing.roles import Role
from bot.sharing.teams import Team
from bot.store.tables.paging import Page, Shift
from bot.times.recurring import upcoming
from bot.times.saying import listed, local_and_utc
from bot.times.schedules import read_schedule
from bot.times.zones import read_zone, zone_name
from bot.words.times import lasting
from commands.deadlines import read_until
from commands.page import named_team
from commands.persons import names, person_called, yourself
from commands.registry import Arg, Context, Flag, Reply, command, reply, shortened

_NEXT = 3
_NAME = 30
_LONGEST_SHIFT = timedelta(days=60)
Who = Annotated[tuple[str, ...], Arg("who of your team; nobody: yourself")]


@command("duty", shareable=True)
def duty(context: Context) -> Reply:
    """Who is on duty for your team?"""
    return _listed(context, own_team(context))


@duty.word("list", shareable=True)
def list_(context: Context, team: Annotated[str, Arg("a team; none: your own")] = "") -> Reply:
    """Who is on duty for a team, who stands in, and who comes next?"""
    return _listed(context, named_team(context, team) if team else own_team(context))


@duty.word("on", writes=True)
def on(
    context: Context,
    who: Who = (),
    *,
    until: Annotated[str | None, Flag("how long: a time, or a duration", shown="T")] = None,
    from_: Annotated[str | None, Flag("since when; absent: from now on", shown="T")] = None,
    deputy: Annotated[str | None, Flag("who stands in", shown="WHO")] = None,
    every: Annotated[
        str | None, Flag("they take turns, and hand over then", shown='"mon 09:00"')
    ] = None,
) -> Reply:
    """Be on duty, for a while or until “duty off”; or let people take turns."""
    team = own_team(context)
    people = [person_called(context, team, each) for each in who] or [yourself(context)]
    if every is not None:
        if until or from_ or deputy:
            raise UserError("A rota has no end and no deputy: who comes next stands in.")
        return _take_turns(context, team, people, every)
    if len(people) > 1:
        raise UserError("Say one person, or with “--every” when they hand over to the next.")
    if people[0].member != yourself(context).member:
        _check_may_arrange(context)
    since = context.now if from_ is None else read_until(context, from_)
    end = None if until is None else read_until(context, until)
    _check_shift(context, since, end)
    second = None if deputy is None else person_called(context, team, deputy)
    if second is not None and second.member == people[0].member:
        raise UserError("Nobody stands in for themselves.")
    row = keeping.begin(
        context.session, team.key, people[0], context.asker.person, since, end, second
    )
    return reply("\n".join(_begun(context, team, row)))


@duty.word("off", writes=True)
def off(
    context: Context,
    who: Who = (),
    *,
    rota: Annotated[bool, Flag("the team has no rota any more")] = False,
) -> Reply:
    """Be on duty no more; or end the team's rota."""
    team, words = own_team(context), context.words
    if rota:
        _check_may_arrange(context)
        if not keeping.end_turns(context.session, team.key):
            raise UserError("Your team has no rota.")
        return _after(context, team, words("{team} has no rota any more.", team=_short(team)))
    people = [person_called(context, team, each) for each in who] or [yourself(context)]
    if any(each.member != yourself(context).member for each in people):
        _check_may_arrange(context)
    ended = [keeping.end(context.session, team.key, p.member, context.now) for p in people]
    if not any(ended):
        raise UserError(
            "Nobody of them has said “duty on”. The rota or the settings say who is on duty: "
            "“duty on WHO” puts somebody else there."
        )
    who_ = shortened(names(context, team, people), 50)
    return _after(context, team, words("{who}: on duty no more.", who=who_))


@duty.word("ack", writes=True)
def ack(
    context: Context,
    ref: Annotated[
        str | None, Arg("a page's handle, a link to it, or nothing in answer to it")
    ] = None,
) -> Reply:
    """Say that you have it: a page of your team rings nobody any more."""
    team, words = own_team(context), context.words
    row = _page_meant(context, team, ref)
    if row.acknowledged is not None:
        took = lasting(words, context.now - row.acknowledged)
        raise UserError("Somebody of your team has had it for {time} already.", time=took)
    outgoing = ladder.acknowledge(
        context.session, context.house, row, context.asker.person, context.now
    )
    after = lasting(words, context.now - row.created)
    text = words("{number}: it is yours, {time} after the call.", number=row.number, time=after)
    return replace(reply(marked_exercise(row, text)), also=tuple(outgoing))


def own_team(context: Context) -> Team:
    """The asker's team; raises UserError where they are of none."""
    team = context.part().team
    if team is None:
        raise UserError("You belong to no team that I know. Try “whoami”.")
    return team


def _page_meant(context: Context, team: Team, ref: str | None) -> Page:
    """The page of a handle or a link, of the message that is answered, or the only one that waits;
    raises UserError.
    """
    session, now = context.session, context.now
    if ref is not None:
        link = link_in(ref)
        found = (
            pages.find(session, ref)
            if link is None
            else answering.linked(session, team.key, f"{link[0]}:", link[1], now)
        )
        if found is None or found.team != team.key:
            raise UserError("I know of no such page for your team.")
        return found
    if context.room is not None and context.answers is not None:
        found = answering.answered(session, team.key, context.room, context.answers, now)
        if found is not None:
            return found
    waiting = pages.waiting(context.session, team.key, context.now, exercises=True)
    if len(waiting) == 1:
        return waiting[0]
    if not waiting:
        raise UserError("No page waits for your team.")
    refs = ", ".join(each.ref for each in waiting)
    raise UserError("Several wait: say which one. {names}", names=refs)


def _take_turns(context: Context, team: Team, people: list[Someone], said: str) -> Reply:
    _check_may_arrange(context)
    if len({each.member for each in people}) != len(people) or len(people) < 2:
        raise UserError("A rota takes two people or more, each once.")
    words = context.words
    check_turns(said, team.zone, context.now)
    keeping.take_turns(
        context.session, team.key, people, said, zone_name(team.zone), context.asker.person,
        context.now,
    )  # fmt: skip
    rule = read_schedule(said, team.zone, context.now)
    coming = listed(words, islice(upcoming(rule, context.now), _NEXT), team.zone)
    first = words("{who} is on duty, and they take turns.", who=names(context, team, people[:1]))
    return reply("\n".join([first, words("They hand over:"), *coming]))


def _check_shift(context: Context, since: datetime, until: datetime | None) -> None:
    if since < context.now - timedelta(minutes=1):
        raise UserError("That time has gone by: a shift begins now or later.")
    if until is not None and until <= since:
        raise UserError("A shift ends after it has begun.")
    if until is not None and until - since > _LONGEST_SHIFT:
        raise UserError("A shift of more than 60 days is a rota: “--every”, or the settings.")


def _check_may_arrange(context: Context) -> None:
    if not context.part().roles & {Role.DELEGATE, Role.ADMIN}:
        raise UserError("Who speaks for or administers your team puts others on duty.")


def _begun(context: Context, team: Team, row: Shift) -> Iterator[str]:
    words = context.words
    who = shortened(row.name or row.member, _NAME)
    if row.since > context.now:
        yield words("{who} will be on duty for {team}.", who=who, team=_short(team))
        yield words("From: {when}", when=local_and_utc(words, row.since, team.zone))
    else:
        yield words("{who} is on duty for {team}.", who=who, team=_short(team))
    if row.until is not None:
        yield words("Until: {when}", when=local_and_utc(words, row.until, team.zone))
    else:
        yield words("Until “duty off”.")
    if row.deputy is not None:
        yield words("Standing in: {who}", who=row.deputy_name or row.deputy)
    if not context.house.services(team.key):
        yield words("The settings name no alerts for your team: at night only chat calls you.")


def _after(context: Context, team: Team, first: str) -> Reply:
    return reply("\n".join([first, *_now(context, team)]))


def _listed(context: Context, team: Team) -> Reply:
    return reply("\n".join([*_now(context, team), *_next(context, team)]))


def _now(context: Context, team: Team) -> Iterator[str]:
    words, watch = context.words, keeping.watch_of(context.session, team, context.now)
    if not watch.people:
        yield words("{team}: nobody is on duty.", team=_short(team))
    else:
        who = shortened(names(context, team, watch.people), 40)
        yield words("{team}: {who} is on duty.", team=_short(team), who=who)
    if watch.until is not None:
        yield words("Until: {when}", when=local_and_utc(words, watch.until, team.zone))
    if watch.deputies:
        yield words("Standing in: {who}", who=names(context, team, watch.deputies))


def _next(context: Context, team: Team) -> Iterator[str]:
    words, session = context.words, context.session
    for each in keeping.coming(session, team.key, context.now):
        yield words(
            "• {who}, from {when}", who=each.name or each.member,
            when=local_and_utc(words, each.since, team.zone),
        )  # fmt: skip
    rota = keeping.rota_of(session, team.key)
    if rota is not None:
        people = names(context, team, keeping.people_of(rota))
        yield words("They take turns ({when}): {names}", when=rota.said, names=people)
        rule = read_schedule(rota.said, read_zone(rota.zone), rota.since)
        yield from listed(words, islice(upcoming(rule, context.now), _NEXT), team.zone)
    if context.shared is not None:  # how a team is rung is not for all who read a room
        return
    number = len(context.house.services(team.key))
    yield (
        words.count("{n} alert beside chat", "{n} alerts beside chat", number)
        if number
        else words("No alerts beside chat.")
    )


def _short(team: Team) -> str:
    return shortened(team.name, _NAME)
