"""Who hears at once of what somebody has just said of a value: those who watch it."""

from __future__ import annotations

from bot.events import Outgoing
from bot.indicators import people
from bot.indicators.observable import Observable
from bot.sharing.marking import Marking
from bot.sharing.teams import TeamKey
from commands.indicators.audience import may_see
from commands.indicators.watching import News, place_of, still_there, told, touches
from commands.registry import Context


def heard(
    context: Context, value: Observable, words: str, marking: Marking, originator: TeamKey | None,
    before: tuple[Marking, int] | None = None,
) -> list[Outgoing]:  # fmt: skip
    """What those are told who watch a value and may see this; not who says it themselves. `before`:
    how it was marked and since when, of what is released: who saw it by then has heard of it.
    """
    session = context.session
    news = News((value,), words, marking)
    matching = [
        each
        for each in people.watches(session)
        if touches(each, news) and each.person != context.asker.person
    ]
    return [
        told(context.house.words_in(), each, [news], place_of(each))
        for each in still_there(session, context.house.directory(), matching)
        if each.team is not None
        and may_see(context, each.team, marking, originator)
        and not (before and may_see(context, each.team, before[0], originator, before[1]))
    ]
