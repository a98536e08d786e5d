"""Indicators as somebody names them for others to read: by value or by tag, out of the store.

Only what its author may see is there. What is named goes no further than it may: the marking that
it is to be read under must hold what one of its statements is marked with.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.errors import UserError
from bot.indicators import observables
from bot.indicators.answers import Answer
from bot.indicators.observable import Observable
from bot.indicators.tagged import tagged
from bot.sharing.marking import Marking
from commands.indicators.asking import look_up, sight_of
from commands.registry import Context, shortened

_TAGS = ("tag:", "#")
_SAID_BACK = 3


def named_indicators(
    context: Context, typed: Sequence[str], marking: Marking, most: int
) -> tuple[str, ...]:
    """The indicators, each once, as they are shown. Raises UserError."""
    values = list(dict.fromkeys(_values(context, typed)))
    if len(values) > most:
        raise UserError(
            "{n} indicators are too many to be read: {most} at most. Share the rest as a file.",
            n=len(values), most=most,
        )  # fmt: skip
    if not values:
        return ()
    answers = look_up(context, values).answers
    unknown = [each.observable for each in answers if not _holds(each)]
    if unknown:
        error = UserError(
            "I know nothing of {values} that you may pass on. “contribute VALUE” first.",
            values=_listed(unknown),
        )
        error.looked_up = len(values)
        raise error
    stricter = [each.observable for each in answers if not _fits(each, marking)]
    if stricter:
        error = UserError(
            "{values}: marked more strictly than {marking}. Mark it so, or leave that out.",
            values=_listed(stricter), marking=marking,
        )  # fmt: skip
        error.looked_up = len(values)
        raise error
    return tuple(map(observables.defang, values))


def _values(context: Context, typed: Iterable[str]) -> Iterator[Observable]:
    for word in typed:
        tag = next((word.removeprefix(each) for each in _TAGS if word.startswith(each)), None)
        if tag is None:
            yield observables.read(word)
            continue
        found = tagged(context.session, tag, sight_of(context), context.now)
        if not found:
            raise UserError("I know nothing with the tag “{tag}”.", tag=shortened(tag, 40))
        yield from found


def _holds(answer: Answer) -> bool:
    return any(not each.revoked for each in answer.statements)


def _fits(answer: Answer, marking: Marking) -> bool:
    """Whether one of those who speak of a value lets it be read so far."""
    return any(
        each.marking.label <= marking.label
        and set(each.marking.releasable) <= set(marking.releasable)
        for each in answer.statements
        if not each.revoked
    )


def _listed(values: Sequence[Observable]) -> str:
    shown = [shortened(observables.defang(each), 60) for each in values[:_SAID_BACK]]
    return ", ".join([*shown, *(["…"] if len(values) > _SAID_BACK else [])])
