"""What the commands about advisories share: which one is meant, whose it is, who is told of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bot.advisories import keeping, landing, sealing, showing
from bot.advisories.sealing import Sealer
from bot.advisories.states import OUT
from bot.bridge.denials import why
from bot.custody import numbering
from bot.custody.pointing import pointed_at
from bot.errors import Misused, UserError
from bot.events import Control, Look, Outgoing, RoomId
from bot.schedules import keeping as schedules
from bot.sharing.gate import Denied, Door, judge
from bot.sharing.marking import Label
from bot.sharing.roles import Role
from bot.sharing.teams import Team
from bot.store.tables.advisories import Advisory
from bot.times.saying import local_and_utc
from bot.words import message
from commands.meaning import answered
from commands.originating import tell_team
from commands.registry import YES, Context
from commands.timing import own_zone

_HANDLE = re.compile(r"a-[a-z0-9]{3,8}", re.IGNORECASE)
WHAT = message("a number, a handle, a link to its post, or nothing in answer to it")


def advisory_meant(context: Context, ref: str | None) -> Advisory:
    """The advisory of a REF, or that which is answered. Raises UserError where there is none, or
    none that the asker may know of: to them it is the same.
    """
    typed = answered(context) if ref is None else pointed_at(context.session, ref) or ref
    if typed is None:
        raise Misused("Say it in answer to an advisory, or with its number or handle.")
    row = keeping.find(context.session, typed)
    if row is None or not may_know(context, row):
        raise UserError("I know of no such advisory. “advisory list” shows those there are.")
    return row


def advisory_of(context: Context, ref: str | None) -> Advisory | None:
    """The advisory that a REF names, or the answered post shows; None where that is none, or none
    that the asker may know of.
    """
    typed = answered(context) if ref is None else pointed_at(context.session, ref) or ref
    row = None if typed is None else keeping.find(context.session, typed)
    return row if row is not None and may_know(context, row) else None


def own_meant(context: Context, ref: str | None) -> Advisory:
    """The same, to be changed by those whose own it is."""
    row = advisory_meant(context, ref)
    if not is_own(context, row):
        raise UserError("Only its authors do that, and who speaks for a team that seals it.")
    return row


def split_ref(context: Context, text: str) -> tuple[str | None, str]:
    """A REF if the text begins with one, and what follows it."""
    text = text.strip()
    first = text.split(maxsplit=1)[0] if text else ""
    handle = pointed_at(context.session, first)
    if handle is not None:
        return handle, text[len(first) :].strip()
    known = numbering.find(context.session, first) or numbering.read_number(first)
    if known or _HANDLE.fullmatch(first):
        return first, text[len(first) :].strip()
    return None, text


def may_know(context: Context, row: Advisory) -> bool:
    """Whether it exists for the asker: before it is out for its authors alone, then for the teams
    that may read it; the operators, in an admin room, know of all.
    """
    if context.shared is not None:
        return row.state in OUT and row.taken_back is None and _stands_here(context, row)
    if context.room is not None and context.house.is_admin_room(context.room):
        return True
    if is_own(context, row):
        return True
    if row.state not in OUT or row.taken_back is not None:
        return False
    team = context.part().team
    return _stands_here(context, row) if team is None else may_read(context, row, team)


def _stands_here(context: Context, row: Advisory) -> bool:
    """Whether it is for the room where it is asked for, and may enter there still."""
    custody, room = context.house.custody(), context.room
    if room is None or room not in keeping.rooms_of(context.house, row):
        return False
    matter = custody.markings.effective(keeping.marked_as(row)).matter
    return not isinstance(custody.ask(matter, room), Denied)


def may_read(context: Context, row: Advisory, team: Team) -> bool:
    """Whether a team may read an advisory that is out."""
    matter = context.house.custody().markings.effective(keeping.marked_as(row)).matter
    members = frozenset().union(*(map(context.house.roster, keeping.channels_of(row))))
    door = Door(
        ceiling=Label.AMBER_STRICT, teams=frozenset({team.key}), roster=members,
        lowest=team.clearance,
    )  # fmt: skip
    return team.key in members and not isinstance(judge(matter, door), Denied)


def is_own(context: Context, row: Advisory) -> bool:
    """Whether the asker wrote at it, is of its author's team, or speaks for one that seals it."""
    if not {context.asker.person, *accounts(context)}.isdisjoint(keeping.writers_of(row)):
        return True
    part = context.part()
    if part.team is None:
        return not context.house.directory().teams and row.team is None
    if part.team.key == row.team:
        return True
    return part.team.key in keeping.authors_of(row) and Role.DELEGATE in part.roles


