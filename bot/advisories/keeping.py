"""Advisories in the store: begun, changed, found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.advisories.document import Document, Update, checked, decoded, digest, encoded
from bot.advisories.house import House
from bot.advisories.states import BEFORE, State
from bot.custody import numbering
from bot.custody.effective import Marked
from bot.errors import UserError
from bot.events import PersonId, RoomId
from bot.schedules import keeping as schedules
from bot.sharing.teams import TeamKey
from bot.store.tables import Reference
from bot.store.tables.advisories import Advisory
from config.series import Run

KIND = "advisory"
HEAD, TEXT, WORD = "head", "text", "word"
"""What is posted of an advisory: the post that is kept up to date, its body where that is long,
and what is said of it later.
"""
_HANDLE = "a"
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wrote, for whom, and the teams that have to seal it (none: their own)."""

    document: Document
    channels: tuple[str, ...]
    sealing: tuple[TeamKey, ...] = ()


def begin(
    session: Session, house: House, draft: Draft, by: PersonId, team: TeamKey | None, now: datetime
) -> Advisory:
    """Write a draft down; raises UserError where it can be none."""
    document = checked(draft.document)
    series = house.series().of(draft.channels[0], document.group)
    _check_audience(house, series, draft)
    if series is None:
        raise UserError(
            "No series is for “{group}” in {channel}, so it could have no number: the settings "
            "need a [series.NAME].",
            group=document.group, channel=draft.channels[0],
        )  # fmt: skip
    reference = numbering.begin(session, KIND, _HANDLE, series.name, now)
    row = Advisory(
        ref=reference.handle, state=State.DRAFT, author=by, team=team, created=now, lifts="[]",
        writers=listed([by]), channels="", document="", digest=b"", sealing="", roster="",
    )  # fmt: skip
    _write(house, row, draft)
    session.add(row)
    session.flush()
    return row


def change(
    session: Session, house: House, row: Advisory, draft: Draft, by: PersonId, now: datetime
) -> bool:
    """Other words for what is not posted yet. Whether they are others: then all seals are asked
    for again, and it is scheduled no more.
    """
    if row.state not in BEFORE:
        raise UserError("It is out: “advisory update” adds to it, “supersede” replaces it.")
    checked(draft.document)
    if house.series().of(draft.channels[0], draft.document.group) != house.series().get(
        reference_of(session, row).series
    ):
        raise UserError("Its series stays: begin another draft for another channel or group.")
    _check_audience(house, house.series().get(reference_of(session, row).series), draft)
    before = row.digest
    _write(house, row, draft)
    if row.digest == before:
        return False
    row.writers = listed(dict.fromkeys([*writers_of(row), by]))
    unschedule(session, row, now)
    row.state = State.DRAFT
    session.flush()
    return True


def _check_audience(house: House, series: Run | None, draft: Draft) -> None:
    """A series has one audience: raise UserError where a channel has teams that its numbers are
    not for, and would be told by them of what they do not see.
    """
    if series is None:
        return
    group = draft.document.group
    known = frozenset(roster(house, series.channels, group))
    for channel in draft.channels:
        if not known.issuperset(roster(house, [channel], group)):
            raise UserError(
                "Teams of {channel} are not among those that the numbers of {series} are for. "
                "Draft one for each channel, or name a group that has a series in all of them.",
                channel=channel, series=series.name,
            )  # fmt: skip


def unschedule(session: Session, row: Advisory, now: datetime) -> None:
    """It is posted at no time any more."""
    planned = None if row.schedule is None else schedules.by_handle(session, row.schedule)
    if planned is not None:
        schedules.end(planned, now)
    row.schedule = row.at = None
    row.lifts = "[]"


def _write(house: House, row: Advisory, draft: Draft) -> None:
    row.channels = listed(draft.channels)
    row.document = encoded(draft.document)
    row.sealing = listed(draft.sealing)
    row.digest = digest(draft.document, draft.channels, draft.sealing)
    row.roster = listed(roster(house, draft.channels, draft.document.group))


def roster(house: House, channels: Iterable[str], group: str | None) -> list[TeamKey]:
    """The teams whose word is awaited: those of its channels, and of its group where it has one."""
    teams = frozenset().union(*(house.roster(channel) for channel in channels))
    if group is not None:
        teams &= house.directory().reached_by(group)
    return sorted(teams)


def document_of(row: Advisory) -> Document:
    """What it says."""
    return decoded(row.document)


def channels_of(row: Advisory) -> tuple[str, ...]:
    """The channels that it is for."""
    return msgspec.json.decode(row.channels, type=tuple[str, ...])


def sealing_of(row: Advisory) -> tuple[TeamKey, ...]:
    """The teams that were named to seal it."""
    return msgspec.json.decode(row.sealing, type=tuple[TeamKey, ...])


def writers_of(row: Advisory) -> tuple[PersonId, ...]:
    """All who wrote at it."""
    return msgspec.json.decode(row.writers, type=tuple[PersonId, ...])


def roster_of(row: Advisory) -> tuple[TeamKey, ...]:
    """The teams whose word is awaited, as of when it was posted."""
    return msgspec.json.decode(row.roster, type=tuple[TeamKey, ...])


def authors_of(row: Advisory) -> frozenset[TeamKey]:
    """The teams whose own it is: the author's, and those that seal it."""
    own = () if row.team is None else (TeamKey(row.team),)
    return frozenset((*own, *sealing_of(row)))


def with_update(document: Document, update: Update, now: datetime) -> Document:
    """What it says with something added."""
    added = msgspec.structs.replace(update, at=now)
    return msgspec.structs.replace(document, updates=(*document.updates, added))


def draft_of(row: Advisory) -> Draft:
    """As it could be written anew."""
    return Draft(document_of(row), channels_of(row), sealing_of(row))


def marked_as(row: Advisory) -> Marked:
    """How its posts are marked."""
    team = None if row.team is None else TeamKey(row.team)
    return Marked(document_of(row).marking, team, row.released or row.created)


def rooms_of(house: House, row: Advisory) -> list[RoomId]:
    """The rooms that it is for, each once."""
    rooms = (room for channel in channels_of(row) for room in house.rooms_of(channel))
    return list(dict.fromkeys(rooms))


def reference_of(session: Session, row: Advisory) -> Reference:
    """What people call it by."""
    return session.get_one(Reference, row.ref)


def name_of(session: Session, row: Advisory) -> str:
    """What people call it now."""
    return numbering.shown(reference_of(session, row))


def find(session: Session, typed: str) -> Advisory | None:
    """An advisory by its number or handle."""
    reference = numbering.find(session, typed)
    return None if reference is None else session.get(Advisory, reference.handle)


def everyone(session: Session, *states: State) -> Sequence[Advisory]:
    """All there are, or those in these states; the newest first."""
    found = select(Advisory).order_by(Advisory.created.desc(), Advisory.ref)
    if states:
        found = found.where(Advisory.state.in_(states))
    return session.execute(found).scalars().all()


def listed(values: Iterable[str]) -> str:
    """Names, as a column keeps them."""
    return _encode(list(values)).decode()
