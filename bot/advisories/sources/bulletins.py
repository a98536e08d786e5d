"""Telling what feeds bring: as drafts or posts, many as one list, revisions where the first was
told, and to each team alone what is about its own products.

Looked at first, outside the unit of work that writes; then, in one transaction, told and written
down as told: whatever crashes, each item is told once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from bot.advisories import subscribing
from bot.advisories.sources import drafts, posts, shelf, telling
from bot.advisories.sources.feed import Feed
from bot.advisories.sources.filters import matched, wants
from bot.advisories.sources.item import Item
from bot.advisories.sources.room import Newsroom, Told, marked_as, may_know, originator_of, rooms_of
from bot.advisories.sources.shelf import Kind, State
from bot.custody.effective import Marked
from bot.events import Outgoing, Post
from bot.richtext.splitting import split
from bot.sharing.marking import strictest
from bot.sharing.teams import TeamKey
from bot.store.tables.sources import SourceItem

log = structlog.get_logger()

MOST = 3000
"""Items that are told of in one go."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a feed has to tell: rows by what becomes of them."""

    rows: tuple[int, ...] = ()
    wanted: frozenset[int] = frozenset()
    runs: Mapping[TeamKey, Mapping[int, Sequence[str]]] = field(default_factory=dict)


def look(session: Session, room: Newsroom, feed: Feed) -> Looked:
    """Which of what waits is wanted, and which team runs what it is about."""
    rows = shelf.waiting(session, feed.name, MOST)
    wanted: set[int] = set()
    runs: dict[TeamKey, dict[int, Sequence[str]]] = {}
    for row in rows:
        item = shelf.item_of(row)
        if feed.sending.channels and _is_wanted(session, feed, item):
            wanted.add(row.id)
        for team, lines in room.products.items():
            names = matched(lines, item)
            if names:
                runs.setdefault(team, {})[row.id] = names
    return Looked(tuple(row.id for row in rows), frozenset(wanted), runs)


def _is_wanted(session: Session, feed: Feed, item: Item) -> bool:
    only = feed.sending.only
    known = only.ransomware and shelf.ransomware_known(session, item.cves)
    return wants(only, item, ransomware=known)


def tell(session: Session, room: Newsroom, feed: Feed, looked: Looked, now: datetime) -> Told:
    """Tell what was looked at, and write down that it is told."""
    found = [session.get_one(SourceItem, number) for number in looked.rows]
    rows = [row for row in found if row.state in {State.WAITING, State.FIRST}]
    outgoing: list[Outgoing] = []
    for team, named in looked.runs.items():
        outgoing += _match(
            session, room, feed, team, [r for r in rows if r.id in named], named, now
        )
    first = any(row.state == State.FIRST for row in rows)
    news, revisions = dict[str, SourceItem](), []
    for row in rows:
        if row.story is not None and row.before is not None:
            revisions.append(row)
        elif row.id in looked.wanted:
            known = _known_already(session, room, feed, row, now)
            if known is None:
                news.setdefault(row.identity, row)  # a feed may have the same at two places
            outgoing += known or ()
    if not first:
        outgoing += _subscribed(session, room, feed, rows, now)
    barred = 0
    for step in (
        _tell_news(session, room, feed, [*news.values()], now, first=first),
        _tell_revisions(session, room, feed, revisions, now),
    ):
        outgoing += step.outgoing
        barred += step.barred
    for row in rows:
        shelf.told(row)
    session.flush()
    log.info("feed.told", feed=feed.name, items=len(rows), new=len(news), revised=len(revisions))
    return Told(tuple(outgoing), barred, shelf.newly_refused(session, feed.name))


def _subscribed(
    session: Session, room: Newsroom, feed: Feed, rows: Sequence[SourceItem], now: datetime
) -> list[Outgoing]:
    """To those who asked for what feeds bring: of what is new."""
    items = [shelf.item_of(row) for row in rows if row.before is None]
    told = shelf.told_before(session, feed.name, items)
    found = [(each, marked_as(feed, each, now)) for each in items if each.identity not in told]
    roster = frozenset[TeamKey]().union(*map(room.house.roster, feed.sending.channels))
    rooms = rooms_of(room.house, feed)
    return subscribing.tell_items(session, room.house, feed.name, found, roster, rooms)


