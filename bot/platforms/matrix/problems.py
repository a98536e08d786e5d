"""What a homeserver's refusals mean to us (the standard errors of the client-server API)."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from bot.errors import AccountRefused, NotSent, OutcomeUnknown, PlatformError, Refused, Throttled

DEFAULT_PAUSE = 5.0
"""Seconds to wait when a homeserver asks for a pause and does not say how long."""
LONGEST_PAUSE = 3600.0

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,63}")
_TOKEN = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN"})
_ACCOUNT = frozenset({"M_USER_DEACTIVATED", "M_USER_LOCKED", "M_USER_SUSPENDED"})
_FOR_NOW = frozenset({"M_RESOURCE_LIMIT_EXCEEDED", "M_SERVER_NOT_TRUSTED"})


class TokenRefused(NotSent):
    """The access token is known no more. `soft`: the device still stands, sign in to it again."""

    def __init__(self, reason: str, *, soft: bool) -> None:
        super().__init__(reason)
        self.soft = soft


class _Refusal(msgspec.Struct):
    errcode: Any = None
    retry_after_ms: Any = None
    soft_logout: Any = None


def problem(status: int, content: bytes, retry_after: str | None) -> PlatformError:
    """The error that an answer other than 2xx stands for.

    `retry_after` is the header of that name. Without a Matrix error code the answer is a
    gateway's, and the request did not reach the homeserver.
    """
    refusal = _read(content)
    code = refusal.errcode if _is_code(refusal.errcode) else ""
    if status == 429 or code == "M_LIMIT_EXCEEDED":
        return Throttled("M_LIMIT_EXCEEDED", retry_after=_pause(refusal, retry_after))
    if code in _TOKEN:
        return TokenRefused(code, soft=refusal.soft_logout is True)
    if code in _ACCOUNT:
        mend = "ask the homeserver's administrator to let the account in again"
        return AccountRefused(code, mend=mend)
    if status == 413 or code == "M_TOO_LARGE":
        return Refused("too long")
    if status >= 500:
        return OutcomeUnknown(code or f"HTTP {status}")
    if not code or code in _FOR_NOW:
        return NotSent(code or f"HTTP {status}")
    return Refused(code)


def _read(content: bytes) -> _Refusal:
    try:
        return msgspec.json.decode(content, type=_Refusal)
    except (msgspec.MsgspecError, RecursionError):
        return _Refusal()


def _is_code(code: object) -> bool:
    return isinstance(code, str) and _CODE.fullmatch(code) is not None


def _pause(refusal: _Refusal, header: str | None) -> float:
    told = refusal.retry_after_ms
    if isinstance(told, int | float) and not isinstance(told, bool) and told >= 0:
        return min(told / 1000, LONGEST_PAUSE)
    if header and header.isascii() and header.isdigit():
        return min(float(header), LONGEST_PAUSE)
    return DEFAULT_PAUSE
