"""STIX's timestamps as microseconds since 1970, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400
_FORM = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,12})?(?:Z|[+-]\d\d:\d\d)", re.IGNORECASE | re.ASCII
)


@lru_cache(maxsize=4096)
def microseconds(text: str) -> int | None:
    """The instant of an RFC 3339 timestamp; None for what is none. Digits below are cut off."""
    if not _is_usual(text):
        if _FORM.fullmatch(text) is None:
            return None
        text = text.upper()
    try:
        since = datetime.fromisoformat(text) - _EPOCH
    except (ValueError, OverflowError):
        return None
    return (since.days * _DAY + since.seconds) * 1_000_000 + since.microseconds


def _is_usual(text: str) -> bool:
    """Whether it can only be `2026-03-04T14:30:00.000Z`, as nearly all are, or none at all."""
    return text[4:20:3] == "--T::." and text[23:] == "Z"


def timestamp(at: int) -> str:
    """As STIX 2.1 writes an instant: three digits of a second, or six where they are needed."""
    found = _EPOCH + timedelta(microseconds=at)
    fine = "microseconds" if at % 1000 else "milliseconds"
    return found.replace(tzinfo=None).isoformat(timespec=fine) + "Z"
