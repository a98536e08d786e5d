"""Saying when: in a zone and in UTC, so that everybody finds their own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, tzinfo

from bot.times.instants import Reading
from bot.times.wall import Doubt
from bot.times.zones import zone_name
from bot.words import Words, message

_WEEKDAYS = (
    message("Mon"), message("Tue"), message("Wed"), message("Thu"), message("Fri"),
    message("Sat"), message("Sun"),
)  # fmt: skip


def local_and_utc(words: Words, at: datetime, zone: tzinfo) -> str:
    """An instant in a zone, and in UTC: `Tue 2026-11-24 09:00 Europe/Brussels (08:00 UTC)`."""
    local, utc = at.astimezone(zone), at.astimezone(UTC)
    shown = f"{local:%Y-%m-%d %H:%M}"
    weekday, name = words(_WEEKDAYS[local.weekday()]), zone_name(zone)
    if name == "UTC":
        return words("{weekday} {time} UTC", weekday=weekday, time=shown)
    there = f"{utc:%H:%M}" if utc.date() == local.date() else f"{utc:%Y-%m-%d %H:%M}"
    return words(
        "{weekday} {time} {zone} ({utc} UTC)", weekday=weekday, time=shown, zone=name, utc=there
    )


def listed(
    words: Words, instants: Iterable[datetime], zone: tzinfo, own: tzinfo | None = None
) -> list[str]:
    """Instants, a line each; `own`: the reader's zone, said too where clocks show another time."""
    return [
        f"• {local_and_utc(words, each, zone)}{_where_they_are(words, each, zone, own)}"
        for each in instants
    ]


def _where_they_are(words: Words, at: datetime, zone: tzinfo, own: tzinfo | None) -> str:
    offsets = {at.astimezone(each).utcoffset() for each in (zone, UTC)}
    if own is None or at.astimezone(own).utcoffset() in offsets:
        return ""
    there = at.astimezone(own)
    return f" · {words(_WEEKDAYS[there.weekday()])} {there:%H:%M} {zone_name(own)}"


def doubt_of(words: Words, reading: Reading) -> str | None:
    """What is to be said of a time that does not exist or exists twice, with both readings; None
    where there is nothing.
    """
    if reading.doubt is None:
        return None
    before, after = (local_and_utc(words, each, reading.zone) for each in reading.readings)
    if reading.doubt is Doubt.TWICE:
        return words(
            "That time comes twice, since clocks are set back: {first}, and {second}. I take the "
            "first.",
            first=before,
            second=after,
        )
    return words(
        "There is no such time, since clocks are set ahead: it could be {first} or {second}. I "
        "take the first instant after the gap: {at}.",
        first=before,
        second=after,
        at=local_and_utc(words, reading.at, reading.zone),
    )
