"""`advisory post`, `every` and `lift`: at an instant, again and again, or before its time."""

from __future__ import annotations

import re
from itertools import islice
from typing import Annotated

import msgspec

from bot.advisories import keeping, landing, releasing, repeating
from bot.advisories.landing import Teller
from bot.advisories.markdown import read_markdown
from bot.advisories.states import State
from bot.custody.effective import Marked, marked_of, stored_marked
from bot.errors import Misused, UserError
from bot.events import PersonId
from bot.schedules import keeping as schedules
from bot.schedules.keeping import Plan
from bot.schedules.kinds import Late, Place
from bot.sharing.marking import Label
from bot.sharing.roles import Role
from bot.sharing.written import read_marking
from bot.store.tables.advisories import Advisory
from bot.times.instants import Reading, read_instant
from bot.times.recurring import upcoming
from bot.times.saying import doubt_of, listed, local_and_utc
from bot.times.schedules import read_schedule
from bot.times.zones import read_leading_zone, zone_name
from commands import advising
from commands.advising import WHAT, advisory_meant, own_meant, split_ref
from commands.advisory import advisory
from commands.digest import planned
from commands.grammar import first_word
from commands.registry import Arg, Context, Flag, Reply, Rest, asks_first, reply
from commands.timing import channel_zone, own_zone

_NEXT = 3
_ZONE = re.compile(r"/|[0-9]|^(?:utc|gmt|z)$", re.IGNORECASE)
"""What a zone has that is no country's name: a text may begin with Japan."""
_NOW = frozenset({"now", "maintenant"})


@advisory.word("post", placed=True, writes=True)
def post(
    context: Context,
    text: Annotated[
        str,
        Rest(
            "which one, and when: “at T [ZONE]”, “in 2h” or “now”",
            shown="REF at T [ZONE]|in 2h|now",
        ),
    ] = "",
) -> Reply:
    """Post a sealed advisory: at an instant, in a while, or now."""
    ref, when = split_ref(context, text)
    row = own_meant(context, ref)
    releasing.check_sealed(context.session, row)
    if not when:
        raise Misused("Say when, behind the number: “at T”, “in 2h” or “now”.")
    if when.casefold() in _NOW:
        releasing.check_embargo(row, context.now)
        return _post_now(context, row)
    reading = read_instant(when, context.said or context.now, own_zone(context))
    releasing.check_embargo(row, reading.at)
    if reading.at <= context.now:
        return _post_now(context, row, reading)
    rest = list(_when(context, row, reading))
    at = local_and_utc(context.words, reading.at, reading.zone)
    if _is_wide(row):
        question = "\n".join([context.words("Post it {when}?", when=at), *rest])
        asked = asks_first(context, question)
        if asked is not None:
            return asked
    releasing.schedule(
        context.session, row, reading, context.asker.person, _place(context), context.now
    )
    return reply("\n".join([context.words("It is posted {when}", when=at), *rest]))


@advisory.word("lift", placed=True, writes=True)
def lift(context: Context, ref: Annotated[str | None, Arg(WHAT)] = None) -> Reply:
    """Post a scheduled advisory at once, since it is known already: two teams have to say so."""
    row, words = own_meant(context, ref), context.words
    if not releasing.is_held(row, context.now):
        raise UserError("Only what is scheduled is lifted.")
    releasing.check_sealed(context.session, row)
    part = context.part()
    by = str(context.asker.person) if part.team is None else str(part.team.key)
    if part.team is not None and Role.DELEGATE not in part.roles:
        raise UserError(
            "“{command}” is for those who speak for a team. Try “whoami”.", command="lift"
        )
    said = msgspec.json.decode(row.lifts, type=list[str])
    consent = sorted({*said, by})
    row.lifts = keeping.listed(consent)
    if len(consent) < 2:
        text = words(
            "{ref}: noted. Another team has to say “advisory lift {ref}” too.", ref=row.ref
        )
        return reply(text)
    return _released(context, row)


