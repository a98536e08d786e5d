from __future__ import annotations

import json

import pytest

from bot.errors import AccountRefused, NotSent, OutcomeUnknown, PlatformError, Refused, Throttled
from bot.platforms.matrix.problems import TokenRefused, problem


@pytest.mark.parametrize(
    ("status", "told", "kind", "reason"),
    [
        (403, {"errcode": "M_FORBIDDEN"}, Refused, "M_FORBIDDEN"),
        (404, {"errcode": "M_NOT_FOUND"}, Refused, "M_NOT_FOUND"),
        (413, {"errcode": "M_TOO_LARGE"}, Refused, "too long"),
        (413, "<html>", Refused, "too long"),
        (404, "<html>", NotSent, "HTTP 404"),
        (302, "", NotSent, "HTTP 302"),
        (500, {"errcode": "M_UNKNOWN"}, OutcomeUnknown, "M_UNKNOWN"),
        (502, "<html>", OutcomeUnknown, "HTTP 502"),
        (401, {"errcode": "M_UNKNOWN_TOKEN"}, TokenRefused, "M_UNKNOWN_TOKEN"),
        (403, {"errcode": "M_USER_DEACTIVATED"}, AccountRefused, "M_USER_DEACTIVATED"),
        (400, {"errcode": "somebody's text, not a code"}, NotSent, "HTTP 400"),
        (400, {"errcode": 7}, NotSent, "HTTP 400"),
        (400, [], NotSent, "HTTP 400"),
    ],
)
def test_an_answer_means(status: int, told: object, kind: type[PlatformError], reason: str) -> None:
    found = problem(status, json.dumps(told).encode(), None)
    assert type(found) is kind
    assert found.reason == reason


@pytest.mark.parametrize(
    ("told", "header", "seconds"),
    [
        ({"retry_after_ms": 1500}, None, 1.5),
        ({"retry_after_ms": 1500}, "7", 1.5),
        ({}, "7", 7.0),
        ({}, "Wed, 21 Oct 2026 07:28:00 GMT", 5.0),
        ({"retry_after_ms": -1}, None, 5.0),
        ({"retry_after_ms": True}, None, 5.0),
        ({"retry_after_ms": 10**12}, None, 3600.0),
    ],
)
def test_a_pause_is_as_long_as_the_homeserver_says(
    told: object, header: str | None, seconds: float
) -> None:
    found = problem(429, json.dumps(told).encode(), header)
    assert isinstance(found, Throttled)
    assert found.retry_after == seconds


def test_a_soft_logout_keeps_the_device() -> None:
    told = {"errcode": "M_UNKNOWN_TOKEN", "soft_logout": True}
    found = problem(401, json.dumps(told).encode(), None)
    assert isinstance(found, TokenRefused)
    assert found.soft
