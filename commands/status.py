"""`status`: what is connected, and what waits.

A channel's room is told of that channel; an admin room of all. A direct room must name a channel
and is told of networks and numbers, never of rooms: their ids are for those who are in one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.custody import recovering
from bot.custody.frozen import Kind
from bot.delivery.reasons import in_words
from bot.errors import UserError
from bot.events import AccountId, RoomId, account_of, local
from bot.words.times import lasting, moment
from commands.registry import Context, LaneView, Reply, Role, command, reply

_MOST_CHANNELS = 20
"""Channels in an admin room's overview, so that the answer fits a message and a phone."""


@command("status", role=Role.GUEST, placed=True, shareable=True)
def status(context: Context) -> Reply:
    """What is connected here, and what waits to be delivered?"""
    lanes = context.house.waiting(context.session, context.channel)
    first = list(_recovery(context))
    if context.channel is not None:
        return reply("\n".join((*first, *_of_channel(context, context.channel, lanes))))
    if context.room is not None and context.house.is_admin_room(context.room):
        return reply("\n".join((*first, *_of_house(context, lanes))))
    raise UserError("Say which channel: add “--channel NAME”.")


def _recovery(context: Context) -> Iterable[str]:
    """After a restore: that nothing is posted, and to the operators what has been found."""
    if context.house.frozen().recovery is None:
        return
    yield context.words("In recovery after a restore: nothing is posted until “resume all”.")
    row = recovering.standing(context.session)
    if row and context.room is not None and context.house.is_admin_room(context.room):
        yield recovering.told_of(recovering.summary(context.session, row), context.words)


def _of_channel(context: Context, channel: str, lanes: Mapping[RoomId, LaneView]) -> Iterable[str]:
    rooms = context.house.rooms_of(channel)
    yield _summary(context, channel, lanes)
    for account in _accounts(rooms):
        yield _network(context, account)
        if not context.direct:
            for room in rooms:
                if account_of(room) == account:
                    yield f"• {local(room)}: {_room(context, room, lanes.get(room, LaneView()))}"
    if context.direct:
        yield context.words("Its rooms are told one by one only to those who ask in one of them.")


def _of_house(context: Context, lanes: Mapping[RoomId, LaneView]) -> Iterable[str]:
    words, house = context.words, context.house
    channels = list(house.channels())
    accounts = _accounts(room for name in channels for room in house.rooms_of(name))
    total = _total(lanes.values())
    yield ", ".join([_connected(context, accounts), *_waiting(context, total)])
    for account in accounts:
        yield _network(context, account)
        for room, wrong in house.troubles(account).items():
            if room is not None:
                yield f"• {room}: {in_words(words, room, wrong)}"
    for order in house.frozen().orders:
        if order.kind is Kind.RECOVERY:
            continue
        when = moment(words, order.since, context.now)
        paused = words("{what}: paused since {when}", what=order.name, when=when)
        frozen = words("{what}: frozen since {when}", what=order.name, when=when)
        yield f"• {paused if order.kind is Kind.PAUSE else frozen}"
    holds = house.held(context.session)
    for name, since in (*holds.channels.items(), *holds.messages.items()):
        when = moment(words, since, context.now)
        what = name if isinstance(name, str) else words("message {number}", number=name)
        yield "• " + words("{what}: under a legal hold since {when}", what=what, when=when)
    # What needs somebody comes first, whatever is cut off.
    channels.sort(key=lambda name: _is_well(context, name, lanes))
    for name in channels[:_MOST_CHANNELS]:
        yield f"• {_summary(context, name, lanes)}"
    more = len(channels) - _MOST_CHANNELS
    if more > 0:
        yield words.count("And {n} more channel.", "And {n} more channels.", more)
    yield words("Of one alone: “status --channel NAME”.")


def _summary(context: Context, channel: str, lanes: Mapping[RoomId, LaneView]) -> str:
    rooms = context.house.rooms_of(channel)
    total = _total(lanes[room] for room in rooms if room in lanes)
    parts = [_connected(context, _accounts(rooms)), *_waiting(context, total)]
    return f"{channel}: {', '.join(parts)}"


def _is_well(context: Context, channel: str, lanes: Mapping[RoomId, LaneView]) -> bool:
    rooms = context.house.rooms_of(channel)
    total = _total(lanes[room] for room in rooms if room in lanes)
    accounts = _accounts(rooms)
    up = all(context.house.connected(account) for account in accounts)
    if any(context.house.troubles(account).keys() & {None, *rooms} for account in accounts):
        return False
    return up and not (total.waiting or total.unknown or total.dead)


def _connected(context: Context, accounts: Iterable[AccountId]) -> str:
    up = [context.house.connected(account) for account in accounts]
    if all(up):
        return context.words("connected")
    return context.words("{n} of {all} networks down", n=up.count(False), all=len(up))


def _network(context: Context, account: AccountId) -> str:
    words, since = context.words, context.house.since(account)
    up = context.house.connected(account)
    if since is None:
        state = words("connected") if up else words("not connected")
    else:
        when = moment(words, since, context.now)
        told = words("connected since {when}", when=when)
        state = told if up else words("not connected since {when}", when=when)
    wrong = context.house.troubles(account).get(None)
    if wrong is not None:
        state += f"; {in_words(words, RoomId(f'{account}/'), wrong)}"
    return f"{account}: {state}"


def _room(context: Context, room: RoomId, lane: LaneView) -> str:
    """A room's lane, after why nothing comes from the room nor goes there, where that is so."""
    wrong = context.house.troubles(account_of(room)).get(room)
    closed = "" if wrong is None else f"{in_words(context.words, room, wrong)}; "
    match context.house.frozen().state_of(room):
        case None:
            pass
        case Kind.PAUSE:
            closed = f"{context.words('paused')}; {closed}"
        case _:
            closed = f"{context.words('frozen')}; {closed}"
    return closed + _lane(context, lane)


def _lane(context: Context, lane: LaneView) -> str:
    parts = _waiting(context, lane)
    if lane.last_delivered is not None:
        when = moment(context.words, lane.last_delivered, context.now)
        parts.append(context.words("last delivered {when}", when=when))
    return ", ".join(parts)


def _waiting(context: Context, lane: LaneView) -> list[str]:
    words, parts = context.words, []
    if lane.waiting:
        parts.append(words.count("{n} waits", "{n} wait", lane.waiting))
    if lane.unknown:
        parts.append(words("{n} unknown", n=lane.unknown))
    if lane.oldest is not None and parts:
        lag = lasting(words, context.now - lane.oldest)
        parts.append(words("oldest {lag}", lag=lag))
    if lane.dead:
        parts.append(words("{n} dead", n=lane.dead))
    return parts or [words("nothing waits")]


def _total(lanes: Iterable[LaneView]) -> LaneView:
    all_of = list(lanes)
    oldest: list[datetime] = [each.oldest for each in all_of if each.oldest is not None]
    return LaneView(
        waiting=sum(each.waiting for each in all_of),
        unknown=sum(each.unknown for each in all_of),
        dead=sum(each.dead for each in all_of),
        oldest=min(oldest, default=None),
    )


def _accounts(rooms: Iterable[RoomId]) -> list[AccountId]:
    """The accounts of some rooms, each once, in order."""
    return list(dict.fromkeys(account_of(room) for room in rooms))
