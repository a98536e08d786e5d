"""`backfill`: what was said before in the other rooms of a channel, brought into this one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from bot.bridge.jobs import MOST, Job, job_in, put_job
from bot.errors import UserError
from bot.events import RoomId
from bot.words.times import moment
from commands.registry import Arg, Context, Flag, Reply, Role, command, reply
from config.durations import parse_duration

_LONGEST = timedelta(days=365)
STOP = "stop"


@dataclass(frozen=True, slots=True)
class Amount:
    """How far back: a time, a number of messages, or (neither) no further at all."""

    age: timedelta | None = None
    messages: int | None = None


def amount(text: str) -> Amount:
    """`3d`, `200` or `stop`; raises `UserError`."""
    if text.lower() == STOP:
        return Amount()
    if text.isascii() and text.isdecimal():
        number = int(text) if len(text) < 9 else MOST + 1
        if not 0 < number <= MOST:
            raise UserError("I bring over at most {most} messages.", most=MOST)
        return Amount(messages=number)
    try:
        age = parse_duration(text.lower())
    except ValueError:
        raise UserError("Say how far back: a time such as “3d”, or a number of messages.") from None
    if age > _LONGEST:
        raise UserError("I go back at most {days} days.", days=_LONGEST.days)
    return Amount(age=age)


@command("backfill", role=Role.ADMIN, placed=True, writes=True)
def backfill(
    context: Context,
    far: Annotated[
        Amount | None,
        Arg("how far back: 3d, 12h, 200 messages; or stop", amount, shown="3d|200|stop"),
    ] = None,
    *,
    room: Annotated[str | None, Flag("elsewhere: which room to bring it to", shown="ROOM")] = None,
) -> Reply:
    """Bring over what was said before in the other rooms."""
    channel, target = _place(context, room)
    running = job_in(context.session, target)
    if far == Amount():
        return _stop(context, target, running)
    if running is not None:
        raise UserError("That is under way in {room}; “backfill stop” ends it.", room=target)
    messages, age = context.house.catch_up(channel)
    far = far or Amount(age, messages)
    since = None if far.age is None else context.now - far.age
    job = Job(channel, since, context.now, min(far.messages or MOST, MOST))
    put_job(context.session, target, job)
    return reply(_promise(context, target, job))


def _place(context: Context, named: str | None) -> tuple[str, RoomId]:
    """The channel and the room that is to be filled."""
    if context.channel is None:
        raise UserError("Say which channel: add “--channel NAME”.")
    rooms = context.house.rooms_of(context.channel)
    target = RoomId(named) if named is not None else context.room
    if target is None or target not in rooms:
        raise UserError("Say it in the room that is to be filled, or name that: “--room ROOM”.")
    if len(rooms) < 2:
        raise UserError("This channel has no other room.")
    return context.channel, target


def _stop(context: Context, target: RoomId, running: Job | None) -> Reply:
    if running is None:
        return reply(context.words("Nothing is being brought over to {room}.", room=target))
    put_job(context.session, target, None)
    number = running.brought
    return reply(
        context.words.count("Stopped after {n} message.", "Stopped after {n} messages.", number)
    )


def _promise(context: Context, target: RoomId, job: Job) -> str:
    words = context.words
    if job.since is None:
        what = words.count(
            "I bring over the newest {n} message.",
            "I bring over the newest {n} messages.",
            job.most,
        )
    else:
        when = moment(words, job.since, context.now)
        what = words("I bring over what was said since {when}.", when=when)
    note = words(
        "The oldest comes first, each with its time, and what is said meanwhile in between. "
        "I say so in {room} when I am done; “backfill stop” ends it.",
        room=target,
    )
    return f"{what}\n{note}"
