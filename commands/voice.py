"""`voice`: a delegate says what their team thinks of a proposal."""

from __future__ import annotations

import re
from typing import Annotated

from bot.decisions.voices import Stance
from bot.errors import UserError
from commands.deciding import decision_meant, split_ref
from commands.registry import Context, Flag, Reply, Rest, Role, command
from commands.speaking import speak, unknown_objected

_BEHIND = re.compile(r"(?:^|\s)(?:--|\N{EM DASH})for(?:\s+|=)(?P<team>[^\s]+|\"[^\"]+\")\s*\Z")


@command("voice", placed=True, writes=True, role=Role.GUEST)
def voice(
    context: Context,
    said: Annotated[
        str, Rest("a number or handle; agree, object, amend, reserve or abstain; and why")
    ],
    *,
    for_: Annotated[str | None, Flag("the chair: which team said it elsewhere")] = None,
) -> Reply:
    """Say what your team thinks: agree, object, amend, reserve or abstain."""
    behind = _BEHIND.search(said)
    if for_ is None and behind is not None:
        said, for_ = said[: behind.start()], behind["team"].strip('"')
    ref, rest = split_ref(context, said)
    word, _, text = rest.partition(" ")
    hidden = unknown_objected(context, ref, word)
    if hidden is not None:
        return hidden
    row = decision_meant(context, ref)
    try:
        stance = Stance(word.strip().lower())
    except ValueError:
        raise UserError("Say agree, object, amend, reserve or abstain, and then why.") from None
    if stance is Stance.AMEND and not text.strip():
        raise UserError("Say the words that you would have instead.")
    return speak(context, row, stance, text.strip(), for_)
