"""The record of waivers: a written reason lets a channel's rooms be open or unencrypted."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from bot.custody import audit
from bot.custody.audit import OPERATOR, Act, Action, named
from bot.sharing.doors import Rules
from bot.sharing.marking import Label
from bot.store.tables import Audit

RULE = "waiver"


def record(session: Session, channel: str, rules: Rules, now: datetime) -> None:
    """Write a channel's waiver down when it is first seen, or reads otherwise than before. It is
    named by a hash: its words are the configuration's.
    """
    reason = rules.waiver.strip()
    if not reason or rules.ceiling <= Label.GREEN:
        return
    words = sha256(reason.encode()).hexdigest()[:16]
    waiver = named(RULE, channel, words)
    known = select(exists().where(Audit.object == waiver))
    if not session.execute(known).scalar():
        act = Act(OPERATOR, None, Action.CONFIGURED, waiver, RULE)
        audit.record(session, act, now)
