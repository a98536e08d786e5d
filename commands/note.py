"""`note`: something that happened, for the record, without a decision."""

from __future__ import annotations

from typing import Annotated

from bot.custody import numbering
from bot.decisions.ledger.writing import append
from bot.errors import UserError
from bot.words.times import moment
from commands import proposing
from commands.labels import ItsLabel
from commands.registry import Context, Flag, Reply, Rest, command, reply
from commands.timing import read_time


@command("note", placed=True, writes=True)
def note(
    context: Context,
    text: Annotated[str, Rest("what happened", headed=True)],
    *,
    at: Annotated[str | None, Flag("when it happened; now", shown="T")] = None,
    marking: ItsLabel = None,
    group: Annotated[str | None, Flag("for these teams alone", shown="G")] = None,
) -> Reply:
    """Put something that happened on record."""
    place = proposing.place_of(context, group)
    proposing.check_text(text)
    happened = context.now if at is None else read_time(context, at, ahead=False).at
    if happened > context.now:
        raise UserError("That is still to come. A note says what has happened.")
    marked = proposing.marked(context, place, text, marking)
    reference = numbering.begin(context.session, "note", "n", place.series.name, context.now)
    body = {
        "channel": place.view.name,
        "happened": happened.isoformat(),
        "said": (context.said or context.now).isoformat(),
        "by": context.asker.person,
        "team": place.team.key,
        "marking": str(marked.marking.label),
    }
    append(context.session, reference, "note", body, context.now, text)
    lines = [context.words("Noted as {ref}.", ref=reference.handle)]
    if at is not None:
        when = moment(context.words, happened, context.now)
        lines.append(context.words("It happened {when}.", when=when))
    return reply("\n".join(lines))
