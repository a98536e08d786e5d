"""`release`: the team that something came from lets it go further, as nobody else can.

Where a team wants two persons for it (`release_needs`), the first one's word waits for another's,
who releases the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import msgspec

from bot.bridge import requested
from bot.bridge.denials import why
from bot.custody import consent, releasing
from bot.custody.audit import Act, Action, Outcome, record
from bot.custody.consent import Kind, Said
from bot.custody.effective import lists_of, stored_lists
from bot.custody.releasing import Prospect, Releasable, Releaser, Thing
from bot.errors import UserError
from bot.events import Outgoing, RoomId
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import Team
from bot.store.tables import Request
from bot.words.times import moment
from commands.labels import LABELS, a_label, names
from commands.originating import tell_team
from commands.registry import Arg, Context, Flag, Reply, asks_first, command, reply
from commands.things import REF, Meant, is_theirs, thing_meant
from commands.wishing import answered


class Wanted(msgspec.Struct, frozen=True):
    """What a release waits for: a marking, as it is stored."""

    label: Label
    releasable: str | None
    state: str = ""
    """As of `Thing`: what was agreed to."""


@command("release", placed=True, shortcut="Release", writes=True)
def release(
    context: Context,
    ref: Annotated[str | None, Arg(REF, form="")] = None,
    *,
    marking: Annotated[
        Label | None, Flag("the lower label", a_label, shown="M", choices=LABELS)
    ] = None,
    group: Annotated[
        tuple[str, ...] | None, Flag("the wider group, team or country", names, shown="G")
    ] = None,
) -> Reply:
    """Let something of your team go further than it is marked."""
    found = thing_meant(context, ref)
    thing, kind = found.thing, found.kind
    if not is_theirs(context, thing):
        raise UserError("Only the team that it came from releases it. “ask-release” asks them to.")
    if found.gone:
        raise UserError("It was deleted or recalled: nothing of it is passed on any more.")
    first = _first(context, thing)
    if first is None and ref is not None and marking is None and group is None:
        _check_open(context, ref)
    if first is not None and marking is None and group is None:
        wanted = _wanted(first)
    else:
        markings = context.house.custody().markings
        wanted = releasing.meant(thing, marking, group or (), markings, context.now)
    prospect = kind.prospect(context.session, thing, wanted, context.now)
    if wanted == thing.marking and not prospect.gets:
        raise UserError("Nothing would follow from that. {why}", why=_why_not(context, prospect))
    question = asks_first(context, "\n".join(_question(context, thing, wanted, prospect)))
    if question is not None:
        return question
    if not _is_enough(context, thing, wanted, first):
        return _wait(context, found, wanted, first)
    return _release(context, thing, kind, wanted, prospect)


def _question(context: Context, thing: Thing, wanted: Marking, prospect: Prospect) -> Iterator[str]:
    words, directory = context.words, context.house.directory()
    yield words("Release it as {marking}?", marking=wanted)
    said = moment(words, thing.said, context.now)
    yield words("It is marked {marking}, and was said {when}.", marking=thing.marking, when=said)
    if prospect.marking != wanted:
        yield words("What it answers is marked {marking}, and so is it.", marking=prospect.marking)
    if prospect.gets:
        yield words("It goes to: {rooms}", rooms=", ".join(prospect.gets))
        yield words("What was read there cannot be made unread.")
    else:
        yield words("No other room gets it by that.")
    for room, denied in prospect.denied.items():
        yield words("Not to {room}: {why}", room=room, why=why(denied, directory, words))


def _why_not(context: Context, prospect: Prospect) -> str:
    words, directory = context.words, context.house.directory()
    return "; ".join(
        f"{room}: {why(denied, directory, words)}" for room, denied in prospect.denied.items()
    )


def _first(context: Context, thing: Thing) -> Request | None:
    """What somebody of the team has said already, and waits for another."""
    waiting = consent.waiting(context.session, Kind.RELEASE, thing.name)
    agreed = [each for each in waiting if consent.wanted(each, Wanted).state == thing.state]
    return agreed[-1] if agreed else None


def _check_open(context: Context, ref: str) -> None:
    """Who names another's word has to find it as it was."""
    named = consent.by_handle(context.session, ref)
    if named is not None and named.kind == Kind.RELEASE and named.state != consent.DONE:
        raise UserError("It was changed since then: look at it, and release it as it is now.")


def _is_enough(context: Context, thing: Thing, wanted: Marking, first: Request | None) -> bool:
    """Whether so many have said the same as their team asks for; each human counts once."""
    team = context.part().team
    needs = 1 if team is None or thing.originator is None else team.release_needs
    given = [] if first is None or _wanted(first) != wanted else consent.said(first)
    me = context.asker.person
    others = {me, *context.house.linked(context.session, me)}
    return len({each.person for each in given} - others) + 1 >= needs


def _wanted(row: Request) -> Marking:
    found = consent.wanted(row, Wanted)
    return Marking(found.label, lists_of(found.releasable))


def _wait(context: Context, found: Meant, wanted: Marking, first: Request | None) -> Reply:
    """Keep one person's word until another says the same."""
    words, me, team = context.words, context.asker.person, context.part().team
    assert team is not None
    thing = found.thing
    if first is None or _wanted(first) != wanted:
        for each in consent.waiting(context.session, Kind.RELEASE, thing.name):
            consent.close(each, consent.OVER, context.now)
        stored = Wanted(wanted.label, stored_lists(wanted.releasable), thing.state)
        first = consent.ask(
            context.session, Kind.RELEASE, thing.name, me, team.key, stored, context.now
        )
    if all(each.person != me for each in consent.said(first)):
        consent.note(first, Said(me, team.key, context.now))
    _record(context, thing, team, Outcome.WAITING)
    text = words(found.asks.wants, person=context.asker.name, marking=wanted, handle=first.handle)
    told = tell_team(context.session, context.house.directory(), team, text)
    answer = words(
        "It takes another person of your team, who types: release {handle}", handle=first.handle
    )
    return Reply(reply(answer).body, also=tuple(told))


def _release(
    context: Context, thing: Thing, kind: Releasable, wanted: Marking, prospect: Prospect
) -> Reply:
    words, session, now = context.words, context.session, context.now
    room = context.room
    by = Releaser(context.asker.person, room or RoomId(""), context.direct)
    released = kind.release(session, thing, wanted, by, now)
    for row in consent.waiting(session, Kind.RELEASE, thing.name):
        consent.close(row, consent.DONE, now)
    _record(context, thing, context.part().team, Outcome.OK)
    also: list[Outgoing] = [*released.outgoing, *answered(context, thing.name, consent.DONE)]
    text = words("Released as {marking}.", marking=wanted)
    if released.name:
        text = words("Released as {marking}, as {ref}.", marking=wanted, ref=released.name)
    if prospect.gets and requested.number_of(thing.name) is not None:
        text = words(
            "Released as {marking}. I read it again where it was said, and pass it on to: {rooms}",
            marking=wanted,
            rooms=", ".join(prospect.gets),
        )
    elif prospect.gets:
        text += "\n" + words("It goes to: {rooms}", rooms=", ".join(prospect.gets))
    return Reply(reply(text).body, also=tuple(also))


def _record(context: Context, thing: Thing, team: Team | None, outcome: Outcome) -> None:
    rule = (
        "one person" if team is None or team.release_needs < 2 else f"{team.release_needs} persons"
    )
    key = None if team is None else team.key
    act = Act(
        context.asker.person, key, Action.RELEASED, thing.audited, rule, outcome, thing.originator
    )
    record(context.session, act, context.now)
