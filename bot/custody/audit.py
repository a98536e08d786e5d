"""What was done, written down: a row an act, in the transaction of the act itself.

To record something, say who did what with which object, by which rule, and what came of it:

    record(session, Act(person, team, Action.RELEASED, of_message(row), "two persons"), now)

It is one INSERT; `bot.custody.sealing` chains the rows within a second. An object is named by its
id, and where it has a text by the text's keyed hash: never by a word of it. What a team looks up
is named by no value and no hash at all: `Action.LOOKED_UP` with `named("lookup")`. Give
`originator` where the object is some team's own, so that this team sees what others did with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.sharing.teams import TeamKey
from bot.store.prepared import ask_each
from bot.store.tables import Audit
from bot.words import message

OPERATOR, BOT = "operator", "bot"
"""Who did it, where it was no person of a network."""


class Action(StrEnum):
    """What can be done: the closed list, by its code, which is a message id too."""

    RELAYED = message("relayed")
    DENIED = message("denied")
    MARKED = message("marked")
    ASKED = message("asked")
    """For a release."""
    RELEASED = message("released")
    RECALLED = message("recalled")
    CONFIRMED = message("confirmed")
    """That a team deleted its copies."""
    ERASED = message("erased")
    """Text that was kept."""
    HELD = message("held")
    """By a legal hold;"""
    LET_GO = message("let go")
    """and not any more."""
    COMMAND = message("command")
    LOOKED_UP = message("looked up")
    """Of a team's own: seen by that team's admins alone."""
    JOINED = message("joined")
    """A person a room, or a team a group or a roster;"""
    LEFT = message("left")
    LINKED = message("linked")
    UNLINKED = message("unlinked")
    CONFIGURED = message("configured")
    FROZE = message("froze")
    THAWED = message("thawed")
    PAUSED = message("paused")
    RESUMED = message("resumed")
    RESTORED = message("restored")
    """The store, from a copy."""
    ALARM = message("alarm")
    HEAD = message("head")
    """The chain's head was told to the rooms that witness it."""
    EXPORTED = message("exported")
    SPOKE = message("spoke")
    """For a team, to something that is decided."""


class Outcome(StrEnum):
    """What came of it, likewise."""

    OK = message("ok")
    DENIED = message("denied")
    """By the gate."""
    REFUSED = message("refused")
    """To the one who asked: not theirs to do, or wrongly asked."""
    WAITING = message("waiting")
    """For somebody's consent."""
    FAILED = message("failed")


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `who`: a person's id, `OPERATOR` or `BOT`; `object`: see `named`, `of_message`;
    `rule`: by what it was decided, a code and never a text; `originator`: whose object it is.
    """

    who: str
    team: TeamKey | None
    action: Action
    object: str
    rule: str = ""
    outcome: Outcome = Outcome.OK
    originator: TeamKey | None = None


class _Message(Protocol):
    """A row of `message`, whole or as far as it was selected."""

    @property
    def id(self) -> Any: ...

    @property
    def digest(self) -> Any: ...


def named(kind: str, *ids: object) -> str:
    """An object's name: `named("room", room)`, `named("command", "ioc")`, `named("audit")`."""
    return ":".join([kind, *(str(each) for each in ids)])


def of_message(row: _Message) -> str:
    """The name of a message: its number, and the keyed hash of what it said where one is kept."""
    return named("message", row.id, *([] if row.digest is None else [row.digest.hex()]))


def record(session: Session, act: Act, now: datetime) -> None:
    """Write an act down, in the transaction that does it."""
    record_all(session, (act,), now)


def record_all(session: Session, acts: Iterable[Act], now: datetime) -> None:
    """Write several acts of one transaction down, in this order."""
    rows = [
        {
            "at": now,
            "who": act.who,
            "team": act.team,
            "action": act.action,
            "object": act.object,
            "rule": act.rule,
            "outcome": act.outcome,
            "originator": act.originator,
        }
        for act in acts
    ]
    if rows:
        ask_each(session, _RECORD, rows)


_RECORD = insert(Audit).inline()
