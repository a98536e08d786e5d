"""What of advisories is open: acknowledgements that are awaited, and seals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from bot.advisories import acknowledging, keeping, sealing
from bot.advisories.house import House
from bot.advisories.showing import shortened
from bot.advisories.states import Ack, State
from bot.custody.pending import Item, Reader, Source
from bot.sharing.teams import TeamKey
from bot.store.tables.advisories import Advisory
from bot.words import message

_TITLE = 60
_ACKNOWLEDGEMENT = message("an acknowledgement")
_SEAL = message("a seal")


def source(house: House) -> Source:
    """All of it."""

    def gather(session: Session, reader: Reader) -> Iterator[Item]:
        for row in keeping.everyone(session, State.RELEASED, State.DRAFT, State.SEALING):
            if row.state == State.RELEASED:
                yield from _unacknowledged(session, house, reader, row)
            if row.state == State.SEALING or row.pending is not None or keeping.sealing_of(row):
                yield from _unsealed(session, reader, row)

    return gather


def _unacknowledged(
    session: Session, house: House, reader: Reader, row: Advisory
) -> Iterator[Item]:
    """A team hears what it has not said itself; what others have not said is their authors'."""
    marked, channels = keeping.marked_as(row), keeping.channels_of(row)
    members = frozenset[TeamKey]().union(*(map(house.roster, channels)))
    where = next((each for each in channels if reader.may(marked, each, members)), None)
    if where is None:
        return
    stand = acknowledging.stand(session, row)
    silent = {team for team, said in stand.items() if said.ack in {Ack.SILENT, Ack.NOT_REACHED}}
    if reader.key not in keeping.authors_of(row):
        silent &= set() if reader.key is None else {reader.key}
    if silent:
        name = keeping.name_of(session, row)
        since = row.asked or row.released or row.created
        yield _item(row, _ACKNOWLEDGEMENT, name, frozenset(silent), f"advisory ack {name}", where,
                    since)  # fmt: skip


def _unsealed(session: Session, reader: Reader, row: Advisory) -> Iterator[Item]:
    """What is not out exists for its authors and for who seals it alone."""
    if row.state == State.RELEASED and row.pending is None:
        return
    if reader.key is not None and reader.key in sealing.awaited(session, row):
        name = keeping.name_of(session, row)
        channel = keeping.channels_of(row)[0]
        yield _item(row, _SEAL, name, frozenset({reader.key}), f"advisory preview {name}", channel,
                    row.created)  # fmt: skip


def _item(
    row: Advisory, what: str, name: str, teams: frozenset[TeamKey], call: str, channel: str,
    since: datetime,
) -> Item:  # fmt: skip
    document = keeping.document_of(row)
    return Item(what, name, since, shortened(" ".join(document.title.split()), _TITLE),
                document.label, None, teams, call, channel,
                releasable=keeping.marked_as(row).marking.releasable)  # fmt: skip
