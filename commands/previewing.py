"""An advisory as it will look: here, and into how many posts it falls on each network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.advisories import keeping, landing, posts, releasing, showing, view
from bot.advisories.showing import Shown
from bot.custody.effective import stored_marked
from bot.events import RoomId
from bot.richtext import Block, RichText
from bot.richtext.splitting import split
from bot.store.tables.advisories import Advisory
from commands.registry import Context, Reply


def as_posted(context: Context, row: Advisory, shown: Shown) -> Iterator[Block]:
    """Its posts, in the words of the room where it is read, or of the first that gets it."""
    house, rooms = context.house, keeping.rooms_of(context.house, row)
    here = context.room or rooms[0]
    words = house.words_in(here if here in rooms or not rooms else rooms[0])
    head, apart = posts.bodies(shown, words, house.capable(here))
    yield from head.blocks
    yield from () if apart is None else apart.blocks


def update_of(context: Context, row: Advisory, shown: Shown) -> RichText:
    """What is to be added to it."""
    update = releasing.pending_of(row)
    return RichText() if update is None else showing.added(shown, update, context.words)


def parted(context: Context, row: Advisory, shown: Shown) -> Iterator[str]:
    """Into how many posts it falls, where one network has room for less than another."""
    may, _ = landing.judged(context.house, row)
    by_network = {room.partition(":")[0]: room for room in reversed(may)}
    sizes = {name: _size(context, shown, room) for name, room in sorted(by_network.items())}
    if len(set(sizes.values())) > 1:
        for name, number in sizes.items():
            yield context.words.count(
                "On {network} it is {n} post.", "On {network} it is {n} posts.", number,
                network=name,
            )  # fmt: skip


def _size(context: Context, shown: Shown, room: RoomId) -> int:
    words, can = context.house.words_in(room), context.house.capable(room)
    bodies = [each for each in posts.bodies(shown, words, can) if each is not None]
    return sum(len(split(each, can.cost, can.longest_text) or (each,)) for each in bodies)


def whole(context: Context, row: Advisory) -> Reply:
    """An advisory as it is read: all of it, to who may know of it."""
    shown = view.shown(context.session, context.house, row)
    answer = Reply(showing.head(shown, context.words))
    matter, name = stored_marked(keeping.marked_as(row)), keeping.name_of(context.session, row)
    return replace(answer, matter=matter, shares=name)
