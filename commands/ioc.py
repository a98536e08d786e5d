"""`ioc`: what the allies know about values, at once, and by audience.

Nobody else learns that it was asked: the answer is private, and neither the log nor the audit has
the value or a hash of it. What the asker may not see is not there: not in a count, not in an order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Annotated

from bot.custody.effective import Marked, stored_marked
from bot.delivery.naming import lane_of
from bot.errors import UserError
from bot.events import HOUSE, Control, File, Outgoing, Share
from bot.indicators.answers import Answer
from bot.indicators.observable import Observable
from bot.indicators.observables import typed
from commands.grammar.words import quote
from commands.indicators import folding, saying
from commands.indicators.asking import Found, look_up
from commands.indicators.outside import enquiries, offers, said
from commands.indicators.values import Asked, asked_values
from commands.registry import Arg, Context, Flag, Reply, command, reply
from commands.registry.wrong import wrong

_LONGEST_CALL = 1_000
"""Characters of a value that a button can stand for."""
_UNREAD = 5
"""Words that could not be read which are named."""
_FILE = "lookup.csv"
_MAGNIFIER, _EYES, _BELL, _DOVE = (
    "\N{RIGHT-POINTING MAGNIFYING GLASS}", "\N{EYES}", "\N{BELL}", "\N{DOVE OF PEACE}",
)  # fmt: skip


@command(
    "ioc", placed=True, shortcut="Look up its values", shareable=True, attaches=True,
    answering=True, secret=True,
)  # fmt: skip
def ioc(
    context: Context,
    values: Annotated[
        tuple[str, ...],
        Arg(
            "one to 500 values (198.51.100[.]7), a text with values in it, or an attached file; "
            "nothing: what this answers",
            form="",
        ),
    ] = (),
    details: Annotated[bool, Flag("everything that is known", form="")] = False,
    enrich: Annotated[
        tuple[str, ...], Flag("a third party to be asked too", shown="NAME", form="")
    ] = (),
) -> Reply:
    """What do the allies know about this value?"""
    if enrich and not values:
        raise UserError("Name the values that a third party is to be asked about.")
    asked = asked_values(values, context.attached, answering=context.answers is not None)
    found = look_up(context, asked.values)
    one = found.answers[0] if len(found.answers) == 1 else None
    lines = _many(context, found) if one is None else _one(context, one, found, details=details)
    lines += _unread(context, asked)
    if any(each.cut for each in context.attached):
        lines.append(context.words("Only the newest messages of the thread were looked through."))
    if context.shared is not None:
        answer = replace(reply("\n".join(lines)), looked_up=len(asked.values))
        return replace(answer, matter=stored_marked(Marked(found.marking, None, context.now)))
    outside = enquiries(context, asked.values, enrich) if enrich else ()
    lines += said(context, asked.values, enrich, outside)
    answer = replace(reply("\n".join(lines)), looked_up=len(asked.values), outside=outside)
    answer = replace(answer, shares=_arguments(asked, details=details))
    if one is not None:
        made = _controls(context, one.observable, details=details, asked_outside=bool(enrich))
        return replace(answer, controls=tuple(made))
    return replace(answer, also=tuple(_table(context, found)))


def _one(context: Context, answer: Answer, found: Found, *, details: bool) -> list[str]:
    return [
        saying.verdict(context, answer, found.marking),
        *saying.lists(context, found.marking),
        *saying.told(context, answer, details=details),
        saying.searched(context, answer.searched),
    ]


def _many(context: Context, found: Found) -> list[str]:
    answers, words = found.answers, context.words
    lines = [
        folding.heading(context, answers, found.marking),
        *saying.lists(context, found.marking),
        *folding.listed(context, answers),
        saying.searched(context, answers[0].searched),
    ]
    if context.shared is None and not context.direct:
        lines.append(words("Ask me in our direct room to get all of it as a table."))
    return lines


def _table(context: Context, found: Found) -> Iterator[Outgoing]:
    """All of it as a file. Only a room that nobody else reads can have one: on no network can a
    file be shown to one person of a room alone.
    """
    if context.direct and context.room is not None:
        text = folding.as_csv(context, found.answers, found.marking)
        size = len(text.encode(errors="replace"))
        file = File(HOUSE, text, _FILE, mimetype="text/csv", size=size)
        answer = Share(file, secret=True)
        yield Outgoing(context.room, answer, lane_of(context.asker.person))


def _unread(context: Context, asked: Asked) -> list[str]:
    words, few = context.words, asked.unread[:_UNREAD]
    lines = [
        words("Not read: “{word}”: {why}", word=each.word,
              why=wrong(each.why, words))
        for each in few
    ]  # fmt: skip
    rest = len(asked.unread) - len(few)
    if rest > 0:
        lines.append(words.count("• and {n} more", "• and {n} more", rest))
    return lines


def _arguments(asked: Asked, *, details: bool) -> str:
    """The same question, harmless: on some networks a control says what it stands for."""
    values = [quote(typed(each)) for each in asked.values]
    return " ".join(["--details", *values] if details else values)


def _controls(
    context: Context, value: Observable, *, details: bool, asked_outside: bool
) -> Sequence[Control]:
    """What can be done about one value; each has the same typed."""
    words, text = context.words, quote(typed(value))
    if len(text) > _LONGEST_CALL:
        return ()
    made = [
        Control(words("We see it too"), f"sighting {text}", _EYES, once=True),
        Control(words("Watch"), f"watch {text}", _BELL, once=True),
        Control(words("False positive"), f"harmless {text}", _DOVE, once=True),
    ]
    if not details:
        made.insert(0, Control(words("Details"), f"ioc --details {text}", _MAGNIFIER))
    if context.house.enrichers() and not asked_outside:
        made += offers(context, value)
    return made
