"""Answers that are kept no longer than it takes to deliver them: nobody is to find a question by
its answer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from bot.events import Answer, Content, DeliveryId, Share
from bot.richtext import say
from bot.store import emptying
from bot.store.tables import Offer, Outbox

KINDS = ("answer", "share")
"""Of what may be such an answer."""
_decoder = msgspec.json.Decoder(Content)
_encode = msgspec.json.Encoder().encode


def forget(session: Session, key: DeliveryId, *, landed: bool) -> None:
    """Erase a secret answer's text, once it is final. What its controls hang on stays as long as
    they do; what did not land cannot be tried again.
    """
    held = session.connection().execute(_HELD, {"key": key}).scalar()
    content = None if held is None else _decoder.decode(held)
    if not isinstance(content, Answer | Share) or not content.secret:
        return
    left = None
    if landed and isinstance(content, Answer):
        left = _encode(replace(content, body=say(""), controls=(), reply=None))
    session.connection().execute(_ERASE, {"key": key, "left": left})
    emptying.note(session)


def forget_calls(session: Session, now: datetime, most: int) -> int:
    """What controls of private answers stand for that have had their time: a press says so still.
    How many there were, at most as many as that.
    """
    over = select(Offer.delivery).where(
        Offer.person.is_not(None), Offer.until <= now, func.length(Offer.call) > 0
    )
    keys = set(session.execute(over.distinct().limit(most)).scalars())
    session.execute(
        update(Offer).where(Offer.delivery.in_(keys), Offer.until <= now).values(call="")
    )
    return len(keys)


_HELD: Any = select(Outbox.content).where(Outbox.id == bindparam("key"))
_ERASE: Any = update(Outbox).where(Outbox.id == bindparam("key")).values(content=bindparam("left"))
