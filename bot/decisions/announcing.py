"""Showing how a proposal stands: put out into its rooms, kept up to date, with words beside it."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.custody import posting, wiping
from bot.custody.effective import Marked
from bot.decisions import proposals, showing, view
from bot.decisions.house import House
from bot.decisions.proposals import HEAD, OPENED, OUTCOME, TEXT
from bot.decisions.showing import Shown
from bot.events import Outgoing, RoomId
from bot.richtext import RichText
from bot.sharing.gate import Denied
from bot.store.tables import Posting
from bot.store.tables.decisions import Decision, Ledger
from bot.words import Words

WORD, OTHER = "word", "other"
"""What is posted beside a proposal's own post; what is other in it than in the one before."""


def rooms_for(house: House, channel: str, marked: Marked) -> list[RoomId]:
    """The rooms of a channel that may have something with this marking, as far as is known."""
    custody = house.custody()
    matter = custody.markings.effective(marked).matter
    rooms = house.rooms_of(channel)
    return [room for room in rooms if not isinstance(custody.ask(matter, room), Denied)]


def put_out(
    session: Session, house: House, row: Decision, without: Collection[RoomId] = ()
) -> list[Outgoing]:
    """Post it into every room that may have it, `without` these; a long text whole below it."""
    shown, marked = view.shown(session, house, row), proposals.marked_as(row)
    rooms = [each for each in rooms_for(house, row.channel, marked) if each not in without]
    in_room = shown_in(session, house, row)
    heads = {room: showing.head(in_room(room), house.words_in(room)) for room in rooms}
    texts = dict.fromkeys(rooms, showing.whole(shown)) if showing.is_long(shown) else {}
    new_id, able = house.new_id, house.capable
    return [
        *posting.put(
            session,
            row.ref,
            HEAD,
            heads,
            marked,
            new_id,
            able,
            _offers(house, row, shown),
            mark="",
        ),
        *posting.put(session, row.ref, TEXT, texts, marked, new_id, able, mark=""),
    ]


def refresh(
    session: Session, house: House, row: Decision, known: Shown | None = None
) -> list[Outgoing]:
    """Show how it stands now, in its own posts. `known`: how that is, where it was asked."""
    whole, marked = known or view.shown(session, house, row), proposals.marked_as(row)
    in_room, heads = shown_in(session, house, row, whole), dict[tuple[int, int], RichText]()

    def head(room: RoomId) -> RichText:
        """In the room's words: the same for all rooms that have the same and may know as much."""
        words, shown = house.words_in(room), in_room(room)
        like = id(words), id(shown)
        if like not in heads:
            heads[like] = showing.head(shown, words)
        return heads[like]

    offers = _offers(house, row, whole)
    return posting.revise(session, row.ref, HEAD, head, marked, offers)


def shown_in(
    session: Session, house: House, row: Decision, known: Shown | None = None
) -> Callable[[RoomId], Shown]:
    """How it stands, as the readers of a room may know it. `known`: how that is, where all of it
    was asked.
    """
    whole = known or view.shown(session, house, row)
    if row.given is None:
        return lambda _room: whole
    custody, part = house.custody(), view.shown(session, house, row, whole=False)
    matter = custody.markings.effective(proposals.given_as(row)).matter
    return lambda room: part if isinstance(custody.ask(matter, room), Denied) else whole


def _offers(house: House, row: Decision, shown: Shown) -> posting.Offers:
    return lambda room: showing.controls(shown, row.ref, house.words_in(room))


def announce(
    session: Session, house: House, row: Decision, said: Callable[[Shown, Words], str]
) -> list[Outgoing]:
    """A word to every room, beside the proposal's own post."""
    shown = view.shown(session, house, row)
    bodies = {
        room: showing.word(shown, said(shown, words))
        for room in posting.rooms_with(session, row.ref, HEAD)
        for words in [house.words_in(room)]
    }
    marked = proposals.marked_as(row)
    return posting.put(session, row.ref, WORD, bodies, marked, house.new_id, house.capable)


def blank(session: Session, house: House, row: Decision) -> list[Outgoing]:
    """Its texts were erased: nothing of them is left in any room."""
    marked, in_room = proposals.marked_as(row), shown_in(session, house, row)
    told = posting.revise(
        session, row.ref, OUTCOME,
        lambda room: showing.outcome(in_room(room), house.words_in(room)), marked,
    )  # fmt: skip
    kinds = (TEXT, WORD, OTHER)
    taken = posting.take_back(session, row.ref, kinds)
    wiping.wipe_posts(session, row.ref, (HEAD, OUTCOME, *kinds))
    for ref in _followers(session, row):  # these say what was in it
        taken += posting.take_back(session, ref, (OTHER,))
        wiping.wipe_posts(session, ref, (OTHER,))
    return [*refresh(session, house, row), *told, *taken]


def _followers(session: Session, row: Decision) -> list[str]:
    """The proposals that were put in its stead, with what is other in them."""
    named = Ledger.body.contains(f'"{row.ref}"', autoescape=True)
    found = select(Ledger.ref).join(Posting, (Posting.ref == Ledger.ref) & (Posting.kind == OTHER))
    return list(session.execute(found.where(Ledger.kind == OPENED, named).distinct()).scalars())
