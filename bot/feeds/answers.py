"""What an answer, or its failure, means for a source."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp

from bot.errors import FeedError
from bot.feeds.problems import Problem

_LONGEST_PAUSE = 86_400.0
_BY_STATUS = {
    401: Problem.REFUSED,
    403: Problem.REFUSED,
    407: Problem.PROXY,
    404: Problem.MISSING,
    410: Problem.MISSING,
    406: Problem.NOT_ACCEPTABLE,
    408: Problem.TIMEOUT,
    429: Problem.THROTTLED,
    503: Problem.THROTTLED,
    504: Problem.TIMEOUT,
}


def check(status: int, headers: Mapping[str, str]) -> None:
    """Raises FeedError for a status that brings nothing."""
    if status in {200, 304}:
        return
    problem = _BY_STATUS.get(status, Problem.FAILING)
    raise FeedError(problem, retry_after=_pause(headers.get("Retry-After", "")))


def problem_of(error: BaseException) -> FeedError:
    """What a failure below HTTP means."""
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            problem = Problem.CERTIFICATE
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            problem = Problem.PROXY
        case aiohttp.InvalidURL() | ValueError():
            problem = Problem.ADDRESS
        case TimeoutError():
            problem = Problem.TIMEOUT
        case aiohttp.ClientConnectorError():
            problem = Problem.UNREACHABLE
        case _:
            problem = Problem.CUT
    return FeedError(problem)


def _pause(text: str) -> float | None:
    """Seconds; a date, or nonsense, is as if nothing was said."""
    return min(float(text), _LONGEST_PAUSE) if text.isascii() and text.isdigit() else None
