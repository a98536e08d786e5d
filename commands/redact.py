"""`redact`: erases what stands in the ledger of a decision, where a law demands it."""

from __future__ import annotations

from typing import Annotated

from bot.custody import numbering
from bot.custody.audit import OPERATOR, Act, Action, named, record
from bot.decisions import announcing, indexing, proposals, releasing
from bot.decisions.ledger.writing import erase, history
from bot.errors import UserError
from bot.events import Outgoing
from bot.store.tables.decisions import Decision
from commands.deciding import decision_meant, presides, split_ref
from commands.registry import Context, Reply, Rest, asks_first, command, reply
from commands.targets import in_admin_room


@command("redact", placed=True, writes=True)
def redact(
    context: Context,
    reason: Annotated[str, Rest("a number or handle, and the law that demands it")],
) -> Reply:
    """Erase every text of a decision by law; that it was done stays on record."""
    ref, law = split_ref(context, reason)
    row, words = decision_meant(context, ref), context.words
    if not (in_admin_room(context) or presides(context, row)):
        raise UserError("Only the operators, in an admin room, or who presides redact.")
    if not law:
        raise UserError("Say which law demands it: that stays on record.")
    reference = proposals.reference_of(context.session, row)
    copies = releasing.copies(context.session, row)
    texts = [each.entry for each in history(context.session, reference) if each.text is not None]
    if not texts:
        raise UserError("Nothing of it is left to be erased.")
    question = words("Erase every text of {ref} from the ledger, for ever?",
                     ref=numbering.shown(reference))  # fmt: skip
    asked = asks_first(context, question)
    if asked is not None:
        return asked
    erase(context.session, reference, texts, law, context.now)
    indexing.forget_erased(context.session, row)
    team = context.part().team
    act = Act(
        context.asker.person or OPERATOR, None if team is None else team.key, Action.ERASED,
        named("decision", row.ref), "law",
    )  # fmt: skip
    record(context.session, act, context.now)
    posts = announcing.blank(context.session, context.house, row)
    for copy in copies:
        posts += _follow(context, copy, law)
    answer = reply(words("Erased. The commitments stay, so that the chain holds."))
    return Reply(answer.body, also=tuple(posts))


def _follow(context: Context, copy: Decision, law: str) -> list[Outgoing]:
    """What others were given of it is erased with it."""
    reference = proposals.reference_of(context.session, copy)
    texts = [each.entry for each in history(context.session, reference) if each.text is not None]
    if texts:
        erase(context.session, reference, texts, law, context.now)
        indexing.forget_erased(context.session, copy)
    return announcing.blank(context.session, context.house, copy)
