"""What operators do beside a running bot: reload it, pause and resume, see what is to come."""

from __future__ import annotations

import asyncio
import json
import sys
import time

from sqlalchemy.orm import Session

from bot.custody import freezing, recovering
from bot.custody.audit import OPERATOR, Act, Action, named, record
from bot.custody.frozen import Kind
from bot.delivery.lanes import utc_now
from bot.delivery.report import rfc3339
from bot.running import reloading
from bot.schedules import keeping
from bot.store.tables import Schedule
from bot.terminal.inspection import opened_store
from bot.words import words_for
from config.settings import Settings

_PATIENCE = 60.0
"""Seconds for the answer: what is under way has ten to end, and networks are signed in to."""
_LOOK = 0.2


async def reload(settings: Settings) -> int:
    """Let the running bot read its configuration again, and print what followed; 1 where none
    runs, or an account is refused; 2 where its file is broken.
    """
    with opened_store(settings) as database:
        now = utc_now()
        if not await database.read(lambda session: reloading.is_running(session, now)):
            print("liaison: no bot runs on this store", file=sys.stderr)
            return 1
        key = await database.run(reloading.ask)
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            found = await database.read(lambda session: reloading.answer_to(session, key))
            if found is not None and found.status is not None:
                out = sys.stderr if found.status == 2 else sys.stdout
                for line in found.lines:
                    print(line, file=out)
                return found.status
            await asyncio.sleep(_LOOK)
    print("liaison: the running bot gave no answer; see its log", file=sys.stderr)
    return 1


def pause(settings: Settings, name: str) -> int:
    """What is said for a channel or room waits from now on, within a second; 1 if it does already,
    or is neither.
    """
    if name not in settings.channels and name not in settings.rooms():
        print(f"liaison: no channel or room is called {name!r}", file=sys.stderr)
        return 1

    def work(session: Session) -> bool:
        now, by = utc_now(), freezing.Asker(OPERATOR, freezing.OPERATORS)
        begun = freezing.begin(session, Kind.PAUSE, name, by, now)
        if begun:
            record(session, Act(OPERATOR, None, Action.PAUSED, named("place", name)), now)
        return begun

    with opened_store(settings) as database:
        begun = database.run_now(work)
    if not begun:
        print(f"liaison: {name} is paused already", file=sys.stderr)
        return 1
    print(f"{name} is paused: what is said is taken in, and waits")
    return 0


def resume(settings: Settings, name: str) -> int:
    """What waits for a channel or room goes on its way; 1 if it was not paused."""

    def work(session: Session) -> bool:
        now = utc_now()
        ended = freezing.resume(session, name, now)
        if ended:
            record(session, Act(OPERATOR, None, Action.RESUMED, named("place", name)), now)
        return ended

    with opened_store(settings) as database:
        ended = database.run_now(work)
        frozen = database.read_now(freezing.standing)
    if ended:
        print(f"{name} goes on")
        return 0
    hint = "" if all(each.name != name for each in frozen) else ": it is frozen; see `thaw`"
    print(f"liaison: {name} is not paused{hint}", file=sys.stderr)
    return 1


async def resume_all(settings: Settings) -> int:
    """End the recovery after a restore, as soon as the running bot has read every room; waits for
    that as long as one runs.
    """
    with opened_store(settings) as database:
        if not await database.run(lambda s: recovering.ask(s, OPERATOR, utc_now())):
            print("liaison: no recovery stands: nothing was restored, or it is over")
            return 1
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            if await database.read(recovering.standing) is None:
                print("the recovery is over: what waits goes on its way")
                return 0
            if not await database.read(lambda s: reloading.is_running(s, utc_now())):
                print("the recovery ends when `liaison run` has read the rooms")
                return 0
            await asyncio.sleep(_LOOK)
        row = await database.read(recovering.standing)
        print("the recovery ends when every room has been read, which takes longer than a minute")
        if row is not None:
            told = await database.read(lambda s: recovering.summary(s, row))
            print(recovering.told_of(told, words_for(settings.liaison.language)))
    return 0


def list_schedules(settings: Settings, *, as_json: bool) -> int:
    """Print what is to come; that somebody looked is written down."""

    def work(session: Session) -> list[dict[str, object]]:
        record(
            session, Act(OPERATOR, None, Action.COMMAND, named("command", "schedule")), utc_now()
        )
        return [_shown(row) for row in keeping.standing(session)]

    with opened_store(settings) as database:
        found = database.run_now(work)
    if not found and not as_json:
        print("liaison: nothing is scheduled", file=sys.stderr)
    for row in found:
        if as_json:
            print(json.dumps(row))
        else:
            state = "paused" if row["paused"] else f"next {row['next']}"
            print(f"{row['ref']}  {row['kind']}  {row['when']} ({row['zone']})  {state}")
    return 0


def _shown(row: Schedule) -> dict[str, object]:
    coming = None if row.paused is not None else row.next
    return {
        "ref": row.handle,
        "when": row.said,
        "zone": row.zone,
        "next": rfc3339(coming),
        "paused": row.paused is not None,
        "kind": row.kind,
        "channel": row.channel,
        "attempts": row.attempts,
    }
