"""An advisory as its readers may know it now, gathered from the store."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.advisories import acknowledging, keeping, sealing
from bot.advisories.house import House
from bot.advisories.showing import Shown
from bot.advisories.states import State
from bot.store.tables.advisories import Advisory


def shown(session: Session, house: House, row: Advisory, *, late: bool = False) -> Shown:
    """How it stands."""
    directory = house.directory()
    stand = acknowledging.stand(session, row)
    instead = None if row.superseded is None else keeping.find(session, row.superseded)
    return Shown(
        name=keeping.name_of(session, row),
        state=State(row.state),
        document=keeping.document_of(row),
        origin=directory.called(row.team),
        sealed=tuple(directory.called(team) for team in sealing.needed(row) if team is not None),
        names={team: directory.called(team) for team in stand},
        zones={team: directory.teams[team].zone for team in stand if team in directory.teams},
        stand=stand,
        reason=row.reason,
        instead=None if instead is None else keeping.name_of(session, instead),
        late=late,
        veiled=any(map(house.is_veiled, keeping.channels_of(row))),
    )
