"""What a room has to be like to hold more than TLP:GREEN."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from bot.sharing.marking import Label
from bot.words import message


@dataclass(frozen=True, slots=True)
class Traits:
    """What a room is like; None where its network has no such thing."""

    private: bool
    """Only who is in it can see it."""
    invitation_only: bool
    history_from_joining: bool | None = None
    """Who joins reads what is said from then on (or from the invitation), not what was before."""
    encrypted: bool | None = None


class Shortcoming(StrEnum):
    """What a room lacks."""

    PUBLIC = "public"
    OPEN = "open"
    HISTORY = "history"
    UNENCRYPTED = "unencrypted"


WORDS: Mapping[Shortcoming, str] = MappingProxyType(
    {
        Shortcoming.PUBLIC: message("everybody can see it: make it private"),
        Shortcoming.OPEN: message("people can enter it uninvited: make it invitation-only"),
        Shortcoming.HISTORY: message(
            "who joins later can read what was said before: show its history from joining only"
        ),
        Shortcoming.UNENCRYPTED: message("it is not encrypted: turn on its encryption"),
    }
)
"""What to say of each, as message ids."""


def shortcomings(traits: Traits, ceiling: Label, waiver: str = "") -> tuple[Shortcoming, ...]:
    """What a room lacks for its channel's ceiling. Above TLP:GREEN it has to be private,
    invitation-only, with its history visible from joining, and encrypted, as far as its network
    has these; a written waiver lets it be otherwise.
    """
    if ceiling <= Label.GREEN or waiver.strip():
        return ()
    has = {
        Shortcoming.PUBLIC: traits.private,
        Shortcoming.OPEN: traits.invitation_only,
        Shortcoming.HISTORY: traits.history_from_joining,
        Shortcoming.UNENCRYPTED: traits.encrypted,
    }
    return tuple(lack for lack, good in has.items() if good is False)
