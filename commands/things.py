"""What a REF names that can be released: a message, what a source says of a value, a decision.

What the asker may not know of does not exist: it gets the answer of what never was, whatever its
kind. Which kind a REF is of shows by its form alone, never by whether there is such a thing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from bot.bridge import requested
from bot.bridge.releasing import Messages
from bot.custody import consent, numbering, posting
from bot.custody.effective import Marked
from bot.custody.pointing import pointed_at
from bot.custody.releasing import Releasable, Thing
from bot.decisions import releasing as decisions
from bot.decisions.releasing import Decisions
from bot.errors import UserError
from bot.indicators import releasing as indicators
from bot.indicators import reported
from bot.indicators.releasing import Indicators, Spoken
from bot.indicators.reported import Report, Reports
from bot.store.tables import Message, Request
from bot.store.tables.decisions import Decision
from bot.words import Words, message
from bot.words.times import moment
from commands.deciding import decision_meant
from commands.indicators.asking import sight_of
from commands.indicators.saying import shown
from commands.indicators.speaking import said_meant, watching
from commands.originating import is_of_asker, message_meant
from commands.registry import Context

REF = message("a message link, a value or number, or what I called it")
_PROPOSAL = re.compile(rf"p-[{consent.LETTERS}]{{5}}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asks:
    """The sentences about a thing of some kind. `wants`: a colleague hears that it is to be
    released (`person`, `marking`, `handle`); `asks`: its originator, that others want it (`person`,
    `team`, `when`, `handle`), with these `values`; `marked`: how what they hear is marked.
    """

    wants: str
    asks: str
    values: Mapping[str, str] = field(default_factory=dict)
    marked: Marked | None = None


@dataclass(frozen=True, slots=True)
class Meant:
    """Something that may be released; `gone`: nothing of it is passed on any more."""

    thing: Thing
    kind: Releasable
    asks: Asks
    gone: bool = False


_MESSAGE = Asks(
    message(
        "{person} wants to release a message of your team as {marking}. It takes another of you: "
        "“release {handle}”."
    ),
    message(
        "{person} of {team} asks you to release a message of yours.\n"
        "It was said {when} in {room}: {link}\n"
        "Answer with ✅ or “release {handle}”, with ❌ or “refuse {handle}”."
    ),
)
_INDICATOR = Asks(
    message(
        "{person} wants to release an indicator of your team as {marking}. It takes another of "
        "you: “release {handle}”."
    ),
    message(
        "{label} {person} of {team} asks you to release what you say of {value}.\n"
        "It is marked {marking}, and was said {when}.\n"
        "Answer with ✅ or “release {handle}”, with ❌ or “refuse {handle}”."
    ),
)
_DECISION = Asks(
    message(
        "{person} wants to release a decision of your team as {marking}. It takes another of you: "
        "“release {handle}”."
    ),
    message(
        "{person} of {team} asks you to release {name}, which your team put.\n"
        "It is marked {marking}, since {when}.\n"
        "Answer with ✅ or “release {handle}”, with ❌ or “refuse {handle}”."
    ),
)


def is_theirs(context: Context, thing: Thing) -> bool:
    """Whether something came from the asker's team; where it came from none, from themselves."""
    return is_of_asker(context, thing.originator, thing.author)


def thing_meant(context: Context, ref: str | None, *, of_others: bool = False) -> Meant:
    """What a REF names, or what is answered; `of_others`: rather what came from others. Raises
    UserError where there is none of which the asker may know.
    """
    if ref is None:
        posted = _answered(context)
        return of_message(context, message_meant(context, None)) if posted is None else posted
    request = consent.by_handle(context.session, ref)
    if request is not None and requested.number_of(request.object) is None:
        return of_request(context, request)
    named = _PROPOSAL.fullmatch(ref.strip()) or numbering.read_number(ref) is not None
    if named or pointed_at(context.session, ref) is not None:
        return of_decision(context, decision_meant(context, ref))
    said = said_meant(context, ref.strip(), of_others=of_others)
    if said is None:
        return of_message(context, message_meant(context, ref))
    return of_report(context, said) if isinstance(said, Report) else of_indicator(context, said)


def of_request(context: Context, request: Request) -> Meant:
    """What a request is about, for those whose it is; raises UserError for all others."""
    session, number = context.session, requested.number_of(request.object)
    secret = context.house.custody().key
    found: Meant | None = None
    if number is not None:
        row = session.get(Message, number)
        found = None if row is None else of_message(context, row)
    elif (ref := decisions.number_of(request.object)) is not None:
        decision = session.get(Decision, ref)
        found = None if decision is None else of_decision(context, decision)
    else:
        spoken = indicators.by_name(session, sight_of(context), secret, request.object)
        report = reported.by_name(session, sight_of(context), secret, request.object)
        found = None if spoken is None else of_indicator(context, spoken)
        found = found if report is None else of_report(context, report)
    if found is None or not is_theirs(context, found.thing):
        raise UserError("I know nothing of that message.")
    return found


def of_message(context: Context, row: Message) -> Meant:
    """A message."""
    kind = Messages(context.house.custody(), context.house.rooms_of, context.house.capable)
    values = {"room": row.room, "link": f"{row.room}/{row.message}"}
    asks = Asks(_MESSAGE.wants, _MESSAGE.asks, values)
    return Meant(kind.thing(context.session, row.id), kind, asks, row.deleted is not None)


def of_indicator(context: Context, spoken: Spoken) -> Meant:
    """What one source says of a value."""
    kind = Indicators(context.house.custody())
    values = {
        "value": ", ".join(shown(each) for each in spoken.values[:3]) or spoken.handle,
        "label": str(spoken.marked.marking.label),
        "marking": str(spoken.marked.marking),
    }
    marked = Marked(spoken.marked.marking, spoken.marked.originator, context.now)
    return Meant(kind.thing(spoken), kind, Asks(_INDICATOR.wants, _INDICATOR.asks, values, marked))


def of_report(context: Context, report: Report) -> Meant:
    """What a team has reported of a value."""
    kind = Reports(context.house.custody(), partial(watching, context, report))
    marked = report.marked
    values = {
        "value": report.handle if report.value is None else shown(report.value),
        "label": str(marked.marking.label),
        "marking": str(marked.marking),
    }
    now = Marked(marked.marking, marked.originator, context.now)
    return Meant(kind.thing(report), kind, Asks(_INDICATOR.wants, _INDICATOR.asks, values, now))


def of_decision(context: Context, row: Decision) -> Meant:
    """A decision, or what is to become one."""
    kind = Decisions(context.house)
    thing = kind.thing(row, context.now)
    reference = numbering.find(context.session, row.ref)
    name = row.ref if reference is None else numbering.shown(reference)
    asks = Asks(_DECISION.wants, _DECISION.asks, {"name": name, "marking": str(thing.marking)})
    return Meant(thing, kind, asks)


def asked_of(words: Words, now: datetime, found: Meant, person: str, team: str, handle: str) -> str:
    """What the originator is asked, in these words."""
    when = moment(words, found.thing.said, now)
    values = {"person": person, "team": team, "when": when, "handle": handle}
    return words(found.asks.asks, **values, **found.asks.values)


def _answered(context: Context) -> Meant | None:
    """The decision whose post the command answers."""
    if context.room is None or context.answers is None:
        return None
    if posting.posted_as(context.session, context.room, context.answers) is None:
        return None
    return of_decision(context, decision_meant(context, None))
