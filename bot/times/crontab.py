"""Reading a crontab of Unix meaning: five fields, names, 0 and 7 are Sunday, and of two days that
are both restricted either will do. Read by cronsim (which also knows `L` and `5#2`).
"""

from __future__ import annotations

import re
from datetime import datetime

from cronsim import CronSim, CronSimError

from bot.errors import UserError
from bot.times.recurring import Crontab

MOST_AN_HOUR = 12
"""What posts more often is a fault, not a schedule."""
_LOOKS = re.compile(r"[0-9*][0-9*,/-]*")
_ALONE = re.compile(r"\b(\w+)-\1/[0-9]+")
"""A range of one, which cronsim takes for a beginning: of `5-5/2` it makes `5/2`."""
_START = datetime(2024, 1, 1)  # noqa: DTZ001  a wall clock's


def looks_like_crontab(typed: str) -> bool:
    """Whether somebody means a crontab: nothing else has so many words and begins so."""
    words = typed.split()
    return len(words) >= 4 and all(_LOOKS.fullmatch(word) for word in words[:2])


def read_crontab(typed: str, most: int = MOST_AN_HOUR) -> Crontab:
    """A crontab that fires, and at most `most` times an hour; raises UserError with the reason."""
    fields = [_ALONE.sub(r"\1", each) for each in typed.split()]
    if len(fields) == 6:
        raise UserError(
            "This crontab has six fields: seconds would fire up to 60 times a minute. Write five, "
            "as in “30 8 * * 1-5”."
        )
    if len(fields) != 5:
        raise UserError(
            "A crontab has five fields, not {n}: minute, hour, day, month, weekday, as in "
            "“30 8 * * 1-5”.",
            n=len(fields),
        )
    for number, each in enumerate(fields):
        _check_field(number, each)
    minutes = len(CronSim(f"{fields[0]} * * * *", _START).minutes)
    if minutes > most:
        raise UserError(
            "This crontab fires {n} times an hour; {most} are the most.", n=minutes, most=most
        )
    crontab = " ".join(fields)
    try:
        next(CronSim(crontab, _START))
    except (CronSimError, StopIteration):
        raise UserError(
            "This crontab never fires: there is no such day. Check day and month."
        ) from None
    return Crontab(crontab)


def _check_field(number: int, field: str) -> None:
    alone = ["*"] * 5
    alone[number] = field
    try:
        CronSim(" ".join(alone), _START)
    except (CronSimError, AssertionError, ValueError):
        raise UserError(
            "“{field}” does not fit as field {n} of a crontab: minute, hour, day, month, weekday.",
            field=field[:20],
            n=number + 1,
        ) from None