def accounts(context: Context) -> set[str]:
    """All accounts of the asker."""
    person = context.asker.person
    return {person, *context.house.linked(context.session, person)}


def sealer_of(context: Context) -> Sealer:
    """Who seals. Where there are no teams at all, any other person does."""
    part = context.part()
    nobody = not context.house.directory().teams
    speaks = nobody or Role.DELEGATE in part.roles
    linked = [*context.house.linked(context.session, context.asker.person)]
    return Sealer(
        context.asker.person, linked, None if part.team is None else part.team.key, speaks
    )


def ask_for_seals(context: Context, row: Advisory) -> list[Outgoing]:
    """A word to each team whose seal is awaited, but to those who wrote it: no word of the text."""
    directory, outgoing = context.house.directory(), list[Outgoing]()
    wrote = {*keeping.writers_of(row), *accounts(context)}
    for key in sealing.awaited(context.session, row):
        team = None if key is None else directory.teams.get(key)
        if team is None:
            continue
        words = context.house.words_in(team.home)
        text = words(
            "{ref} ({marking}) waits for the seal of {team}.\n"
            "Read it with “advisory preview {ref}”.",
            ref=keeping.name_of(context.session, row),
            marking=keeping.document_of(row).marking,
            team=team.name,
        )
        told = tell_team(context.session, directory, team, text)
        outgoing += [each for each in told if getattr(each.content, "person", "") not in wrote]
    return outgoing


def seal_control(context: Context, row: Advisory) -> tuple[Control, ...]:
    """The button that seals exactly what was shown, for who may."""
    try:
        sealing.may_seal(context.session, row, sealer_of(context))
    except UserError:
        return ()
    call = f"advisory seal {row.ref} {row.digest.hex()[:12]}"
    return (Control(context.words("Seal"), call, YES, Look.PRIMARY, once=True),)


def team_names(context: Context, teams: Sequence[str | None]) -> str:
    """What teams are called."""
    called, nobody = context.house.directory().called, context.words("another person")
    named = [nobody if team is None else called(team) for team in teams]
    return ", ".join(named)


def rooms_judged(context: Context, row: Advisory) -> tuple[list[RoomId], dict[RoomId, Denied]]:
    """The rooms that would get it now, and those that would not."""
    return landing.judged(context.house, row)


def goes_to(context: Context, row: Advisory) -> Iterator[str]:
    """Where it goes, and where it does not, and why."""
    yield from told_where(context, *rooms_judged(context, row))
    for name in landing.gone(context.house, row):
        reason = context.words("the settings name it no more")
        yield context.words("Not to {room}: {why}", room=name, why=reason)


def told_where(
    context: Context, may: Sequence[RoomId], denied: Mapping[RoomId, Denied]
) -> Iterator[str]:
    """The rooms that get something, and those that do not, and why."""
    words = context.words
    if may:
        yield words("It goes to: {rooms}", rooms=", ".join(may))
    for room, each in denied.items():
        reason = why(each, context.house.directory(), words)
        yield words("Not to {room}: {why}", room=room, why=reason)


def posted_when(context: Context, row: Advisory, at: datetime) -> str:
    """When it is posted, or that somebody has paused that."""
    words = context.words
    planned = None if row.schedule is None else schedules.by_handle(context.session, row.schedule)
    if planned is not None and planned.paused is not None:
        return words("Paused: “schedule resume {handle}” lets it go on.", handle=planned.handle)
    return words("It is posted {when}", when=local_and_utc(words, at, own_zone(context)))


def embargo_of(context: Context, row: Advisory) -> Iterator[str]:
    """That an embargo holds of what is not scheduled now."""
    if row.at is None and row.embargo is not None and context.now < row.embargo:
        words = context.words
        at = local_and_utc(words, row.embargo, own_zone(context))
        yield words("Its embargo holds, until {when}", when=at)


def named(context: Context, row: Advisory) -> str:
    """What it is called, and its title, in a line."""
    name = keeping.name_of(context.session, row)
    title = showing.shortened(keeping.document_of(row).title, 50)
    return f"{keeping.document_of(row).label} · {name} · {title}"
