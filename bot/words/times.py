"""Saying times and durations, short enough for a phone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.words.catalogue import Words


def moment(words: Words, when: datetime, now: datetime) -> str:
    """A moment in UTC, with its date unless it is of today."""
    when, now = when.astimezone(UTC), now.astimezone(UTC)
    if when.date() == now.date():
        return words("{time} UTC", time=f"{when:%H:%M}")
    return words("{date} {time} UTC", date=when.date().isoformat(), time=f"{when:%H:%M}")


def lasting(words: Words, duration: timedelta) -> str:
    """A duration in its largest whole unit; a negative one is none."""
    seconds = max(0, int(duration.total_seconds()))
    if seconds < 60:
        return words("{n} s", n=seconds)
    if seconds < 3600:
        return words("{n} min", n=seconds // 60)
    if seconds < 86400:
        return words("{n} h", n=seconds // 3600)
    return words("{n} d", n=seconds // 86400)
