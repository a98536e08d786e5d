"""The posts of an advisory: put into every room, kept up to date, answered in their threads."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from sqlalchemy.orm import Session

from bot.advisories import keeping, showing, view
from bot.advisories.house import House
from bot.advisories.keeping import HEAD, TEXT, WORD
from bot.advisories.showing import Shown
from bot.advisories.states import State
from bot.custody import posting
from bot.custody.effective import Marked
from bot.events import Outgoing, RoomId
from bot.platforms.base import Capabilities
from bot.richtext import RichText
from bot.store.tables.advisories import Advisory
from bot.words import Words


def refresh(session: Session, house: House, row: Advisory) -> list[Outgoing]:
    """Show how it stands now, on its own posts."""
    shown = view.shown(session, house, row)
    apart = set(posting.rooms_with(session, row.ref, TEXT))
    pressed = showing.controls(row.ref, house.words_in()) if row.state == State.RELEASED else ()

    @cache  # two hundred rooms are of a few languages
    def head(words: Words, *, whole: bool) -> RichText:
        return showing.head(shown, words, whole=whole)

    def body(room: RoomId) -> RichText:
        return head(house.words_in(room), whole=room not in apart)

    return posting.revise(
        session, row.ref, HEAD, body, keeping.marked_as(row), offers=lambda _room: pressed
    )


def put(session: Session, house: House, row: Advisory, shown: Shown) -> list[Outgoing]:
    """Post it in each of its rooms."""
    heads, texts = {}, {}
    made: dict[tuple[Words, Capabilities], tuple[RichText, RichText | None]] = {}
    for room in keeping.rooms_of(house, row):
        like = house.words_in(room), house.capable(room)
        if like not in made:  # two hundred rooms are of a few networks
            made[like] = bodies(shown, *like)
        heads[room], text = made[like]
        if text is not None:
            texts[room] = text
    marked, able = keeping.marked_as(row), house.capable
    pressed = showing.controls(row.ref, house.words_in())
    posts = posting.put(
        session, row.ref, HEAD, heads, marked, house.new_id, able, offers=lambda _room: pressed,
        mark="",
    )  # fmt: skip
    rest = posting.put(session, row.ref, TEXT, texts, marked, house.new_id, able, mark="")
    return [*posts, *rest]


def bodies(shown: Shown, words: Words, can: Capabilities) -> tuple[RichText, RichText | None]:
    """The post that is kept up to date, and its body where that needs posts of its own."""
    head = showing.head(shown, words)
    if can.cost(head) * 2 <= can.longest_text:  # room for what it will have to say
        return head, None
    return showing.head(shown, words, whole=False), showing.text(shown, words)


def end(session: Session, house: House, row: Advisory) -> list[Outgoing]:
    """Say on its posts and in their threads that it holds no more."""
    marked = keeping.marked_as(row)
    return [*refresh(session, house, row), *answer(session, house, row, showing.ended, marked)]


def take_back(session: Session, house: House, row: Advisory) -> list[Outgoing]:
    """Delete whatever was posted of it, and say in each of its rooms that this was done."""
    rooms = posting.rooms_with(session, row.ref, HEAD)
    taken = posting.take_back(session, row.ref, (HEAD, TEXT, WORD))
    shown = view.shown(session, house, row)
    same = cache(lambda words: showing.taken_back(shown, words))
    bodies = {room: same(house.words_in(room)) for room in rooms}
    said = posting.put(
        session, row.ref, WORD, bodies, keeping.marked_as(row), house.new_id, house.capable
    )
    return [*taken, *said]


def answer(
    session: Session,
    house: House,
    row: Advisory,
    said: Callable[[Shown, Words], RichText],
    marked: Marked,
) -> list[Outgoing]:
    """A message in the thread of each of its posts."""
    shown = view.shown(session, house, row)
    rooms = posting.rooms_with(session, row.ref, HEAD)
    same = cache(lambda words: said(shown, words))
    bodies = {room: same(house.words_in(room)) for room in rooms}
    threads = posting.messages_of(session, row.ref, HEAD)
    return posting.put(
        session, row.ref, WORD, bodies, marked, house.new_id, house.capable, threads=threads
    )
