"""Looks at what sources have given since the last look, for those who watch.

Bounded: so many objects at once, a reading session each, and the store's writer is asked only to
keep how far it was looked. Who watches nothing costs one row a look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.custody.gatekeeper import Gatekeeper
from bot.delivery import outbox
from bot.delivery.lanes import utc_now
from bot.events import Outgoing
from bot.indicators import people
from bot.indicators.people import Appeared, Watched
from bot.indicators.sight import of_team
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from bot.store.tables.indicators import Tide
from bot.words import Words
from commands.indicators.watching import News, place_of, still_there, told, touches

log = structlog.get_logger()

PAUSE = 2.0
"""Seconds between looks: what is new is told within that, and a sending."""
AT_ONCE = 1000
"""Objects that are looked at in one session;"""
ROUNDS = 10
"""and sessions of one look: what an import brings is caught up with over several."""

Tell = Callable[[Collection[str]], None]


class Lookout:
    """The part that tells watchers; `look` is called again and again."""

    def __init__(
        self,
        database: Database,
        custody: Gatekeeper,
        wake: Tell,
        words: Words,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._custody = custody
        self._wake = wake
        self._words = words
        self._clock = clock

    async def look(self) -> None:
        """Tell what has appeared since the last look, as far as this one goes."""
        for _ in range(ROUNDS):
            behind = await self._database.read(_behind)
            if not behind:
                return
            for team, watches in behind.items():
                outgoing, until = await self._database.read(
                    lambda s, team=team, watches=watches: self._found(s, team, watches)  # type: ignore[misc]
                )
                await self._database.run(
                    lambda s, w=watches, o=outgoing, u=until: self._keep(s, w, o, u)  # type: ignore[misc]
                )

    def _found(
        self, session: Session, team: TeamKey, watches: Sequence[Watched]
    ) -> tuple[list[Outgoing], int]:
        """What a team's people are told, and up to which object that is."""
        sight = of_team(self._custody.markings, team)
        after = min(each.seen for each in watches)
        found, until = people.appeared(session, sight, after, AT_ONCE)
        news = [(each.number, _news(each)) for each in found]
        outgoing = []
        directory = self._custody.markings.directory
        for watch in still_there(session, directory, watches) if news else ():
            touched = [n for number, n in news if number > watch.seen and touches(watch, n)]
            if touched:
                outgoing.append(told(self._words, watch, touched, place_of(watch)))
        return outgoing, until

    def _keep(
        self, session: Session, watches: Sequence[Watched], outgoing: Sequence[Outgoing], until: int
    ) -> None:
        """In one transaction with how far it was looked: nothing is told twice."""
        behind = [each.id for each in watches if each.seen < until]
        people.looked_until(session, behind, until)
        self._wake(outbox.put(session, outgoing, self._clock()))


def _behind(session: Session) -> dict[TeamKey, list[Watched]]:
    """The watches of each team that have not seen the last object."""
    last = session.execute(select(Tide.last)).scalar_one()
    found: defaultdict[TeamKey, list[Watched]] = defaultdict(list)
    for each in people.watches(session, before=last):
        if each.team is not None:
            found[each.team].append(each)
    return dict(found)


def _news(each: Appeared) -> News:
    values = tuple(said.observable for said in each.said)
    words = "; ".join(filter(None, (f"{each.kind} {each.name}".strip(), *each.labels)))
    return News(values, words, each.marked.marking)
