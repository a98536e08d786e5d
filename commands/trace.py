"""`trace`: where has a message landed, and why not elsewhere? Never what it says."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Annotated

from bot.delivery import reasons
from bot.delivery.outbox import DENIALS, QUIET
from bot.delivery.report import copies_of, edits_of, held_up_by
from bot.events import RoomId, account_of
from bot.store.tables import Outbox, State
from bot.words.times import moment
from commands.meaning import check_named, meant
from commands.originating import is_theirs
from commands.registry import Arg, Context, Reply, command, reply


@command("trace", placed=True, shortcut="Trace")
def trace(
    context: Context,
    ref: Annotated[str | None, Arg("a message link, or a delivery's id", form="")] = None,
) -> Reply:
    """Where has a message landed, and why not elsewhere?"""
    message, words = meant(context, ref), context.words
    if not is_theirs(context, message):
        check_named(context)
    if message.deleted is not None:
        return reply(words("It was deleted, and is taken back wherever it had landed."))
    copies = _by_room(copies_of(context.session, message.id))
    edits = _by_room(edits_of(context.session, message.id))
    if not copies:
        return reply(words("It was not passed on to any other room."))
    lines, landed = [], 0
    for room, parts in copies.items():
        worst = max([*parts, *_newest(edits.get(room, ()))], key=_gravity)
        landed += worst.state == State.DELIVERED
        # Only who is in a room is told which others there are.
        shown = account_of(room) if context.direct else room
        lines.append(f"• {shown}: {_fate(context, worst)}")
    summary = words("Delivered in {n} of {rooms} other rooms.", n=landed, rooms=len(copies))
    return reply("\n".join([summary, *lines]))


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
