"""`advisory answer`: what is asked of somebody who drafts an advisory, answered.

In their direct room everything that is no command is such an answer; this is the same, typed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from bot.advisories import writing
from bot.errors import UserError
from commands import guiding
from commands.advisory import advisory, begun
from commands.composing import is_secret
from commands.drafting import in_parts
from commands.registry import Context, Flag, Reply, Rest, reply
from commands.registry.wrong import wrong


@advisory.word("answer", placed=True, writes=True)
def answer(
    context: Context,
    text: Annotated[str, Rest("what is asked for, or skip, back, done, stop or drop")] = "",
    *,
    to: Annotated[str | None, Flag("which question", shown="FIELD")] = None,
) -> Reply:
    """Answer what I ask of an advisory that you draft."""
    row, words = writing.find(context.session, context.asker.person, context.now), context.words
    if row is None or not row.step:
        raise UserError("Nothing is asked of you. “advisory draft” begins an advisory.")
    if to is not None and to != row.step:
        raise UserError("That question was answered. The last one stands below.")
    context = replace(context, channel=row.channel or context.channel)
    sign, asked = guiding.sign_of(text), row.step
    if sign == guiding.STOP:
        writing.keep(context.session, row, writing.written_of(row), "", context.now)
        return reply(words("Kept for a week. “advisory draft” goes on with it."))
    if sign == guiding.DROP:
        writing.forget(context.session, row)
        return reply(words("Given up. Nothing of it is kept."))
    try:
        if sign is None and is_secret(guiding.with_answer(writing.written_of(row), row.step, text)):
            writing.forget(context.session, row)
            return reply(
                words("TLP:RED is for those who were there: I keep nothing of it, and did nothing.")
            )
        if not guiding.taken(context, row, text):
            looked_up = len(in_parts(text)) if sign is None and asked == "indicators" else 0
            return replace(guiding.question(context, row), looked_up=looked_up)
        answered = begun(context, writing.written_of(row))
    except UserError as error:
        again = guiding.question(context, row, wrong(error, words))
        return replace(again, looked_up=error.looked_up)
    writing.forget(context.session, row)
    return answered
