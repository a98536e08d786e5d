"""What a command gives back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.errors import UserError
from bot.events import Control, Outgoing
from bot.indicators.observable import Observable
from bot.richtext import RichText, say
from bot.words import Words
from commands.registry.wrong import wrong

FIRST_LINE = 80
"""Characters that the first line of an answer may have: it says it all, also in a notification."""


@dataclass(frozen=True, slots=True)
class Enquiry:
    """A value that a third party is to be asked about, by the name that the configuration has."""

    name: str
    value: Observable


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command answers. `public`: for all in the room; else for its asker alone. `also`:
    what leaves with it, for others. `asks`: what it asks to be confirmed, where it is a question.
    `controls`: what can be pressed on it. `matter`: of a public one, how it is marked
    (`Outgoing.matter`). `looked_up`: how many values were looked up for it, for the quota.
    `shares`: with which arguments it can be shared, where what was typed is not to be shown.
    `outside`: what third parties are asked, who answer later, to the asker alone. `unnamed`: the
    audit does not name the command, and the answer is erased when it has landed.
    """

    body: RichText
    public: bool = False
    also: tuple[Outgoing, ...] = ()
    asks: str = ""
    controls: tuple[Control, ...] = ()
    matter: str | None = None
    looked_up: int = 0
    shares: str | None = None
    outside: tuple[Enquiry, ...] = ()
    unnamed: bool = False


def reply(text: str, *, public: bool = False) -> Reply:
    """An answer of plain text, its first line held to 80 characters: what is more goes below."""
    first, _, _ = text.partition("\n")
    if len(first) > FIRST_LINE:
        at = max(first.rfind(" ", 0, FIRST_LINE + 1), 0) or FIRST_LINE
        text = text[:at] + "\n" + text[at:].removeprefix(" ")
    return Reply(say(text), public)


def refusal(error: UserError, words: Words) -> Reply:
    """What the person is told who made the mistake: private always."""
    return replace(reply(wrong(error, words)), looked_up=error.looked_up)


def shortened(text: str, longest: int) -> str:
    """At most `longest` characters, with … where some were left out."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