def _known_already(
    session: Session, room: Newsroom, feed: Feed, row: SourceItem, now: datetime
) -> Sequence[Outgoing] | None:
    """Where another source has told of the same: said in the thread of that, and no second time.
    What was one line of a list is told by itself when it changes.
    """
    item = shelf.item_of(row)
    marked = marked_as(feed, item, now)
    lists = row.before is None
    found = shelf.alike(session, feed.name, item, feed.sending.channels, marked, lists=lists)
    if found is None:
        return None
    story, same = found
    alone = story.feed == feed.name and story.kind in {Kind.POST, Kind.DRAFT}
    if alone and not shelf.is_held(session, story.ref):
        row.story = story.ref  # it was gone and is back: what changes is told where it was told
    if same or story.kind != Kind.POST:
        return ()
    return posts.add(
        session, room.house, story, marked,
        lambda words: telling.also(item, marked.marking, feed.name, words),
    )  # fmt: skip


def _tell_news(
    session: Session, room: Newsroom, feed: Feed, rows: Sequence[SourceItem], now: datetime, *,
    first: bool,
) -> Told:  # fmt: skip
    if not rows:
        return Told()
    flood = feed.sending.flood
    many = len(rows) > flood or len(rows) + shelf.made_lately(session, feed.name, now) > flood
    if many:
        return _tell_many(session, room, feed, [shelf.item_of(r) for r in rows], now, first=first)
    outgoing: list[Outgoing] = []
    barred = 0
    for row in rows:
        item = shelf.item_of(row)
        marked = marked_as(feed, item, now)
        owner = room.owners.get(feed.name)
        if feed.sending.as_draft:
            made = drafts.begin(session, room.house, feed, owner, item, marked, now)
        else:
            before = shelf.before_of(row)
            made = posts.begin(session, room.house, feed, item, marked, now, before)
        if made is None:
            barred += 1
            continue
        ref, sent = made
        shelf.told(row, ref)
        outgoing += sent
    return Told(tuple(outgoing), barred)


def _tell_many(
    session: Session, room: Newsroom, feed: Feed, items: Sequence[Item], now: datetime, *,
    first: bool,
) -> Told:  # fmt: skip
    """One list of all: as a draft, or in each room of what that may hold."""
    if feed.sending.as_draft and not first:
        owner = room.owners.get(feed.name)
        made = drafts.begin_list(session, room.house, feed, owner, items, now)
        return Told(barred=len(items)) if made is None else Told(tuple(made[1]))
    if feed.sending.as_draft:  # nobody drafts an advisory of what is old
        return Told(tuple(drafts.tell_first(session, room, feed, items, now)))
    return posted_list(session, room, feed, items, now, first=first)


def posted_list(
    session: Session, room: Newsroom, feed: Feed, items: Sequence[Item], now: datetime, *,
    first: bool = False, revisions: bool = False,
) -> Told:  # fmt: skip
    """In each room of the channels a list of what that may hold."""
    outgoing = posts.begin_list(
        session, room.house, feed, items, now, first=first, revisions=revisions
    )
    return Told(tuple(outgoing), 0 if outgoing else len(items))


def _tell_revisions(
    session: Session, room: Newsroom, feed: Feed, rows: Sequence[SourceItem], now: datetime
) -> Told:
    if len(rows) > feed.sending.flood and feed.sending.channels:
        items = [shelf.item_of(row) for row in rows]
        return posted_list(session, room, feed, items, now, revisions=True)
    outgoing: list[Outgoing] = []
    for row in rows:
        before, item = shelf.before_of(row), shelf.item_of(row)
        assert before is not None, "a revision has something before it"
        marked = marked_as(feed, item, now)
        kind = posts.kind_of(session, row.story)
        if kind is Kind.DRAFT:
            outgoing += drafts.revise(session, room, feed, row, before, item, marked, now)
        elif kind is Kind.POST:
            outgoing += posts.revise(session, room.house, feed, row, before, item, marked)
    return Told(tuple(outgoing))


def _match(
    session: Session, room: Newsroom, feed: Feed, key: TeamKey, rows: Sequence[SourceItem],
    named: Mapping[int, Sequence[str]], now: datetime,
) -> list[Outgoing]:  # fmt: skip
    """A word to a team, in its own room and nowhere else, of what may enter that room."""
    team = room.house.directory().teams.get(key)
    if team is None or team.home is None:
        return []
    found = []
    for row in rows:
        item = shelf.item_of(row)
        marked = marked_as(feed, item, now)
        if may_know(marked, room.house, team) and not shelf.matched_before(session, key, item):
            found.append((item, marked.marking, named[row.id]))
    if not found:
        return []
    marking = strictest(*(each for _, each, _ in found))
    marked = Marked(marking, originator_of(feed), now)
    items = [item for item, _, _ in found]
    shelf.begin(session, Kind.MATCH, feed.name, items, marked, now, team=key)
    body, can = (
        telling.matches(found, feed.name, room.house.words_in()),
        room.house.capable(team.home),
    )
    return [
        Outgoing(team.home, Post(part), id=room.house.new_id())
        for part in split(body, can.cost, can.longest_text) or (body,)
    ]
