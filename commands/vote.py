"""`vote`: a delegate votes for their team; until the vote ends their team's later word stands."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from bot.decisions.voices import Stance
from bot.errors import UserError
from commands.deciding import decision_meant, split_ref
from commands.registry import Context, Reply, Rest, Role, command
from commands.speaking import speak

_CHOICES: Mapping[str, Stance] = MappingProxyType(
    {
        **{str(stance): stance for stance in Stance},
        **dict.fromkeys(("yes", "for", "oui", "pour"), Stance.AGREE),
        **dict.fromkeys(("no", "against", "non", "contre"), Stance.OBJECT),
        "abstention": Stance.ABSTAIN,
    }
)


@command("vote", placed=True, writes=True, role=Role.GUEST)
def vote(
    context: Context,
    choice: Annotated[str, Rest("a number or handle; agree, object, abstain or reserve")],
) -> Reply:
    """Vote for your team."""
    ref, rest = split_ref(context, choice)
    row = decision_meant(context, ref)
    word, _, text = rest.partition(" ")
    stance = _CHOICES.get(word.strip().lower())
    if stance is None:
        raise UserError("Vote agree, object, abstain or reserve; yes and no are understood.")
    return speak(context, row, stance, text.strip())
