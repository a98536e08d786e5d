"""Values by the tags of what speaks of them, for one audience."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from bot.indicators.observable import Observable
from bot.indicators.raw import Asking
from bot.indicators.sight import Sight
from bot.indicators.sources import micro
from bot.indicators.taking import read_values

_MOST = 5_000
"""Objects that are looked at."""
_encode = msgspec.json.Encoder().encode


def tagged(session: Session, tag: str, sight: Sight, now: datetime) -> list[Observable]:
    """What bears a tag and holds now, as far as the audience may see it: each value once, the
    newest first.
    """
    asking, moment = Asking(session), micro(now)
    like = "".join(
        f"!{sign}" if sign in "!%_" else sign for sign in _encode(tag.casefold()).decode()
    )
    rows = asking.rows(_TAGGED, (f"%{like}%", moment, _MOST))
    sight.learn(asking, {row[0] for row in rows})
    seen = [named for marking, said, named in rows if sight.sees(marking, said)]
    return list(dict.fromkeys(each.observable for named in seen for each in read_values(named)))


_TAGGED = (
    "SELECT marking, said, named FROM indicator_object "
    "WHERE NOT revoked AND LOWER(labels) LIKE ? ESCAPE '!' "
    "AND (valid_until IS NULL OR valid_until > ?) ORDER BY version DESC, id DESC LIMIT ?"
)
