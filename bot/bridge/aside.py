"""What is said beside the relay: commands, and what programs post where that is not relayed.

None of its words go on, and none are kept. Its marking is, where it bears one: who answers it,
forwards it, or says something in its thread, says what is marked so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.bridge import edits, links, posts, relabelling, taking
from bot.bridge.places import Scene
from bot.custody.gatekeeper import Own
from bot.events import MessageEdited, MessagePosted, Outgoing
from bot.sharing.marking import Label, strictest
from bot.sharing.written import NOTHING
from bot.store.tables import Knowledge

_MARKS = ("label", "spoken", "floor", "releasable", "released")


def note(session: Session, event: MessagePosted, scene: Scene, now: datetime) -> None:
    """Remember how what is not relayed is marked, and what it hangs on."""
    own, above = posts.own_of(event, scene), _above(session, event)
    if own.written == NOTHING and above == (None, None):
        return
    number = links.name(session, event.room, event.message, scene.channel.name, now)
    row = links.row_of(session, number)
    if row is None or row.known != Knowledge.NAMED:
        return
    whose = {"originator": own.marked.originator}
    links.change(session, number, **posts.hangs_on(above), **whose, **_higher(row, own, scene))


def revise(session: Session, event: MessageEdited, scene: Scene, now: datetime) -> list[Outgoing]:
    """What follows where something is edited into what is not relayed: what it says of a marking
    can only raise, and takes back what stands of it and of what hangs on it.
    """
    own = edits.own_of(event, scene)
    if own.written == NOTHING:
        return []
    row = links.said_here(session, event.room, event.message)
    if row is None or row.known == Knowledge.NAMED:
        return edits.raised(session, event, scene, now)
    custody = scene.custody
    before, said = custody.markings.marked(row).marking, own.written.marking(Label.CLEAR)
    if not edits.is_newer(row, event) or strictest(before, said) == before:
        return []
    links.change(session, row.id, **_higher(row, own, scene))
    return [
        *taking.again(session, row.id, custody, scene.words, now),
        *relabelling.whole(session, row.id, custody, scene.places.able, now),
    ]


def _higher(row: Row[Any], own: Own, scene: Scene) -> dict[str, object]:
    marks = scene.custody.higher(row, own)
    return {name: marks[name] for name in _MARKS}


def _above(session: Session, event: MessagePosted) -> tuple[int | None, int | None]:
    """Its thread's root, and what it answers, where anything is known of these."""
    found: list[int | None] = []
    for each in (event.thread, event.reply_to):
        known = each is not None and each != event.message
        found.append(links.origin(session, event.room, each) if known and each else None)
    return found[0], found[1]
