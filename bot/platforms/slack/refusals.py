"""What Slack's answers mean for what was asked: pure.

The codes are those of each method's page at https://docs.slack.dev/reference/methods.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import (
    AccountRefused,
    Barred,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    Throttled,
)

_ACCOUNT = frozenset(
    {
        "invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive",
        "not_allowed_token_type", "no_permission_to_app", "org_login_required", "missing_scope",
        "access_denied", "app_missing_action_url", "two_factor_setup_required",
        "team_access_not_granted",
    }
)  # fmt: skip
"""About the token or the app, not about what was asked: nothing is lost while it is mended."""
_UNKNOWN = frozenset({"internal_error", "fatal_error", "request_timeout"})
"""The pages of the methods say of these: some part may have been carried out."""
_LATER = frozenset(
    {"service_unavailable", "team_added_to_org", "accesslimited", "ekm_access_denied"}
)
"""Refused for now."""
_ROOM = frozenset(
    {
        "channel_not_found", "is_archived", "not_in_channel", "restricted_action",
        "restricted_action_read_only_channel",
    }
)  # fmt: skip
"""About the channel, whatever is posted there: it may be opened again, and the bot invited."""
_THROTTLED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
DEFAULT_PAUSE = 30.0
"""Seconds to wait where Slack asks for a pause and does not say how long."""
MOST_PAUSE = 3600.0


def problem_of(
    status: int, headers: Mapping[str, str], code: object, *, mend: str
) -> PlatformError:
    """The error that an answer which is not `ok` means; `mend` is said if it is the token."""
    if status == 429 or code in _THROTTLED:
        return Throttled("ratelimited", retry_after=retry_after(headers))
    if status >= 500:
        return OutcomeUnknown(f"http_{status}")
    if not isinstance(code, str) or not code.isidentifier() or len(code) > 60:
        return OutcomeUnknown(f"http_{status}" if status != 200 else "unreadable")
    if code in _ACCOUNT:
        return AccountRefused(code, mend=mend)
    if code in _UNKNOWN:
        return OutcomeUnknown(code)
    if code in _LATER:
        return NotSent(code)
    return Barred(code) if code in _ROOM else Refused(code)


def retry_after(headers: Mapping[str, str]) -> float:
    """The seconds that `Retry-After` asks for, within an hour."""
    try:
        seconds = float(headers.get("Retry-After", ""))
    except ValueError:
        return DEFAULT_PAUSE
    return min(max(seconds, 0.0), MOST_PAUSE) if seconds == seconds else DEFAULT_PAUSE  # noqa: PLR0124  NaN
