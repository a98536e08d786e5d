"""`correct`: puts right what stands on record, beside it: an entry is never changed."""

from __future__ import annotations

from typing import Annotated

from bot.decisions import announcing, indexing, proposals
from bot.decisions.ledger.writing import append
from bot.errors import Misused, UserError
from bot.words import message
from commands import proposing
from commands.deciding import decision_meant, is_proposer, presides, split_ref
from commands.registry import Context, Reply, Rest, command, reply

_CORRECTED = message("A correction is on record; the text as it was decided stays:")


@command("correct", placed=True, writes=True)
def correct(
    context: Context,
    text: Annotated[str, Rest("a number or handle, and what is right", shown="REF TEXT")],
) -> Reply:
    """Put a correction on record, beside what stands there."""
    ref, said = split_ref(context, text)
    row = decision_meant(context, ref)
    if not (presides(context, row) or is_proposer(context, row)):
        raise UserError("Only who presides, or its proposer, corrects it.")
    if not said:
        raise Misused("Say what is right, behind the number or handle.")
    proposing.check_text(said)
    reference = proposals.reference_of(context.session, row)
    body = {"by": context.asker.person}
    append(context.session, reference, "corrected", body, context.now, said)
    indexing.index(context.session, row)
    posts = announcing.announce(
        context.session, context.house, row, lambda _, words: f"{words(_CORRECTED)}\n{said}"
    )
    answer = reply(context.words("On record, and told to every room."))
    return Reply(answer.body, also=tuple(posts))
