"""`trace`: where has a message landed, and why not elsewhere? Never what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Annotated

from bot.custody.pointing import pointed_at
from bot.decisions import proposals
from bot.delivery import reasons
from bot.delivery.outbox import DENIALS, QUIET
from bot.delivery.report import copies_of, edits_of, held_up_by, posts_of
from bot.events import RoomId, account_of
from bot.store.tables import Outbox, State
from bot.words.times import moment
from commands import advising
from commands.deciding import may_know
from commands.meaning import answered, check_named, meant
from commands.originating import is_theirs
from commands.registry import Arg, Context, Reply, command, reply
from commands.targets import in_admin_room


@command("trace", placed=True, shortcut="Trace")
def trace(
    context: Context,
    ref: Annotated[
        str | None, Arg("a message link, a number or handle, or a delivery's id", form="")
    ] = None,
) -> Reply:
    """Where has a message landed, and why not elsewhere?"""
    handle = _handle(context, ref)
    if handle is not None:
        return _posted(context, handle)
    message, words = meant(context, ref), context.words
    if not is_theirs(context, message):
        check_named(context)
    if message.deleted is not None:
        return reply(words("It was deleted, and is taken back wherever it had landed."))
    copies = _by_room(copies_of(context.session, message.id))
    edits = _by_room(edits_of(context.session, message.id))
    if not copies:
        return reply(words("It was not passed on to any other room."))
    found = {room: [*parts, *_newest(edits.get(room, ()))] for room, parts in copies.items()}
    landed, lines = _fates(context, found)
    summary = words("Delivered in {n} of {rooms} other rooms.", n=landed, rooms=len(copies))
    return reply("\n".join([summary, *lines]))


def _handle(context: Context, ref: str | None) -> str | None:
    """The handle of the advisory or decision that is meant; None for what is none, or does not
    exist for the asker.
    """
    advisory, session = advising.advisory_of(context, ref), context.session
    if advisory is not None:
        return advisory.ref
    typed = answered(context) if ref is None else pointed_at(session, ref) or ref
    decision = None if typed is None else proposals.find(session, typed)
    return decision.ref if decision is not None and may_know(context, decision) else None


def _posted(context: Context, handle: str) -> Reply:
    """Where the posts of something have landed: of a channel's rooms, for the operators of all."""
    words, house = context.words, context.house
    posts = _by_room(posts_of(context.session, handle))
    if context.channel is not None or not in_admin_room(context):
        own = house.rooms_of(context.channel) if context.channel is not None else ()
        posts = {room: parts for room, parts in posts.items() if room in own}
    if not posts:
        return reply(words("{ref} was posted in no room of this channel.", ref=handle))
    landed, lines = _fates(context, posts)
    first = words("{ref}: posted, landed in {n} of {rooms} rooms.",
                  ref=handle, n=landed, rooms=len(posts))  # fmt: skip
    return reply("\n".join([first, *lines]))


def _fates(context: Context, found: Mapping[RoomId, Sequence[Outbox]]) -> tuple[int, Sequence[str]]:
    """In how many rooms it landed, and a line for each: the gravest of what became of it there."""
    worst = {room: max(parts, key=_gravity) for room, parts in found.items()}
    # Only who is in a room is told which others there are.
    lines = [
        f"• {account_of(room) if context.direct else room}: {_fate(context, each)}"
        for room, each in worst.items()
    ]
    return sum(each.state == State.DELIVERED for each in worst.values()), lines


def _by_room(deliveries: Sequence[Outbox]) -> dict[RoomId, list[Outbox]]:
    ordered = sorted(deliveries, key=attrgetter("room", "seq"))
    return {RoomId(room): list(same) for room, same in groupby(ordered, attrgetter("room"))}


def _newest(edits: Sequence[Outbox]) -> Sequence[Outbox]:
    """The last edit of each part: it makes good whatever became of the others."""
    return list({edit.part: edit for edit in edits}.values())


def _gravity(delivery: Outbox) -> tuple[int, int]:
    """How much a delivery matters to the one who asks, and of the same the newest."""
    match State(delivery.state):
        case State.DEAD if delivery.reason not in QUIET:
            grave = 5
        case State.UNKNOWN:
            grave = 4
        case State.WAITING | State.SENDING:
            grave = 3
        case State.DEAD if delivery.reason in {"dropped", *DENIALS}:
            grave = 2
        case State.DELIVERED:
            grave = 1
        case _:
            grave = 0
    return grave, delivery.seq


def _fate(context: Context, delivery: Outbox) -> str:
    words = context.words
    fate = _became(context, delivery)
    return words("its edit: {fate}", fate=fate) if delivery.kind == "edit" else fate


def _became(context: Context, delivery: Outbox) -> str:
    words, room = context.words, RoomId(delivery.room)
    reason, since = delivery.reason, moment(context.words, delivery.created, context.now)
    match State(delivery.state):
        case State.DELIVERED:
            when = moment(words, delivery.finished or delivery.created, context.now)
            if delivery.gone is not None:
                return words("delivered {when}, and deleted there since", when=when)
            return words("delivered {when}", when=when)
        case State.DEAD:
            why = reasons.in_words(words, room, reason or "")
            return words("not delivered: {why}", why=why)
        case State.UNKNOWN:
            why = reasons.in_words(words, room, reason or "")
            return words("sent {when}, and nobody knows if it landed: {why}", when=since, why=why)
    reason = reason or held_up_by(context.session, delivery)
    if reason is None:
        return words("on its way since {when}", when=since)
    why = reasons.in_words(words, room, reason)
    return words("waiting since {when}: {why}", when=since, why=why)
