"""What Slack's answers mean."""

from __future__ import annotations

import aiohttp
import pytest

from bot.errors import (
    AccountRefused,
    Barred,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    Throttled,
)
from bot.platforms.slack.refusals import problem_of, retry_after
from bot.platforms.slack.web import network_problem


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (429, "ratelimited", Throttled),
        (200, "ratelimited", Throttled),
        (500, None, OutcomeUnknown),
        (503, "internal_error", OutcomeUnknown),
        (200, "internal_error", OutcomeUnknown),
        (200, "fatal_error", OutcomeUnknown),
        (200, None, OutcomeUnknown),
        (200, "<html> not a code", OutcomeUnknown),
        (200, "service_unavailable", NotSent),
        (200, "channel_not_found", Barred),
        (200, "not_in_channel", Barred),
        (200, "is_archived", Barred),
        (200, "msg_too_long", Refused),
        (200, "msg_blocks_too_long", Refused),
        (200, "invalid_blocks", Refused),
        (200, "restricted_action", Barred),
        (200, "no_permission", Refused),
        (200, "user_not_in_channel", Refused),
        (200, "invalid_auth", AccountRefused),
        (200, "token_revoked", AccountRefused),
        (200, "account_inactive", AccountRefused),
        (200, "missing_scope", AccountRefused),
    ],
)
def test_each_answer_has_its_meaning(status: int, code: object, kind: type[PlatformError]) -> None:
    assert type(problem_of(status, {}, code, mend="m")) is kind


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("", 30.0), ("soon", 30.0), ("nan", 30.0), ("-1", 0.0), ("1e9", 3600.0)],
)
def test_a_pause_is_what_slack_asks_for(value: str, seconds: float) -> None:
    assert retry_after({"Retry-After": value}) == seconds


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (TimeoutError(), OutcomeUnknown),
        (aiohttp.ServerDisconnectedError(), OutcomeUnknown),
        (aiohttp.ClientOSError(), OutcomeUnknown),
        (aiohttp.ClientPayloadError(), OutcomeUnknown),
        (aiohttp.ConnectionTimeoutError(), NotSent),
        (aiohttp.InvalidURL("x"), NotSent),
        (ConnectionResetError(), OutcomeUnknown),
    ],
)
def test_only_what_was_certainly_not_sent_counts_as_not_sent(
    error: Exception, kind: type[PlatformError]
) -> None:
    assert type(network_problem(error)) is kind
