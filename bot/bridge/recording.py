"""What the gate has decided of a message, written down: a row for what was relayed, one for each
reason why it was not.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.custody.audit import BOT, Act, Action, Outcome, named, record_all
from bot.custody.gatekeeper import Judged
from bot.sharing.teams import TeamKey


def judged(
    session: Session, number: int, digest: bytes | None, who: str, found: Judged, now: datetime
) -> None:
    """Of a message that somebody has said, or said in other words."""
    team = found.effective.matter.originator
    thing = named("message", number, *([] if digest is None else [digest.hex()]))
    acts = [] if not found.may else [_act(who, team, Action.RELAYED, thing, "gate", Outcome.OK)]
    reasons = sorted({denied.reason for denied in found.denied.values()})
    acts += [
        _act(who, team, Action.DENIED, thing, f"gate:{reason}", Outcome.DENIED)
        for reason in reasons
    ]
    record_all(session, acts, now)


def denied(session: Session, number: int, found: Judged, now: datetime) -> None:
    """Of a message that was denied later, when it was sent or marked anew."""
    team, thing = found.effective.matter.originator, named("message", number)
    reasons = sorted({each.reason for each in found.denied.values()})
    acts = [
        _act(BOT, team, Action.DENIED, thing, f"gate:{reason}", Outcome.DENIED)
        for reason in reasons
    ]
    record_all(session, acts, now)


def _act(
    who: str, team: TeamKey | None, action: Action, thing: str, rule: str, outcome: Outcome
) -> Act:
    return Act(who, None if who == BOT else team, action, thing, rule, outcome, originator=team)
