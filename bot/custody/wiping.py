"""Erasing from what the bot still keeps of its own messages words that a law wants gone.

What was delivered is kept for a while (`payloads`), so that edits and look-ups find it. Words that
were erased where they stand on record must not lie there until then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import islice

import msgspec
from sqlalchemy import ColumnElement, LargeBinary, func, literal, or_, select, update
from sqlalchemy.orm import Session

from bot.custody.consent import OVER, Kind
from bot.store import emptying
from bot.store.tables import Outbox, Posting, Request, State

_LONGEST, _SHORTEST = 20, 6
"""Characters of a line by which it is known, cut as it may be in a title; a shorter one is no
word of anybody's that could be told from another's."""
_AT_ONCE = 50
_OWN = (
    Outbox.source.is_(None),
    Outbox.about.is_(None),
    Outbox.content.is_not(None),
    Outbox.state.in_((State.DELIVERED, State.DEAD)),
)
"""What the bot said itself, and has no need to say again."""


def wipe(session: Session, texts: Iterable[str]) -> None:
    """Erase what holds a line of these texts: posts, edits, answers, what was to be confirmed."""
    needles = _needles(texts)
    for some in _by(needles):
        holding = or_(*(_holds(session, each.encode()) for each in some))
        session.execute(update(Outbox).where(*_OWN, holding).values(content=None))
        typed = or_(*(Request.wanted.contains(each, autoescape=True) for each in some))
        steps = update(Request).where(Request.kind == Kind.STEP, typed)
        session.execute(steps.values(wanted="{}", state=OVER))
    emptying.note(session)


def wipe_posts(session: Session, ref: str, kinds: Collection[str]) -> None:
    """Erase what is kept of posts of something, whatever they say."""
    made = select(Posting.delivery).where(Posting.ref == ref, Posting.kind.in_(kinds))
    session.execute(update(Outbox).where(*_OWN, Outbox.id.in_(made)).values(content=None))


def _needles(texts: Iterable[str]) -> list[str]:
    """The beginnings of lines, as JSON writes them."""
    found = (line.strip()[:_LONGEST].rstrip() for text in texts for line in text.split("\n"))
    written = (msgspec.json.encode(each).decode()[1:-1] for each in found if len(each) >= _SHORTEST)
    return list(dict.fromkeys(written))


def _by(needles: Sequence[str]) -> Iterable[Sequence[str]]:
    left = iter(needles)
    while some := list(islice(left, _AT_ONCE)):
        yield some


def _holds(session: Session, needle: bytes) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "sqlite":
        return func.instr(Outbox.content, needle) > 0
    return func.position(literal(needle, LargeBinary).op("IN")(Outbox.content)) > 0
