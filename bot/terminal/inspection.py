"""What an administrator asks of a configuration and its store, beside a running bot."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import func, select

from bot.custody import freezing
from bot.custody.frozen import Frozen, Kind, frozen_under
from bot.delivery import report
from bot.delivery.doubles import doubles
from bot.delivery.lanes import utc_now
from bot.delivery.lease import Leases
from bot.delivery.outbox import QUIET
from bot.errors import AccountRefused, PlatformError
from bot.events import AccountId, RoomId, account_of
from bot.platforms.base import Finding, Identity, Platform, Roster
from bot.store import schema
from bot.store.database import Database, open_database
from bot.store.tables import Outbox, State
from bot.terminal.alerting import try_alerts
from bot.terminal.enriching import enrichers
from bot.terminal.feed_survey import survey_feeds
from bot.terminal.manifests import unknown_commands
from bot.terminal.surveying import Read, read_rosters, survey
from bot.wiring.connecting import connect
from bot.wiring.witnesses import signer_of, stamps_of
from config.settings import Settings


async def check(settings: Settings, *, as_json: bool) -> int:
    """Try everything against the live networks; 0 when all is well, 1 when something is not."""
    well = True
    with opened_store(settings) as database:
        findings, read = [_dead(database), *_stopped(database)], dict[RoomId, Roster | str]()
        findings += unknown_commands(settings)
        named: dict[RoomId, Identity | None] = dict.fromkeys(settings.every_room)
        for account, platform in connect(settings, database).items():
            rooms = [room for room in settings.rooms() if account_of(room) == account]
            tried, rosters = await _tried(platform, rooms)
            findings += [_named(account, found) for found in tried]
            read |= rosters
            here = [room for room in settings.every_room if account_of(room) == account]
            named |= {room: platform.identity(room) for room in here}
        findings += survey(settings, read, utc_now(), doubles(named))
        findings += [found async for found in _heads(settings, database)]
        findings += survey_feeds(settings)
        findings += await enrichers(settings)
    findings += await try_alerts(settings)
    for found in findings:
        well &= found.ok
        if as_json:
            print(json.dumps({"what": found.what, "ok": found.ok, "mend": found.mend}))
        else:
            print(f"{'ok ' if found.ok else 'NO '} {found.what}")
            if not found.ok:
                print(f"     {found.mend}")
    return 0 if well else 1


async def _heads(settings: Settings, database: Database) -> AsyncIterator[Finding]:
    """Who signs and time-stamps the heads of ledgers, where anybody is to."""
    signer = signer_of(settings)
    if signer is not None:
        yield Finding(f"ledger: heads are signed, by the key {signer.public.hex()}", ok=True)
    stamps = stamps_of(settings, database, Leases())
    if stamps is not None:
        mend = "is ledger.timestamps right and reached from here, ledger.timestamps_ca its own?"
        yield Finding("ledger: heads are time-stamped", await stamps.answers(), mend)


def _named(account: AccountId, found: Finding) -> Finding:
    """The finding with its account before it, unless its words name that already."""
    if found.what.startswith((account, account.replace(":", ".", 1))):
        return found
    return Finding(f"{account}: {found.what}", found.ok, found.mend)


async def _tried(platform: Platform, rooms: Iterable[RoomId]) -> tuple[Sequence[Finding], Read]:
    """What was found of an account and, where that can be asked at all, who reads its rooms."""
    try:
        return await platform.check(), await read_rosters(platform, rooms)
    except PlatformError as error:
        mend = "see whether the network can be reached from here"
        return [Finding(f"reachable ({error.reason})", ok=False, mend=mend)], {}
    finally:
        await platform.close()


def _dead(database: Database) -> Finding:
    count = select(func.count()).where(Outbox.state == State.DEAD, Outbox.reason.not_in(QUIET))
    number = database.read_now(lambda session: session.execute(count).scalar_one())
    mend = (
        "see `liaison deliveries list --state dead`, mend the reason that stands there, then "
        "`liaison deliveries retry ID` or `drop ID`"
    )
    return Finding(f"store: dead deliveries: {number}", ok=number == 0, mend=mend)


def _stopped(database: Database) -> Iterator[Finding]:
    """What is frozen, which somebody has to see to, and what is paused."""
    for order in database.read_now(freezing.standing):
        since = order.since.isoformat(timespec="seconds")
        if order.kind is Kind.PAUSE:
            yield Finding(f"paused since {since}: {order.name}", ok=True)
        elif order.kind is Kind.RECOVERY:
            mend = "when it has read the rooms, `liaison resume all`"
            yield Finding(f"in recovery since {since}: nothing is posted", ok=False, mend=mend)
        else:
            mend = f"when it is in the right hands again, two teams say `thaw {order.name}`"
            yield Finding(f"frozen since {since}: {order.name}", ok=False, mend=mend)


def _waits(held: Frozen, room: RoomId) -> str:
    match held.state_of(room):
        case None:
            return ""
        case Kind.PAUSE:
            return ", paused"
        case _:
            return ", frozen"


async def rooms(settings: Settings) -> int:
    """List the rooms that each account can see; 1 when an account could not be asked."""
    well = True
    with opened_store(settings) as database:
        held = frozen_under(settings)
        held.hold(database.read_now(freezing.standing))
        for account, platform in connect(settings, database).items():
            try:
                found = await platform.list_rooms()
            except PlatformError as error:
                well = False
                print(f"liaison: {account}: {_why(error)}", file=sys.stderr)
                continue
            finally:
                await platform.close()
            for room in found:
                state = "member" if room.joined else "not a member"
                kind = "private" if room.private else "public"
                channel = settings.channel_of(room.room) or "in no channel"
                state += _waits(held, room.room)
                print(f"{room.room}\t{room.name}\t{state}, {kind}, {channel}")
    return 0 if well else 1


def _why(error: PlatformError) -> str:
    if isinstance(error, AccountRefused):
        return f"{error.reason}: {error.mend}"
    return f"{error.reason}: see `liaison check`"


def upgraded(settings: Settings) -> str:
    """Bring the store to this version's schema; what was done."""
    database = _opened(settings)
    try:
        before = schema.revision(database.engine)
        copy = schema.upgrade(database.engine)
    finally:
        database.close()
    if before == schema.HEAD:
        return f"the store is at schema {schema.HEAD} already"
    kept = f"; a copy from before is {copy}" if copy else ""
    return f"the store is at schema {schema.HEAD} now{kept}"


