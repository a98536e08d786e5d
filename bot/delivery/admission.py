"""The gate as lanes ask it, right before something is sent; and what follows where it says no."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, bindparam, or_, update
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.bridge import taking
from bot.bridge.humans import accounts_with
from bot.bridge.links import COPIES
from bot.custody.effective import Effective, marked_of
from bot.custody.gatekeeper import Gatekeeper
from bot.delivery import outbox
from bot.events import Answer, Content, Delete, Edit, PersonId, Post, Share, Standing, Unreact
from bot.sharing.gate import ALLOWED, Denied, Reason, Verdict
from bot.store import emptying
from bot.store.tables import Outbox, State
from bot.words import Words

_PASSING = frozenset(each.__struct_config__.tag for each in (Answer, Delete, Unreact))
"""What carries nothing to anybody who does not have it: nothing could be taken back otherwise."""
_ANSWER = Answer.__struct_config__.tag
_decode = msgspec.json.Decoder(Content).decode
_OF_A_MESSAGE = frozenset(each.__struct_config__.tag for each in (Edit, Post, Share))


class Admission:
    """Asks a gatekeeper. No statement is added for what hangs on no other message."""

    def __init__(self, custody: Gatekeeper, words: Words) -> None:
        self._custody = custody
        self._words = words

    def admit(self, session: Session, row: Row[Any]) -> Verdict:
        """Whether a delivery may go now. The bot's own words are marked by nothing."""
        if row.kind in _PASSING:
            return self._is_for(session, row) if row.kind == _ANSWER else ALLOWED
        effective = self._effective(session, row)
        return ALLOWED if effective is None else self._custody.ask(effective.matter, row.room)

    def _is_for(self, session: Session, row: Row[Any]) -> Verdict:
        """What was made for a team is for nobody who is of that no more, as after a reload."""
        answer, directory = _decode(row.content), self._custody.markings.directory
        if not isinstance(answer, Answer) or not answer.team or not directory.teams:
            return ALLOWED
        linked = (PersonId(each.person) for each in accounts_with(session, answer.person))
        teams = (directory.team_of(each, Standing.MEMBER) for each in (answer.person, *linked))
        is_of_it = any(team is not None and team.key == answer.team for team in teams)
        return ALLOWED if is_of_it else Denied(Reason.CLEARANCE)

    def refuse(
        self, session: Session, row: Row[Any], content: Content, denied: Denied, now: datetime
    ) -> set[str]:
        """End it, and with it what else waits of the same message for that room. What stands of
        it there already is taken back, and its author is told.
        """
        where = {"key": row.id, "number": row.number, "place": row.room, "now": now}
        values = {"reason": outbox.DENIED + denied.reason, **where}
        is_part = row.matter is None and row.kind in _OF_A_MESSAGE
        session.connection().execute(_END_ALL if is_part else _END, values)
        emptying.note(session)
        if not is_part:
            return set()
        outgoing = taking.denied_late(
            session, row.number, {row.room: denied}, self._custody, self._words, now,
            by_bot=_is_by_bot(content),
        )  # fmt: skip
        return outbox.put(session, outgoing, now)

    def _effective(self, session: Session, row: Row[Any]) -> Effective | None:
        markings = self._custody.markings
        if row.matter is not None:
            return markings.effective(marked_of(row.matter))
        if row.number is None:
            return None
        if row.quoting:
            return markings.effective_of(session, row.number)
        return self._custody.effective(session, markings.marked(row), row.root, row.answers)


def _is_by_bot(content: Content) -> bool:
    author = getattr(content, "author", None)
    return author is not None and author.bot


def _end(*which: ColumnElement[bool]) -> Any:
    return (
        update(Outbox)
        .where(*which)
        .values(
            state=State.DEAD, reason=bindparam("reason"), content=None, not_before=None,
            finished=bindparam("now"),
        )
    )  # fmt: skip


_END = _end(Outbox.id == bindparam("key"))
_ITS_PARTS = or_(
    (Outbox.source == bindparam("number")) & Outbox.kind.in_(COPIES),
    (Outbox.about == bindparam("number")) & (Outbox.kind == "edit"),
)
_END_ALL = _end(
    (Outbox.id == bindparam("key"))
    | (_ITS_PARTS & (Outbox.room == bindparam("place")) & (Outbox.state == State.WAITING))
)
