"""Items as drafts of advisories, for people to finish, seal and post."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from bot.advisories import keeping, releasing
from bot.advisories.document import Document, Update
from bot.advisories.house import House
from bot.advisories.keeping import Draft
from bot.advisories.sources import shelf, telling
from bot.advisories.sources.comparing import changes
from bot.advisories.sources.feed import Feed
from bot.advisories.sources.item import Item, said
from bot.advisories.sources.room import (
    Newsroom,
    author_of,
    marked_as_all,
    may_know,
)
from bot.advisories.sources.shelf import Kind
from bot.advisories.states import BEFORE, State
from bot.custody.effective import Marked
from bot.custody.telling import contacts
from bot.errors import UserError
from bot.events import Answer, Outgoing, Post
from bot.richtext import say
from bot.sharing.teams import TeamKey
from bot.store.tables.advisories import Advisory
from bot.store.tables.sources import SourceItem
from bot.words import Words

log = structlog.get_logger()


def begin(
    session: Session, house: House, feed: Feed, owner: TeamKey | None, item: Item,
    marked: Marked, now: datetime,
) -> tuple[str, list[Outgoing]] | None:  # fmt: skip
    """Make a draft of an item, and say so to the team whose it is; None where it cannot be one."""
    document = telling.document_of(item, marked.marking, feed.group)
    return _begin(session, house, feed, owner, document, [item], marked, now, Kind.DRAFT)


def begin_list(
    session: Session, house: House, feed: Feed, owner: TeamKey | None, items: Sequence[Item],
    now: datetime,
) -> tuple[str, list[Outgoing]] | None:  # fmt: skip
    """Make one draft of many."""
    marked, words = marked_as_all(feed, items, now), house.words_in()
    document = telling.list_document(items, marked.marking, feed.group, feed.name, words)
    return _begin(session, house, feed, owner, document, items, marked, now, Kind.LIST)


def tell_first(
    session: Session, room: Newsroom, feed: Feed, items: Sequence[Item], now: datetime
) -> list[Outgoing]:
    """What a new feed holds already is told to the team whose it is, and drafted by nobody."""
    marked = marked_as_all(feed, items, now)
    words = room.house.words_in()
    shelf.begin(session, Kind.LIST, feed.name, items, marked, now, channels=feed.sending.channels)
    body = telling.list_of(items, marked.marking, feed.name, words, first=True)
    team = room.house.directory().teams.get(room.owners.get(feed.name, TeamKey("")))
    if team is None or team.home is None or not may_know(marked, room.house, team):
        return []
    return [Outgoing(team.home, Post(body), id=room.house.new_id())]


def revise(
    session: Session, room: Newsroom, feed: Feed, row: SourceItem, before: Item, item: Item,
    marked: Marked, now: datetime,
) -> list[Outgoing]:  # fmt: skip
    """A revision of what a draft was made of: the draft is written anew as long as nobody wrote at
    it; what is out gets an update that waits for its seals; its team is told either way.
    """
    advisory = session.get(Advisory, row.story)
    if advisory is None or advisory.state in {State.CANCELLED, State.WITHDRAWN}:
        return []
    words = room.house.words_in()
    lines = changes(before, item, words)
    name = keeping.name_of(session, advisory)
    if advisory.state in BEFORE and keeping.writers_of(advisory) == (author_of(feed),):
        return _rewritten(session, room, feed, advisory, item, marked, now, lines)
    higher = marked.marking.label > keeping.document_of(advisory).label
    if advisory.state == State.RELEASED and advisory.pending is None and lines and not higher:
        text = "\n".join(f"- {said(line)}" for line in lines)
        releasing.add(advisory, Update(text, author_of(feed), now))
        session.flush()
        told = words("{ref}: its source was revised. An update waits for its seals.", ref=name)
    else:
        told = words("{ref}: its source was revised. “advisory edit” or “update” takes it over.",
                     ref=name)  # fmt: skip
    return _tell(session, room.house, _team(advisory), _listed(told, lines), marked)


def _rewritten(
    session: Session, room: Newsroom, feed: Feed, advisory: Advisory, item: Item,
    marked: Marked, now: datetime, lines: Sequence[str],
) -> list[Outgoing]:  # fmt: skip
    document = telling.document_of(item, marked.marking, feed.group)
    before = keeping.draft_of(advisory)
    changed = Draft(document, before.channels, before.sealing)
    keeping.change(session, room.house, advisory, changed, author_of(feed), now)
    words = room.house.words_in()
    told = words("{ref}: its source was revised, and the draft with it.", ref=advisory.ref)
    return _tell(session, room.house, _team(advisory), _listed(told, lines), marked)


def _begin(
    session: Session, house: House, feed: Feed, owner: TeamKey | None, document: Document,
    items: Sequence[Item], marked: Marked, now: datetime, kind: Kind,
) -> tuple[str, list[Outgoing]] | None:  # fmt: skip
    draft = Draft(document, feed.sending.channels)
    try:
        row = keeping.begin(session, house, draft, author_of(feed), owner, now)
    except UserError as error:  # no series is for its group: the settings need one
        log.warning("feed.no_draft", feed=feed.name, why=error.words)
        return None
    shelf.begin(
        session, kind, feed.name, items, marked, now, channels=feed.sending.channels, ref=row.ref
    )
    text = _first(house.words_in(), row, feed, items)
    return row.ref, _tell(session, house, owner, text, marked)


def _first(words: Words, row: Advisory, feed: Feed, items: Sequence[Item]) -> str:
    document = keeping.document_of(row)
    lines = [
        words("{label} · {ref} is a draft, made of the feed {feed}.", label=document.label,
              ref=row.ref, feed=feed.name),
        *([str(document.marking)] if document.marking.releasable else []),
        *telling.lines_of_list(items, words, telling.LISTED_FIRST),
        words("Read it with “advisory preview {ref}”.", ref=row.ref),
    ]  # fmt: skip
    return "\n".join(lines)


def _tell(
    session: Session, house: House, owner: TeamKey | None, text: str, marked: Marked
) -> list[Outgoing]:
    """A word to a team, in its own room where that may have it, else to those who speak for it."""
    directory = house.directory()
    team = None if owner is None else directory.teams.get(owner)
    if team is None or not may_know(marked, house, team):
        return []
    if team.home is not None:
        return [Outgoing(team.home, Post(say(text)), id=house.new_id())]
    return [
        Outgoing(place, Answer(person, say(text), team=team.key))
        for person, place in contacts(session, directory, team)
    ]


def _listed(first: str, lines: Sequence[str]) -> str:
    return "\n".join([first, *(f"• {line}" for line in lines)])


def _team(advisory: Advisory) -> TeamKey | None:
    return None if advisory.team is None else TeamKey(advisory.team)
