"""`redact`: erases what stands in the ledger of a decision, where a law demands it."""

from __future__ import annotations

from typing import Annotated

from bot.custody import numbering, wiping
from bot.custody.audit import OPERATOR, Act, Action, named, record
from bot.decisions import announcing, indexing, proposals, releasing
from bot.decisions.ledger.writing import erase, history
from bot.errors import Misused, UserError
from bot.events import Outgoing
from bot.store.tables.decisions import Decision
from commands.deciding import decision_meant, presides, split_ref
from commands.registry import Context, Reply, Rest, asks_first, command, reply
from commands.targets import in_admin_room


@command("redact", placed=True, writes=True)
def redact(
    context: Context,
    reason: Annotated[
        str, Rest("a number or handle, and the law that demands it", shown="REF LAW")
    ],
) -> Reply:
    """Erase every text of a decision by law; that it was done stays on record."""
    ref, law = split_ref(context, reason)
    row, words = decision_meant(context, ref), context.words
    if not (in_admin_room(context) or presides(context, row)):
        raise UserError("Only the operators, in an admin room, or who presides redact.")
    if not law:
        raise Misused("Say which law demands it: that stays on record.")
    reference = proposals.reference_of(context.session, row)
    copies = releasing.copies(context.session, row)
    if not _texts(context, row):
        raise UserError("Nothing of it is left to be erased.")
    question = words("Erase every text of {ref} from the ledger, for ever?",
                     ref=numbering.shown(reference))  # fmt: skip
    asked = asks_first(context, question)
    if asked is not None:
        return asked
    posts = _erase(context, row, law)
    team = context.part().team
    act = Act(
        context.asker.person or OPERATOR, None if team is None else team.key, Action.ERASED,
        named("decision", row.ref), "law",
    )  # fmt: skip
    record(context.session, act, context.now)
    for copy in copies:  # what others were given of it is erased with it
        posts += _erase(context, copy, law)
    answer = reply(words("Erased. The commitments stay, so that the chain holds."))
    return Reply(answer.body, also=tuple(posts))


def _erase(context: Context, row: Decision, law: str) -> list[Outgoing]:
    """Erase it on record, in the index, in what is kept of the bot's own messages, in the rooms."""
    session, texts = context.session, _texts(context, row)
    if texts:
        erase(session, proposals.reference_of(session, row), list(texts), law, context.now)
        indexing.forget_erased(session, row)
        wiping.wipe(session, texts.values())
    return announcing.blank(session, context.house, row)


def _texts(context: Context, row: Decision) -> dict[int, str]:
    """What of it is not erased yet, by entry."""
    reference = proposals.reference_of(context.session, row)
    found = history(context.session, reference)
    return {each.entry: each.text for each in found if each.text is not None}
