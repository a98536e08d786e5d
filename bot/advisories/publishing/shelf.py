"""What is out, as somebody may read it: gathered from the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy.orm import Session

from bot.advisories import keeping, sealing
from bot.advisories.publishing.edition import Edition, Publisher
from bot.advisories.states import OUT, State
from bot.custody.effective import Markings
from bot.sharing.gate import Allowed, Door, judge
from bot.sharing.marking import Label
from bot.sharing.teams import Directory, Team
from bot.store.tables.advisories import Advisory


def may_read(row: Advisory, team: Team, markings: Markings) -> bool:
    """Whether a team may read what is out: it is one of its own, or one of those that it is for."""
    if team.key in keeping.authors_of(row):
        return True
    if row.taken_back is not None or team.key not in keeping.roster_of(row):
        return False
    own = frozenset({team.key})
    door = Door(Label.AMBER_STRICT, own, own, lowest=team.clearance)
    return isinstance(judge(markings.effective(keeping.marked_as(row)).matter, door), Allowed)


def editions(
    session: Session, markings: Markings, publisher: Publisher, reads: Callable[[Advisory], bool]
) -> Iterator[Edition]:
    """Whatever is out and may be read, the last released first."""
    rows = [row for row in keeping.everyone(session, *OUT) if row.released is not None]
    for row in sorted(rows, key=lambda each: (each.released, each.ref), reverse=True):
        if reads(row):
            yield edition(session, markings.directory, row, publisher)


def edition(session: Session, directory: Directory, row: Advisory, publisher: Publisher) -> Edition:
    """An advisory that is out, as it is published now."""
    assert row.released is not None, "only what is out is published"
    teams = dict.fromkeys(
        directory.called(team) for team in (row.team, *sealing.needed(row)) if team is not None
    )
    later = None if row.superseded is None else keeping.find(session, row.superseded)
    return Edition(
        number=keeping.name_of(session, row),
        document=keeping.document_of(row),
        publisher=publisher,
        origin=tuple(teams) or (publisher.name,),
        released=row.released,
        state=State(row.state),
        closed=row.closed,
        reason=row.reason or "",
        instead="" if later is None else keeping.name_of(session, later),
    )
