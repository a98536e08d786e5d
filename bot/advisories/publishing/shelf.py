"""What is out, as somebody may read it: gathered from the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from bot.advisories import keeping, sealing
from bot.advisories.publishing.edition import Edition, Publisher, file_of
from bot.advisories.states import OUT, State
from bot.custody import numbering
from bot.custody.effective import Markings
from bot.sharing.gate import Allowed, Door, judge
from bot.sharing.marking import Label
from bot.sharing.teams import Directory, Team
from bot.store.tables.advisories import Advisory
from bot.store.tables.custody import Reference


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
    session: Session,
    markings: Markings,
    publisher: Publisher,
    reads: Callable[[Advisory], bool],
    file: str | None = None,
) -> Iterator[Edition]:
    """Whatever is out and may be read, the last released first. `file`: what has files of that
    name, and nothing else is looked at.
    """
    found = _OUT if file is None else _OUT.where(Advisory.ref.in_(_called(session, file)))
    for row, reference, later in session.execute(found):
        if reads(row):
            yield _edition(markings.directory, row, reference, later, publisher)


def _called(session: Session, file: str) -> list[str]:
    """The handles of what is out under a name."""
    every = session.execute(_OUT.with_only_columns(Reference)).scalars()
    return [each.handle for each in every if file_of(numbering.shown(each)) == file]


def _edition(
    directory: Directory,
    row: Advisory,
    reference: Reference,
    later: Reference | None,
    publisher: Publisher,
) -> Edition:
    """An advisory that is out, as it is published now."""
    assert row.released is not None, "only what is out is published"
    teams = dict.fromkeys(
        directory.called(team) for team in (row.team, *sealing.needed(row)) if team is not None
    )
    return Edition(
        number=numbering.shown(reference),
        document=keeping.document_of(row),
        publisher=publisher,
        origin=tuple(teams) or (publisher.name,),
        released=row.released,
        state=State(row.state),
        closed=row.closed,
        reason=row.reason or "",
        instead="" if later is None else numbering.shown(later),
    )


_LATER = aliased(Reference)
_OUT = (
    select(Advisory, Reference, _LATER)
    .select_from(Advisory)
    .join(Reference, Reference.handle == Advisory.ref)
    .outerjoin(_LATER, _LATER.handle == Advisory.superseded)
    .where(Advisory.state.in_(OUT), Advisory.released.is_not(None))
    .order_by(Advisory.released.desc(), Advisory.ref.desc())
)
