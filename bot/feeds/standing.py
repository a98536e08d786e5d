"""How a source stands: when it was last good, how much it had, when it is tried again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from bot.errors import FeedError
from bot.feeds.problems import Problem

_HOUR, _DAY = 3600, 86_400
_FEW = 20
"""Of a list so short nothing is concluded."""
_MORE = 100
"""So many more are no explosion, whatever they are the double of."""
_TENTH = 10
_LONGEST = timedelta(hours=6)
_FIRST = timedelta(minutes=1)


class Remembered(msgspec.Struct, frozen=True):
    """What a source remembers from poll to poll."""

    etag: str = ""
    modified: str = ""
    cursor: str = ""
    """Of TAXII: from where to go on, verbatim."""
    tail: int = 0
    """Of TAXII: how many objects come again with the next poll."""
    events: dict[str, str] = {}
    """Of MISP: the timestamp of each event; of CSAF: of each document and list; of a folder: what
    each file was."""


class Standing(msgspec.Struct, frozen=True):
    """What is kept of a source. Moments are seconds since 1970, 0 for never."""

    remembered: Remembered = Remembered()
    good: int = 0
    """When it was last read whole, changed or not."""
    tried: int = 0
    failures: int = 0
    """Since it was last good."""
    problem: str = ""
    told: str = ""
    """The problem that its owner was told of, "" where none stands."""
    due: int = 0
    counts: list[tuple[int, int]] = []
    """How many it had, an entry an hour of the last day, the newest last."""

    @property
    def count(self) -> int:
        """How many it last had."""
        return self.counts[-1][1] if self.counts else 0


def judge(standing: Standing, count: int, now: datetime) -> None:
    """Raises FeedError where so many all at once are not to be believed: nearly all vanished, or
    more than twice as many as at some moment of the last day. What was never good is believed.
    """
    if not standing.good or not standing.counts:
        return
    last = standing.count
    if (last and not count) or (last > _FEW and count * _TENTH < last):
        raise FeedError(Problem.SHRUNK)
    since = seconds(now) - _DAY
    least = min([n for at, n in standing.counts if at >= since] or [last])
    if count > 2 * least and count - least > _MORE:
        raise FeedError(Problem.DOUBLED)


def succeeded(
    standing: Standing, remembered: Remembered, count: int, now: datetime, due: datetime
) -> Standing:
    """After a poll that was taken over, or brought nothing new."""
    at = seconds(now)
    kept = [each for each in standing.counts if each[0] >= at - _DAY]
    if kept and kept[-1][0] // _HOUR == at // _HOUR and len(kept) > 1:
        kept.pop()
    counts = [*kept, (at, count)]
    return Standing(remembered, at, at, 0, "", standing.told, seconds(due), counts)


def failed(
    standing: Standing, problem: str, now: datetime, every: timedelta, chance: float,
    pause: float | None = None,
) -> Standing:  # fmt: skip
    """After a poll that brought nothing: what was known stays."""
    failures = standing.failures + 1
    wait = backoff(failures, every, chance)
    if pause is not None:
        wait = max(wait, timedelta(seconds=pause))
    return msgspec.structs.replace(
        standing, tried=seconds(now), failures=failures, problem=problem, due=seconds(now + wait)
    )


def backoff(failures: int, every: timedelta, chance: float) -> timedelta:
    """Until the next try: doubling from a minute up to six hours, or to how often it is read where
    that is longer; `chance` in [0, 1) picks a point in the upper half.
    """
    doubled: timedelta = _FIRST * (1 << min(failures - 1, 20))
    whole = min(doubled, max(every, _LONGEST))
    return whole * (0.5 + chance / 2)


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970."""
    return int(moment.timestamp())
