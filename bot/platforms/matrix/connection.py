"""All that goes to the homeserver and comes from it: the only file that knows matrix-nio.

Of nio's `AsyncClient` the transport is used (connections, proxy, TLS), without its retries and
its reading of events: that takes 0.2 ms for each, keeps every room's members in memory, and logs
the text of what it cannot read.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
import msgspec
from aiohttp_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError

from bot.errors import NotSent, OutcomeUnknown, PlatformError
from bot.platforms.matrix import wire
from bot.platforms.matrix.lean import without
from bot.platforms.matrix.problems import problem

with without("psycopg"):  # nio's own store looks for it, and nobody uses that: 8 MB, 60 ms
    import nio  # type: ignore[import-untyped]  # it brings no types

T = TypeVar("T")

PIECE = 64 * 1024
"""Bytes of a file that are held at once."""
SLOWEST = 64 * 1024
"""Bytes a second below which a file that is sent is given up."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer's bytes, and the `time.perf_counter()` at which they were read."""

    content: bytes
    received: float


def path(*parts: str, prefix: str = "client/v3", **query: str) -> str:
    """The path of a request to the client-server API, with every part quoted."""
    joined = "/".join(quote(part, safe="") for part in parts)
    asked = f"?{urlencode(query)}" if query else ""
    return f"/_matrix/{prefix}/{joined}{asked}"


class Connection:
    """A pool of connections to one homeserver, and the token that they speak with."""

    def __init__(
        self,
        homeserver: str,
        *,
        proxy: str | None = None,
        no_proxy: tuple[str, ...] = (),
        ca_file: str | None = None,
        timeout: float = 30.0,
    ) -> None:
        """`timeout`: seconds for a whole request."""
        self.timeout = timeout
        host = urlsplit(homeserver).hostname or ""
        self.token = ""
        self._closed = False
        self._client = nio.AsyncClient(
            homeserver,
            config=nio.AsyncClientConfig(max_limit_exceeded=0, max_timeouts=0),
            ssl=_trusting(ca_file) if ca_file else None,
            proxy=None if _goes_direct(host, no_proxy) else proxy,
        )

    async def call(
        self,
        into: type[T],
        method: str,
        where: str,
        body: Any = None,
        *,
        wait: float | None = None,
    ) -> T:
        """One request and its answer, read as `into`. Raises as `fetch`."""
        fetched = await self.fetch(method, where, body, wait=wait)
        return read(fetched, into)

    async def fetch(
        self, method: str, where: str, body: Any = None, *, wait: float | None = None
    ) -> Fetched:
        """One request, of at most `wait` seconds (else `timeout`), and its answer's bytes.

        Raises `NotSent` where the request did not leave, `OutcomeUnknown` where the answer did
        not come, and what `problem` makes of a refusal.
        """
        data = None if body is None else msgspec.json.encode(body)
        headers = self._headers("application/json")
        with _told():
            answer = await self._send(method, where, data, headers, wait or self.timeout)
            return await _whole(answer)

    async def upload(
        self, where: str, chunks: AsyncIterator[bytes], size: int, mimetype: str
    ) -> Fetched:
        """One request with a body of `size` bytes that is read while it is sent. Raises as `fetch`,
        besides what reading the body raises.
        """
        body = _Body(chunks)
        headers = self._headers(mimetype) | {"Content-Length": str(size)}
        wait = aiohttp.ClientTimeout(
            total=self.timeout + size / SLOWEST, sock_connect=self.timeout, sock_read=self.timeout
        )
        try:
            with _told():
                answer = await self._send("POST", where, body.pieces(), headers, wait)
                return await _whole(answer)
        except PlatformError:
            if body.failure is not None:
                raise body.failure from None
            raise

    @asynccontextmanager
    async def download(self, where: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The answer to one request, in pieces. Raises as `fetch`, on entering and on the way."""
        wait = aiohttp.ClientTimeout(sock_connect=self.timeout, sock_read=self.timeout)
        with _told():
            answer = await self._send("GET", where, None, self._headers(), wait)
            if not 200 <= answer.status < 300:
                await _whole(answer)
        try:
            yield _pieces(answer)
        finally:
            answer.close()

    def _headers(self, mimetype: str = "") -> dict[str, str]:
        headers = {"Content-Type": mimetype} if mimetype else {}
        return headers | ({"Authorization": f"Bearer {self.token}"} if self.token else {})

    async def _send(
        self,
        method: str,
        where: str,
        data: Any,
        headers: dict[str, str],
        wait: float | aiohttp.ClientTimeout,
    ) -> aiohttp.ClientResponse:
        if self._closed:
            raise NotSent("closed")  # the library would connect anew, and nobody would close that
        answer: aiohttp.ClientResponse = await self._client.send(
            method, where, data, headers, None, wait
        )
        return answer

    async def close(self) -> None:
        """Let go of every connection; what is asked from now on is not sent."""
        self._closed = True
        await self._client.close()


class _Body:
    """A request's body; what reading it raised is kept, for the library tells of it in its way."""

    def __init__(self, chunks: AsyncIterator[bytes]) -> None:
        self.failure: PlatformError | None = None
        self._chunks = chunks

    async def pieces(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._chunks:
                yield chunk
        except PlatformError as error:
            self.failure = error
            raise


async def _whole(answer: aiohttp.ClientResponse) -> Fetched:
    content = await answer.read()
    received = time.perf_counter()
    if not 200 <= answer.status < 300:
        raise problem(answer.status, content, answer.headers.get("Retry-After"))
    return Fetched(content, received)


async def _pieces(answer: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    with _told():
        async for chunk in answer.content.iter_chunked(PIECE):
            yield chunk


@contextmanager
def _told() -> Iterator[None]:
    """What the library raises, as what it means to us."""
    try:
        yield
    except (
        aiohttp.ClientConnectorError,
        aiohttp.ConnectionTimeoutError,
        aiohttp.InvalidURL,
        ProxyConnectionError,
        ProxyError,
        ProxyTimeoutError,
        ssl.SSLCertVerificationError,
    ) as error:
        raise NotSent("unreachable") from error
    except TimeoutError as error:
        raise OutcomeUnknown("no answer in time") from error
    except (aiohttp.ClientError, OSError) as error:
        raise OutcomeUnknown("connection lost") from error


def read(fetched: Fetched, into: type[T]) -> T:
    """An answer as `into`; raises `OutcomeUnknown` when it is no such thing."""
    try:
        return wire.decode(fetched.content, into)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise OutcomeUnknown("unreadable answer") from error


def _trusting(ca_file: str) -> ssl.SSLContext:
    """What the machine trusts, and the certificates of a file besides."""
    context = ssl.create_default_context()
    context.load_verify_locations(ca_file)
    return context


def _goes_direct(host: str, no_proxy: tuple[str, ...]) -> bool:
    """Whether a host is one of `no_proxy`, or below one of them; `*` is every host."""
    for name in no_proxy:
        bare = name.strip().lower().removeprefix("*").lstrip(".")
        if name.strip() == "*" or host == bare or (bare and host.endswith(f".{bare}")):
            return True
    return False
