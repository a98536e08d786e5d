"""The line that says how a copy is marked, kept true: where a message is marked anew, what stands
of it says so, and so does what hangs on it.

Made of the words that are kept for the copy. Where these are erased, what hangs on the message is
read again where it was said, the newest first and only so much of it (`bot.bridge.fetching`); who
marks the message itself has that fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice

from sqlalchemy.orm import Session

from bot.bridge import copies, delaying, links
from bot.bridge.labelling import labelled, says, unlabelled
from bot.bridge.parts import FIRST_FILE
from bot.bridge.requested import Fetch, fetch
from bot.custody.effective import below
from bot.custody.gatekeeper import Gatekeeper
from bot.events import Delete, Edit, Outgoing, PersonId, Post, RoomId
from bot.platforms.base import Capabilities
from bot.sharing.gate import Denied
from bot.sharing.marking import Marking

Able = Callable[[RoomId], Capabilities]
"""What can be done in a room."""
MOST = 50
"""Messages that are read again because of one that is marked anew: each is a request to its
network.
"""


def whole(
    session: Session, number: int, custody: Gatekeeper, able: Able, now: datetime
) -> list[Outgoing]:
    """Other lines for a message and all that hangs on it."""
    own = _relabelled(session, (number,), custody, able, now)
    return [*own, *what_hangs_on(session, number, custody, able, now)]


def what_hangs_on(
    session: Session, number: int, custody: Gatekeeper, able: Able, now: datetime
) -> list[Outgoing]:
    """Other lines for all that hangs on a message."""
    hanging = below(session, number)
    _read_again(session, hanging, now)
    return _relabelled(session, hanging, custody, able, now)


def _read_again(session: Session, numbers: Iterable[int], now: datetime) -> None:
    """Have those fetched whose words are not kept any more, so that their lines can be made."""
    erased = (each for each in sorted(numbers, reverse=True) if copies.erased(session, each))
    for number in islice(erased, MOST):
        row = links.row_of(session, number)
        if row is not None and row.deleted is None:
            fetch(session, number, PersonId(row.author), Fetch(stands=True), now)


def _relabelled(
    session: Session, numbers: Iterable[int], custody: Gatekeeper, able: Able, now: datetime
) -> list[Outgoing]:
    outgoing: list[Outgoing] = []
    for number in numbers:
        changes = list(_changes(session, number, custody, able))
        outgoing += delaying.revised(session, number, changes, now) if changes else ()
    return outgoing


def _changes(session: Session, number: int, custody: Gatekeeper, able: Able) -> Iterator[Outgoing]:
    row, standing = links.row_of(session, number), copies.standing(session, number)
    if row is None or row.deleted is not None or not standing:
        return
    effective = custody.markings.effective_of(session, number)
    usual = Marking(custody.markings.default(row.channel))
    shown = None if effective.marking == usual else effective.marking
    for room, parts in standing.items():
        if isinstance(custody.ask(effective.matter, room), Denied):
            continue
        for part, held in parts.items():
            content = held.content
            if part < FIRST_FILE and not held.gone and isinstance(content, Post | Edit):
                other = _relabel(content, shown, able(room))
                if other is not None:
                    yield Outgoing(room, other, part=part, about=number)


def _relabel(
    content: Post | Edit, shown: Marking | None, able: Capabilities
) -> Edit | Delete | None:
    """The same words with another line; None where it stays as it is, also for lack of room. A
    line alone, above a file, goes where there is nothing to say.
    """
    headed, body = content.headed, content.body
    if content.labelled:
        body = unlabelled(body, headed=headed)
    is_shown = shown is not None and not says(body, shown, headed=headed)
    if shown is not None and is_shown:
        body = labelled(body, shown, headed=headed)
    if body == content.body or able.cost(body) > max(able.longest_text, able.cost(content.body)):
        return None
    if not body.blocks:
        return Delete()
    return Edit(body, content.author, manner=content.manner, headed=headed, labelled=is_shown)
