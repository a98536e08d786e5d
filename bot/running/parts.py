"""The parts of a running bot, as `bot.app` has joined them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.custody.frozen import Frozen
from bot.delivery.inlet import Inlet
from bot.delivery.lanes import Lanes
from bot.delivery.lease import Leases
from bot.delivery.overdue import Warnings
from bot.desk import Desk
from bot.house import RunningHouse
from bot.store.database import Database
from bot.tasks.audiences import Audiences
from bot.tasks.backfilling import Backfills
from bot.tasks.bulletins import Bulletins
from bot.tasks.canary import Canary
from bot.tasks.closer import Closer
from bot.tasks.feeding import Feeds
from bot.tasks.lapsing import Lapses
from bot.tasks.lookout import Lookout
from bot.tasks.recognising import Recognition
from bot.tasks.recovery import Recoveries
from bot.tasks.refetch import Refetches
from bot.tasks.ringer import Ringer
from bot.tasks.scheduler import Scheduler
from bot.tasks.sealer import Sealer

if TYPE_CHECKING:
    from bot.tasks.stamps import Stamps


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
    bulletins: Bulletins
    lookout: Lookout
    lapses: Lapses
    recognition: Recognition
    ringer: Ringer
    recoveries: Recoveries
    stamps: Stamps | None
    inlets: list[Inlet]
