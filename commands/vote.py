"""`vote`: a delegate votes for their team; until the vote ends their team's later word stands."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated

from bot.decisions.voices import Stance
from bot.errors import Misused
from commands.deciding import decision_meant, split_ref
from commands.grammar import first_word
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
    choice: Annotated[
        str,
        Rest(
            "a number or handle; agree, object, abstain or reserve",
            shown="REF agree|object|abstain|reserve",
        ),
    ],
) -> Reply:
    """Vote for your team."""
    ref, rest = split_ref(context, choice)
    row = decision_meant(context, ref)
    word, text = first_word(rest)
    stance = _CHOICES.get(word.lower())
    if stance is None:
        raise Misused("Vote agree, object, abstain or reserve; yes and no are understood.")
    return speak(context, row, stance, text)
