"""Items as posts of their own, kept up to date; many as one list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.advisories.house import House
from bot.advisories.sources import shelf, telling
from bot.advisories.sources.comparing import changes
from bot.advisories.sources.feed import Feed
from bot.advisories.sources.item import Item
from bot.advisories.sources.room import marked_as, marked_as_all, may_hold, rooms_of
from bot.advisories.sources.shelf import Kind
from bot.custody import posting
from bot.custody.effective import Marked
from bot.events import Outgoing, RoomId
from bot.richtext import RichText
from bot.store.tables.sources import SourceItem, Story
from bot.words import Words

HEAD, WORD = "head", "word"


def begin(
    session: Session, house: House, feed: Feed, item: Item, marked: Marked, now: datetime,
    before: Item | None = None,
) -> tuple[str, list[Outgoing]] | None:  # fmt: skip
    """Post an item in every room that may have it; None where none may. `before`: what it was, of
    one that nobody was told of alone.
    """
    rooms = [room for room in rooms_of(house, feed) if may_hold(house, marked, room)]
    if not rooms:
        return None
    story = shelf.begin(
        session, Kind.POST, feed.name, [item], marked, now, channels=feed.sending.channels
    )

    def said(words: Words) -> RichText:
        changed = () if before is None else changes(before, item, words)
        return telling.post_of(item, marked.marking, feed.name, words, changed)

    bodies = _bodies(house, rooms, said)
    outgoing = posting.put(session, story.ref, HEAD, bodies, marked, house.new_id, house.capable)
    return story.ref, outgoing


def begin_list(
    session: Session, house: House, feed: Feed, items: Sequence[Item], now: datetime, *,
    first: bool = False, revisions: bool = False,
) -> list[Outgoing]:  # fmt: skip
    """Post one list: in each room of what that may hold, under the strictest marking of that."""
    rooms = rooms_of(house, feed)
    story = shelf.begin(
        session, Kind.LIST, feed.name, items, marked_as_all(feed, items, now), now,
        channels=feed.sending.channels,
    )  # fmt: skip
    by_marking = {each.label: marked_as(feed, each, now) for each in items}
    outgoing: list[Outgoing] = []
    for room in rooms:
        labels = {label for label, each in by_marking.items() if may_hold(house, each, room)}
        there = [each for each in items if each.label in labels]
        if there:
            marked = marked_as_all(feed, there, now)
            body = telling.list_of(
                there, marked.marking, feed.name, house.words_in(room), first=first,
                revisions=revisions,
            )  # fmt: skip
            outgoing += posting.put(
                session, story.ref, HEAD, {room: body}, marked, house.new_id, house.capable
            )
    return outgoing


def revise(
    session: Session, house: House, feed: Feed, row: SourceItem, before: Item, item: Item,
    marked: Marked,
) -> list[Outgoing]:  # fmt: skip
    """Other words on its posts, and in their threads what changed."""
    story = session.get_one(Story, row.story)

    def body(room: RoomId) -> RichText:
        return telling.post_of(item, marked.marking, feed.name, house.words_in(room))

    def said(words: Words) -> RichText:
        return telling.revised(item, marked.marking, changes(before, item, words), words)

    outgoing = posting.revise(session, story.ref, HEAD, body, marked)
    return [*outgoing, *add(session, house, story, marked, said)]


def add(
    session: Session,
    house: House,
    story: Story,
    marked: Marked,
    said: Callable[[Words], RichText],
) -> list[Outgoing]:
    """A message in the thread of each post of a story, where it may stand."""
    posted = posting.rooms_with(session, story.ref, HEAD)
    rooms = [room for room in posted if may_hold(house, marked, room)]
    threads = posting.messages_of(session, story.ref, HEAD)
    return posting.put(
        session, story.ref, WORD, _bodies(house, rooms, said), marked, house.new_id,
        house.capable, threads=threads,
    )  # fmt: skip


def kind_of(session: Session, ref: str | None) -> Kind | None:
    """What was made of an item alone."""
    story = None if ref is None else session.get(Story, ref)
    return None if story is None else Kind(story.kind)


def _bodies(
    house: House, rooms: Sequence[RoomId], said: Callable[[Words], RichText]
) -> dict[RoomId, RichText]:
    made: dict[Words, RichText] = {}
    for room in rooms:
        words = house.words_in(room)
        if words not in made:
            made[words] = said(words)
    return {room: made[house.words_in(room)] for room in rooms}
