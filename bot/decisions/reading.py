"""Who may know of a decision: whoever the gate would let read it in its channel."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.custody import posting
from bot.custody.doors import Doors
from bot.custody.effective import Marked
from bot.custody.gatekeeper import Gatekeeper
from bot.events import RoomId
from bot.sharing.gate import ALLOWED, judge
from bot.sharing.teams import Team, TeamKey
from bot.store.tables.decisions import Decision


def may_read(
    doors: Doors,
    marked: Marked,
    channel: str,
    team: Team,
    members: frozenset[TeamKey],
    now: datetime,
) -> bool:
    """Whether a team may have what was said in a channel with this marking. `members`: the teams
    of the channel, those without a voice included.
    """
    if team.key not in members and team.key != marked.originator:
        return False
    matter = doors.markings.effective(marked).matter
    return judge(matter, doors.seat(channel, team, members, now)) is ALLOWED


def is_known_in(
    session: Session, custody: Gatekeeper, row: Decision, marked: Marked, room: RoomId
) -> bool:
    """Whether whoever reads a room knows of what is marked so: it stands there, and may enter there
    still.
    """
    matter = custody.markings.effective(marked).matter
    return custody.ask(matter, room) is ALLOWED and posting.stands_in(session, row.ref, room)
