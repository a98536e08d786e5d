"""What people ask the bot for that only some may have, and whether it did what only they may.

The bot's answers are heard in the transaction in which it does what it says; then the oracle is
asked whether that was theirs to ask for, and knows from then on what follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from bot.bridge import requested
from bot.custody import consent
from bot.errors import UserError
from bot.richtext import plain
from bot.store.tables import Message
from commands.grammar import Call, NearMiss
from commands.registry import Context, Registry, Reply
from tests.model.cast import PEOPLE
from tests.model.oracle import Person

_LABEL = re.compile(r"--marking TLP:(\S+)")
_GROUP = re.compile(r"--group (\S+)")


@dataclass(frozen=True)
class Done:
    """What the bot says that it has done: to which message, for whom."""

    what: str
    """`waits`, `released`, `recalled`, `lowered` or `undone`."""
    place: tuple[str, str]
    """A room, and the id that the message has there."""
    by: Person
    label: str | None
    groups: frozenset[str]
    at: float
    asked: frozenset[str] = frozenset()
    """The teams that are asked to delete what they have kept."""


class Listening(Registry):
    """The bot's commands, whose answers are heard."""

    def __init__(
        self, inner: Registry, hear: Callable[[Done], None], fault: Callable[[Exception], None]
    ) -> None:
        super().__init__(inner._commands.values())
        self._inner = inner
        self._hear = hear
        self._fault = fault

    def run(self, call: Call | NearMiss, context: Context) -> Reply:
        """As the registry; a fault in a command is one of the play."""
        try:
            answer = self._inner.run(call, context)
            if isinstance(call, Call):
                self._listen(call, context, answer)
        except UserError:
            raise
        except Exception as error:
            self._fault(error)
            raise
        return answer

    def _listen(self, call: Call, context: Context, answer: Reply) -> None:
        text = " ".join(plain(answer.body).split())
        for begin, what in _SAYS[call.name].items() if call.name in _SAYS else ():
            if not answer.asks and text.startswith(begin) and (what != "lowered" or "pass" in text):
                place, asked = _place(call, context), _asked(text)
                label, groups = meant(call.text)
                by = PEOPLE[context.asker.person.partition("/")[2]]
                self._hear(Done(what, place, by, label, groups, context.now.timestamp(), asked))


_SAYS = {
    "release": {"Released as": "released", "It takes another person": "waits"},
    "recall": {"Recalled. It is not": "recalled"},
    "mark": {"Marked TLP": "lowered"},
    "undo": {"Undone: nothing": "undone"},
}


def meant(text: str) -> tuple[str | None, frozenset[str]]:
    """The label and the groups that a command names."""
    label, group = _LABEL.search(text) or re.search(r"(?<!\S)TLP:(\S+)", text), _GROUP.search(text)
    groups = frozenset(group[1].lower().split(",")) if group else frozenset[str]()
    return (label[1] if label else None), groups


def _asked(text: str) -> frozenset[str]:
    found = re.search(r"what they have kept: ([^.“]*?) “recall”", text)
    return frozenset(found[1].lower().split(", ")) if found else frozenset()


def _place(call: Call, context: Context) -> tuple[str, str]:
    """What is meant, as somebody sees it: named by a link or a handle, or answered."""
    if call.name == "undo":
        return _undone(context)
    ref = call.text.split()[0] if call.text.split() else ""
    request = consent.by_handle(context.session, ref)
    if request is not None:
        row = context.session.get_one(Message, requested.number_of(request.object) or 0)
        return row.room, row.message
    if "/" in ref:
        room, _, message = ref.rpartition("/")
        return room, message
    return str(context.room), str(context.answers)


def _undone(context: Context) -> tuple[str, str]:
    """What was taken back right now."""
    newest = (
        select(Message)
        .where(Message.author == context.asker.person, Message.recalled == context.now)
        .order_by(Message.id.desc())
        .limit(1)
    )
    row = context.session.execute(newest).scalar_one()
    return row.room, row.message
