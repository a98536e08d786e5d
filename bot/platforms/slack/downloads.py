"""Files of the workspace, fetched: as a stream, and the token to nobody but Slack."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urljoin, urlsplit

import aiohttp

from bot.errors import NotSent, OutcomeUnknown, PlatformError, Refused
from bot.events import File
from bot.platforms.slack.files import address_of, place_of
from bot.platforms.slack.people import PICTURE
from bot.platforms.slack.refusals import problem_of
from bot.platforms.slack.web import Web, mend_of, network_problem

_PIECE = 64 * 1024
"""Bytes at a time."""
_REDIRECTS = 3
_HTML = "text/html"
_PICTURES = ("slack-edge.com", "slack-files.com", "gravatar.com", "wp.com")
"""Who keeps the pictures of people that Slack's profiles name (Gravatar's are redirected)."""


class Downloads:
    """Opens the files of one workspace."""

    def __init__(self, web: Web) -> None:
        self._web = web

    @asynccontextmanager
    async def open(self, file: File) -> AsyncGenerator[AsyncIterator[bytes], None]:
        """A file's bytes in pieces. Raises `PlatformError`, on entering or on the way: `Refused`
        where it is gone or hidden for good.
        """
        read = self._picture if place_of(file.handle)[0] == PICTURE else self._answer
        async with AsyncExitStack() as stack:
            try:
                answer = await read(file, stack)
            except OutcomeUnknown as error:  # of a question, which changed nothing
                raise NotSent(error.reason, retry_after=error.retry_after) from None
            yield _pieces(answer)

    async def _answer(self, file: File, stack: AsyncExitStack) -> aiohttp.ClientResponse:
        _, address = place_of(file.handle)
        address = address or await self._address(file)
        for _ in range(_REDIRECTS):
            if not self._web.is_slacks(address):
                raise Refused("file_elsewhere")
            answer = await stack.enter_async_context(
                self._web.exchange("GET", address, trusted=True)
            )
            target = answer.headers.get("Location")
            if not (300 <= answer.status < 400 and target):
                self._look(answer, file)
                return answer
            address = urljoin(address, target)
        raise NotSent("redirected")

    async def _picture(self, file: File, stack: AsyncExitStack) -> aiohttp.ClientResponse:
        """A person's picture. It is public, so that nobody gets the token for it; and only those
        are asked whom Slack itself has pictures with, whatever a profile says.
        """
        _, address = place_of(file.handle)
        for _ in range(_REDIRECTS):
            if not (self._web.is_slacks(address) or _has_pictures(address)):
                raise Refused("picture_elsewhere")
            answer = await stack.enter_async_context(self._web.exchange("GET", address))
            target = answer.headers.get("Location")
            if not (300 <= answer.status < 400 and target):
                self._look(answer, file)
                return answer
            address = urljoin(address, target)
        raise NotSent("redirected")

    async def _address(self, file: File) -> str:
        """Where the bytes are of a file that was named by its id alone."""
        answer = await ask(self._web, place_of(file.handle)[0])
        address = address_of(answer)
        if not address:
            raise Refused("file_hidden")  # beyond the limit of the workspace's plan, or deleted
        return address

    def _look(self, answer: aiohttp.ClientResponse, file: File) -> None:
        """Raise what an answer means that is not the file."""
        if answer.status in {404, 410}:
            raise Refused("file_not_found")
        if answer.status != 200:
            mend = mend_of(f"{self._web.account.replace(':', '.', 1)}.bot_token")
            raise problem_of(answer.status, answer.headers, None, mend=mend)
        if answer.content_type == _HTML and not _is_page(answer, file):
            # who has no right to a file gets the page to sign in, and HTTP 200
            raise NotSent("sign_in_page")


async def ask(web: Web, file: str) -> dict[str, object]:
    """What `files.info` says of a file; raises `PlatformError`."""
    answer = await web.call("files.info", {"file": file})
    found = answer.get("file")
    if not isinstance(found, dict):
        raise OutcomeUnknown("unreadable")
    return found


def _has_pictures(address: str) -> bool:
    """Whether an address is of those who keep the pictures of Slack's people."""
    found = urlsplit(address)
    host = found.hostname or ""
    known = host in _PICTURES or host.endswith(tuple(f".{each}" for each in _PICTURES))
    return found.scheme == "https" and known and "@" not in found.netloc


def _is_page(answer: aiohttp.ClientResponse, file: File) -> bool:
    """Whether a web page is the file that was shared, and not Slack's own."""
    return file.mimetype == _HTML and file.size in {None, answer.content_length}


async def _pieces(answer: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
    try:
        async for piece in answer.content.iter_chunked(_PIECE):
            yield piece
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        problem: PlatformError = network_problem(error)
        raise NotSent(problem.reason) from None