def list_deliveries(settings: Settings, state: str | None, *, as_json: bool) -> int:
    """Print deliveries that have not landed."""
    with opened_store(settings) as database:
        wanted = State(state) if state else None
        found = database.read_now(lambda session: report.list_deliveries(session, wanted))
    if not found and not as_json:
        print(f"liaison: no delivery is {wanted or 'waiting, unknown or dead'}", file=sys.stderr)
    for row in found:
        if as_json:
            print(json.dumps(row))
        else:
            why = f" ({row['reason']})" if row["reason"] else ""
            print(f"{row['id']}  {row['state']}{why}  {row['room']}  said {row['said']}")
    return 0


def retry(settings: Settings, ids: Sequence[str] | None) -> int:
    """Put dead deliveries back into their lanes; a running bot sees them within a second."""
    with opened_store(settings) as database:
        number = database.run_now(lambda session: report.retry(session, ids))
    print(f"{number} waiting again")
    return 0


def drop(settings: Settings, ids: Sequence[str]) -> int:
    """Give up on deliveries."""
    with opened_store(settings) as database:
        number = database.run_now(lambda session: report.drop(session, ids, utc_now()))
    print(f"{number} dropped")
    return 0


def trace(settings: Settings, ref: str, *, as_json: bool) -> int:
    """Print one message's or object's way; 1 where nothing is known by that name."""
    with opened_store(settings) as database:
        found = database.read_now(lambda session: report.trace(session, ref))
    if found is None:
        print(f"liaison: nothing is known of {ref!r}", file=sys.stderr)
        return 1
    if as_json:
        print(json.dumps(found))
        return 0
    for key in (
        "room", "message", "channel", "said", "received", "number", "kind", "begun", "numbered",
    ):  # fmt: skip
        if found.get(key) is not None:
            print(f"{key}: {found[key]}")
    copies = found["copies"]
    assert isinstance(copies, list)
    for copy in copies:
        why = f" ({copy['reason']})" if copy["reason"] else ""
        print(f"→ {copy['room']}: {copy['state']}{why} {copy['at']}  {copy['id']}")
    return 0


def _opened(settings: Settings) -> Database:
    return open_database(settings.store.url.get_secret_value(), settings.path.parent)


@contextmanager
def opened_store(settings: Settings) -> Iterator[Database]:
    """The store at today's schema, beside a `run` that may be using it."""
    database = _opened(settings)
    try:
        schema.upgrade(database.engine)
        yield database
    finally:
        database.close()
