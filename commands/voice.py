"""`voice`: a delegate says what their team thinks of a proposal."""

from __future__ import annotations

from typing import Annotated

from bot.decisions.voices import Stance
from bot.errors import Misused
from commands.deciding import decision_meant, split_ref
from commands.grammar import first_word
from commands.registry import Context, Flag, Reply, Rest, Role, command
from commands.speaking import speak, unknown_objected


@command("voice", placed=True, writes=True, role=Role.GUEST)
def voice(
    context: Context,
    said: Annotated[
        str,
        Rest(
            "a number or handle; agree, object, amend, reserve or abstain; and why",
            shown="REF agree|object|amend|reserve|abstain [TEXT]",
            headed=True,
        ),
    ],
    *,
    for_: Annotated[
        str | None, Flag("the chair: which team said it elsewhere", shown="TEAM")
    ] = None,
) -> Reply:
    """Say what your team thinks: agree, object, amend, reserve or abstain."""
    ref, rest = split_ref(context, said)
    word, text = first_word(rest)
    hidden = unknown_objected(context, ref, word)
    if hidden is not None:
        return hidden
    row = decision_meant(context, ref)
    try:
        stance = Stance(word.lower())
    except ValueError:
        raise Misused("Say agree, object, amend, reserve or abstain, and then why.") from None
    if stance is Stance.AMEND and not text:
        raise Misused("Say the words that you would have instead.")
    return speak(context, row, stance, text, for_)
