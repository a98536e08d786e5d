"""The recovery of a store that was restored from a copy: what it has found, and whether it is over.

While it stands nothing is posted: the rooms are read since the copy, and deliveries, numbers and
heads that are found there count as used. `resume all` ends it, once everything has been read.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bot.custody import freezing
from bot.custody.audit import OPERATOR, Act, Action, named, record
from bot.custody.frozen import ALL, Kind
from bot.custody.identifying import FOUND
from bot.custody.numbering import numbers_in
from bot.events import File, MessageId, MessagePosted
from bot.richtext import plain
from bot.store.tables import OPEN, Freeze, Inbox, InboxState, Outbox, State
from bot.store.tables.recovery import Found, Recovery
from bot.words import Words

RESTORED = "restored"
"""The reason of what waited in the copy for one person: whatever it was, it is too late."""
_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_COUNT = re.compile(r"(?<![\w-])\d+(?![\w-])")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a recovery has found so far."""

    copied: datetime
    read: datetime | None
    asked: datetime | None
    landed: int
    """Deliveries that are taken as done;"""
    unknown: int
    """posts of the bot's own that nothing in the store explains yet;"""
    numbers: int
    commands: int


def begin(session: Session, copied: datetime, now: datetime) -> Recovery:
    """A copy was put back: nothing is posted from now on, until somebody says `resume all`.

    Commands that waited to be run, and private answers, are over: they have been run and given, as
    far as anybody knows.
    """
    over = (Freeze.kind == Kind.RECOVERY, Freeze.until.is_(None))
    session.execute(update(Freeze).where(*over).values(until=now))
    session.execute(update(Recovery).where(Recovery.ended.is_(None)).values(ended=now))
    freezing.begin(session, Kind.RECOVERY, ALL, freezing.Asker(OPERATOR, freezing.OPERATORS), now)
    row = Recovery(copied=copied, restored=now)
    row.commands = _drop_commands(session)
    row.dropped = drop_answers(session, now)
    session.add(row)
    record(session, Act(OPERATOR, None, Action.RESTORED, named("store")), now)
    session.flush()
    return row


def standing(session: Session) -> Recovery | None:
    """The recovery that the store is in, None where it is in none."""
    found = select(Recovery).where(Recovery.ended.is_(None)).order_by(Recovery.id.desc()).limit(1)
    return session.execute(found).scalar_one_or_none()


def ask(session: Session, by: str, now: datetime) -> bool:
    """Somebody says that it is to end; False where there is none."""
    row = standing(session)
    if row is None:
        return False
    if row.asked is None:
        row.asked, row.by = now, by
        session.flush()
    return True


def end(session: Session, row: Recovery, now: datetime) -> None:
    """It is over: what waits goes on its way."""
    row.ended = now
    over = (Freeze.kind == Kind.RECOVERY, Freeze.until.is_(None))
    session.execute(update(Freeze).where(*over).values(until=now))
    record(session, Act(row.by or OPERATOR, None, Action.RESUMED, named("store")), now)
    session.flush()


def note(session: Session, event: MessagePosted) -> None:
    """A post of our own that the copy does not know: the numbers in its first line, and the head
    that it tells, count as used.
    """
    first, _, _ = plain(event.body).strip().partition("\n")
    spoken = _HASH.search(plain(event.body))
    head = None
    if spoken is not None:
        count = _COUNT.search(plain(event.body))
        head = f"{spoken[0]} {count[0]}" if count is not None else None
    session.merge(
        Found(
            delivery=event.own, room=event.room, message=event.message, said=event.said,
            numbers=msgspec.json.encode([str(each) for each in numbers_in(first)]).decode(),
            head=head,
        )
    )  # fmt: skip
    session.flush()


def note_files(session: Session, event: MessagePosted) -> None:
    """A message of our own that names no delivery, with files: known by these alone."""
    files = [like(file) for file in event.files]
    if files:
        found = Found(
            delivery=f"{event.room} {event.message}", room=event.room, message=event.message,
            said=event.said, numbers=msgspec.json.encode(files).decode(),
        )  # fmt: skip
        session.merge(found)
        session.flush()


def files_met(session: Session) -> dict[tuple[str, str], deque[MessageId]]:
    """The messages with files that were met, by room and by what `like` says of each file."""
    found: dict[tuple[str, str], deque[MessageId]] = defaultdict(deque)
    unnamed = Found.delivery == Found.room + " " + Found.message
    for row in session.execute(select(Found).where(unnamed).order_by(Found.said)).scalars():
        for file in msgspec.json.decode(row.numbers, type=list[str]):
            found[row.room, file].append(MessageId(row.message))
    return found


def like(file: File) -> str:
    """What is the same of a file on every network: the letters of its name, and its size."""
    return f"{''.join(filter(str.isalnum, file.name)).casefold()} {file.size}"


def drop_answers(session: Session, now: datetime, since: datetime | None = None) -> int:
    """Let go of the private answers that wait, written since then; how many."""
    where = [Outbox.kind == "answer", Outbox.state.in_(OPEN)]
    if since is not None:
        where.append(Outbox.created >= since)
    over = {"state": State.DEAD, "reason": RESTORED, "finished": now}
    found = session.execute(update(Outbox).where(*where).values(over))
    return int(found.rowcount)  # type: ignore[attr-defined]  # a cursor result


def count_command(session: Session) -> None:
    """A command was typed, and is not run."""
    session.execute(
        update(Recovery).where(Recovery.ended.is_(None)).values(commands=Recovery.commands + 1)
    )


def summary(session: Session, row: Recovery) -> Summary:
    """How far it has come."""
    found = select(Found.delivery, Found.numbers, Outbox.reason).join(
        Outbox, Outbox.id == Found.delivery
    )
    rows = session.execute(found).all()
    unknown = [each for each in rows if each.reason == FOUND]
    numbers = {name for each in unknown for name in msgspec.json.decode(each.numbers)}
    since = (Outbox.created < row.restored, Outbox.finished >= row.restored)
    landed = select(func.count()).where(Outbox.state == State.DELIVERED, *since)
    known = session.execute(landed).scalar_one()
    return Summary(
        row.copied, row.read, row.asked, known + len(rows) - len(unknown), len(unknown),
        len(numbers), row.commands,
    )  # fmt: skip


def told_of(summary: Summary, words: Words) -> str:
    """What a recovery has found so far, for those who run the bot."""
    first = words("Restored from a copy of {when}.", when=f"{summary.copied:%Y-%m-%d %H:%M} UTC")
    if summary.read is None:
        read = words("The rooms are still being read.")
    else:
        when = f"{summary.read:%Y-%m-%d %H:%M:%S} UTC"
        read = words("Every room is read up to {when}.", when=when)
    found = words(
        "Found in them: {landed} deliveries that are done, {unknown} posts of mine that the copy "
        "does not know, {numbers} numbers that are used.",
        landed=summary.landed, unknown=summary.unknown, numbers=summary.numbers,
    )  # fmt: skip
    commands = words(
        "Commands typed since the copy that were not run again: {n}.", n=summary.commands
    )
    return f"{first}\n{read}\n{found}\n{commands}"


def _drop_commands(session: Session) -> int:
    over = {"state": InboxState.DONE, "content": None}
    session.execute(update(Inbox).where(Inbox.state == InboxState.ASKING).values(over))
    found = session.execute(update(Inbox).where(Inbox.state == InboxState.PENDING).values(over))
    return int(found.rowcount)  # type: ignore[attr-defined]  # a cursor result