@advisory.word("every", placed=True, writes=True)
def every(
    context: Context,
    when: Annotated[str, Arg("in plain words or as a crontab, in quotes", shown='"WHEN"')],
    what: Annotated[
        str,
        Rest(
            "a zone if need be, then a text, or an advisory's REF", shown="[ZONE] TEXT|digest|REF"
        ),
    ],
    *,
    skip_late: Annotated[bool, Flag("what was missed is left out, and not posted late")] = False,
) -> Reply:
    """Post a text or an advisory again and again."""
    words, channel = context.words, context.channel
    if channel is None:
        raise UserError("For which channel? Say it in one of its rooms, or “--channel NAME”.")
    first, rest = first_word(what)
    named = read_leading_zone(first) if rest and _ZONE.search(first) else None
    what = what if named is None else rest
    if what.casefold() == "digest":
        return planned(context, when.strip(), named or channel_zone(context))
    recurring = read_schedule(when, named or channel_zone(context), context.now)
    zone = recurring.zone
    plan = _planned(context, channel, what, Late.SKIP if skip_late else Late.POST)
    coming = listed(words, islice(upcoming(recurring, context.now), _NEXT), zone, own_zone(context))
    question = "\n".join(
        [
            words("Post it {when} ({zone})?", when=when.strip(), zone=zone_name(zone)),
            words("Next:"), *coming,
            *_reaches(context, plan, channel),
        ]
    )  # fmt: skip
    asked = asks_first(context, question)
    if asked is not None:
        return asked
    row = schedules.begin(context.session, plan, when.strip(), zone_name(zone), context.now)
    text = words("Saved as {handle}. “schedule pause {handle}” stops it.", handle=row.handle)
    return reply("\n".join([text, words("Next:"), *coming]))


def _reaches(context: Context, plan: Plan, channel: str) -> list[str]:
    """Where it goes, and where it does not, and why. Raises UserError where it goes nowhere."""
    assert plan.marking is not None, "what is posted is marked"
    rooms = context.house.rooms_of(channel)
    may, denied = landing.judged_for(context.house, marked_of(plan.marking), rooms)
    lines = list(advising.told_where(context, may, denied))
    if not may:
        why = "\n".join(lines)
        raise UserError("No room may have it, as it is marked.\n{why}", why=why)
    return lines


def _planned(context: Context, channel: str, what: str, late: Late) -> Plan:
    """What is posted, and how it is marked."""
    part = context.part()
    team = None if part.team is None else part.team.key
    by, place = PersonId(context.asker.person), _place(context)
    known = keeping.find(context.session, what)
    if known is not None:
        row = advisory_meant(context, what)
        if row.state != State.RELEASED or channel not in keeping.channels_of(row):
            raise UserError("Only an advisory that is out in this channel is posted again.")
        marking = stored_marked(keeping.marked_as(row))
        return Plan(repeating.ADVISORY, row.ref, by, place, team, channel, marking, late)
    default = context.house.channels()[channel].marking
    marked = Marked(read_marking(read_markdown(what)).marking(default), team, context.now)
    if marked.marking.label is Label.RED:
        raise UserError("TLP:RED is for those who were there: I keep nothing of it.")
    return Plan(repeating.TEXT, what, by, place, team, channel, stored_marked(marked), late)


def _post_now(context: Context, row: Advisory, past: Reading | None = None) -> Reply:
    words = context.words
    if past is not None or _is_wide(row):
        lines = []
        if past is not None:
            at = local_and_utc(words, past.at, past.zone)
            lines.append(words("That time has gone by. Post it now?"))
            lines.append(at)
        else:
            lines.append(words("Post it now?"))
        lines += [advising.named(context, row), *advising.goes_to(context, row)]
        asked = asks_first(context, "\n".join(lines))
        if asked is not None:
            return asked
    return _released(context, row)


def _released(context: Context, row: Advisory) -> Reply:
    _check_reach(context, row)
    outgoing = releasing.release(context.session, context.house, row, context.now)
    place = _place(context)
    if place is not None:
        teller = Teller(PersonId(context.asker.person), place)
        landing.begin(context.session, row, teller, context.now)
    name = keeping.name_of(context.session, row)
    lines = [
        context.words("{ref} is posted.", ref=name),
        *advising.goes_to(context, row),
        context.words("“advisory status {ref}” shows who has acknowledged it.", ref=name),
    ]
    answer = reply("\n".join(lines))
    return Reply(answer.body, also=tuple(outgoing))


def _check_reach(context: Context, row: Advisory) -> None:
    may, denied = advising.rooms_judged(context, row)
    if not may and not denied:
        raise UserError("The settings have none of its channels any more: draft it for another.")
    if not may:
        why = "\n".join(advising.goes_to(context, row))
        raise UserError("No room may have it, as it is marked.\n{why}", why=why)


def _when(context: Context, row: Advisory, reading: Reading) -> list[str]:
    """What will happen, and where; what is to be said of the time."""
    doubt = doubt_of(context.words, reading)
    return [
        advising.named(context, row),
        *([] if doubt is None else [doubt]),
        *advising.goes_to(context, row),
    ]


def _is_wide(row: Advisory) -> bool:
    """Whether it goes to more than one channel: that is asked about."""
    return len(keeping.channels_of(row)) > 1


def _place(context: Context) -> Place | None:
    return None if context.room is None else Place(context.room, context.direct)
