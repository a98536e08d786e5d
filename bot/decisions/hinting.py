"""Who objects to a proposal in plain words is told how one objects: what they said counts for
nothing, and nobody would know that they meant it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from bot.custody import numbering, posting
from bot.decisions import plainly, proposals, showing
from bot.decisions.proposals import RECORDED, SILENCE, State
from bot.decisions.voices import BREAKING
from bot.events import Control, MessageId, RoomId
from bot.richtext import RichText
from bot.sharing.teams import Team
from bot.store.tables.decisions import Decision
from bot.words import Words


def objected(
    session: Session, room: RoomId, answered: Iterable[MessageId], body: RichText, team: Team
) -> Decision | None:
    """The open decision to whose post in a room somebody of a team objects in plain words; None
    where their team has objected as one does, or cannot.
    """
    if not plainly.objects(body, (team.name, team.key)):
        return None
    for message in answered:
        ref = posting.posted_as(session, room, message)
        row = None if ref is None else session.get(Decision, ref)
        if row is not None and row.state == State.OPEN:
            return row if _awaits(session, row, team) else None
    return None


def hint(session: Session, row: Decision, words: Words) -> tuple[str, tuple[Control, ...]]:
    """How one objects to it, and what can be pressed instead; each has its second step."""
    name = numbering.shown(proposals.reference_of(session, row))
    spoken = row.method in {SILENCE, RECORDED}
    call = f"{'voice' if spoken else 'vote'} {name} object"
    lines = [
        words("{ref}: your reply does not count as an objection.", ref=name),
        words("Who speaks for your team objects with “{call} WHY”.", call=call),
    ]
    return "\n".join(lines), showing.objection(call, words) if spoken else ()


def _awaits(session: Session, row: Decision, team: Team) -> bool:
    voices = proposals.voices_of(session, row)
    said = any(each.team == team.key and each.stance in BREAKING for each in voices)
    return not said and team.key in proposals.delegates_of(row)
