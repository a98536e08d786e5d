"""Whether the bytes of an object can be read at all, and whether its id is one."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.indicators.stix.fields import read_object
from bot.indicators.stix.reasons import Reason
from bot.indicators.stix.unique import is_unique

_TYPE = re.compile(r"[a-z0-9][a-z0-9_-]{0,249}", re.ASCII)
_UUID = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", re.ASCII
)


def unreadable(raw: bytes) -> Reason | None:
    """What is wrong with the bytes as such."""
    if raw[:1] != b"{":
        return Reason.NOT_AN_OBJECT
    if not raw.isascii():
        try:
            raw.decode()
        except UnicodeDecodeError:
            return Reason.NOT_UTF8
    return None if is_unique(raw) else Reason.DUPLICATE_KEY


def id_in(raw: bytes) -> str:
    """The id of an object of which something else is wrong; "" where it has none."""
    try:
        found = read_object(raw)
    except (ValueError, RecursionError):
        return ""
    id_, type_ = found.get("id"), found.get("type")
    return id_ if isinstance(id_, str) and isinstance(type_, str) and is_id(id_, type_) else ""


def is_id(text: str, type_: str) -> bool:
    """Whether this is an id of an object of that type."""
    first, _, last = text.partition("--")
    return first == type_ and _UUID.fullmatch(last) is not None and _is_type(type_)


@lru_cache(maxsize=1024)
def _is_type(text: str) -> bool:
    return _TYPE.fullmatch(text) is not None
