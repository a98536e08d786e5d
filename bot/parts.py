"""The parts of a running bot, as `bot.app` has joined them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.audiences import Audiences
from bot.backfilling import Backfills
from bot.canary import Canary
from bot.closer import Closer
from bot.custody.frozen import Frozen
from bot.delivery.inlet import Inlet
from bot.delivery.lanes import Lanes
from bot.delivery.lease import Leases
from bot.delivery.overdue import Warnings
from bot.desk import Desk
from bot.feeding import Feeds
from bot.house import RunningHouse
from bot.lookout import Lookout
from bot.refetch import Refetches
from bot.scheduler import Scheduler
from bot.sealer import Sealer
from bot.store.database import Database


@dataclass(frozen=True)
class Parts:
    """The parts of a running bot."""

    database: Database
    leases: Leases
    frozen: Frozen
    house: RunningHouse
    lanes: Lanes
    desk: Desk
    warnings: Warnings
    canary: Canary
    audiences: Audiences
    backfills: Backfills
    refetches: Refetches
    sealer: Sealer
    scheduler: Scheduler
    closer: Closer
    feeds: Feeds
    lookout: Lookout
    inlets: list[Inlet]
