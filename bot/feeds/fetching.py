"""Fetching over HTTPS: each address looked at, each redirect again, secrets to nobody else.

Behind a proxy it is the proxy that connects. What can be looked up here is looked at all the same;
a name that only the proxy can resolve is left to the proxy's own rules.
"""

from __future__ import annotations

import ssl
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import aiohttp
from yarl import URL

from bot.errors import FeedError
from bot.feeds.addresses import Named
from bot.feeds.answers import check, problem_of
from bot.feeds.origin import Origin
from bot.feeds.problems import Problem
from bot.feeds.resolving import CheckedResolver, Resolve, by_system, look_at
from bot.feeds.spool import Spool

_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Way:
    """How we reach out, of `[network]`, and within which limits. Times in seconds."""

    proxy: str | None = None
    no_proxy: tuple[str, ...] = ()
    ca_file: str | None = None
    folder: Path | None = None
    """Where to spool; None: where the system keeps temporary files."""
    most: int = 2_000_000_000
    """Bytes of one answer."""
    total: float = 900.0
    idle: float = 30.0
    redirects: int = 5
    resolve: Resolve = by_system

    def goes_direct(self, host: str) -> bool:
        """Whether no proxy is used for a host: it is one of `no_proxy`, or below one of them."""
        for name in self.no_proxy:
            bare = name.strip().lower().removeprefix("*").lstrip(".")
            if name.strip() == "*" or host == bare or (bare and host.endswith(f".{bare}")):
                return True
        return self.proxy is None


@dataclass(frozen=True, slots=True)
class Validators:
    """By what a server tells that nothing has changed."""

    etag: str = ""
    modified: str = ""

    def headers(self) -> dict[str, str]:
        """The questions for it."""
        asked = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer. `file` is closed by the one who asked; `unchanged`: there is nothing in it."""

    file: IO[bytes]
    address: str
    mimetype: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    unchanged: bool = False

    @property
    def validators(self) -> Validators:
        """To be asked with the next time."""
        return Validators(self.headers.get("ETag", ""), self.headers.get("Last-Modified", ""))


class Fetcher:
    """Fetches for one source. Enter it; leaving closes its connections."""

    def __init__(self, source: Origin, way: Way) -> None:
        self._source = source
        self._way = way
        self._home = URL(source.url)
        self._named = Named.of(source.url, source.internal)
        self._resolver = CheckedResolver(self._named, way.resolve)

    async def __aenter__(self) -> Self:
        trusted = _context(self._way.ca_file, self._source.ca_file)
        self._trusted, self._known = trusted, self._with_certificate(trusted)
        limits = aiohttp.ClientTimeout(total=self._way.total, sock_read=self._way.idle, connect=30)
        self._direct = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=self._resolver, use_dns_cache=False, limit=4),
            timeout=limits, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar(),
        )  # fmt: skip
        self._proxied = aiohttp.ClientSession(
            timeout=limits, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        )
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        try:
            await self._direct.close()
        finally:  # also where it is stopped meanwhile
            await self._proxied.close()

    async def get(
        self,
        address: str,
        *,
        accept: str = "*/*",
        validators: Validators | None = None,
        most: int | None = None,
    ) -> Fetched:
        """What is at an address, its redirects followed. Raises FeedError."""
        url = self._read(address)
        headers = {"Accept": accept, "Accept-Encoding": "gzip"}
        headers |= validators.headers() if validators else {}
        for _ in range(self._way.redirects + 1):
            async with self._ask(url, headers) as answer:
                target = answer.headers.get("Location")
                if answer.status in {301, 302, 303, 307, 308} and target:
                    url = self._read(target, url)
                    continue
                return await self._taken(answer, url, most or self._way.most)
        raise FeedError(Problem.REDIRECTS)

    def _read(self, address: str, base: URL | None = None) -> URL:
        """An address that may be asked; where it has `base`, one that this leads to."""
        try:
            url = URL(address) if base is None else base.join(URL(address))
            host, port = url.raw_host, url.port
        except (ValueError, TypeError):
            raise FeedError(Problem.ADDRESS) from None
        if url.scheme not in {"http", "https"} or not host or not port or url.user is not None:
            raise FeedError(Problem.ADDRESS)
        if url.scheme == "http" and not self._may_be_plain(url, base):
            raise FeedError(Problem.INSECURE)
        look_at(self._named, host, port)
        return url.with_fragment(None)

    def _may_be_plain(self, url: URL, base: URL | None) -> bool:
        """In clear only what the configuration has so; a secret, only to a host inside."""
        if (base or self._home).scheme == "https" or self._home.scheme == "https":
            return False
        host, port = url.raw_host or "", url.port or 80
        inside = (host, port) in self._named.origins or host in self._named.hosts
        return inside or not (self._source.secrets.header and self._is_home(url))

    def _is_home(self, url: URL) -> bool:
        return url.origin() == self._home.origin()

    @asynccontextmanager
    async def _ask(
        self, url: URL, headers: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        home, host = self._is_home(url), url.raw_host or ""
        direct = self._way.goes_direct(host)
        if not direct:
            await self._look_up(url)
        async with AsyncExitStack() as stack:
            try:
                request = (self._direct if direct else self._proxied).get(
                    url,
                    headers=dict(headers) | (self._authorization() if home else {}),
                    allow_redirects=False,
                    proxy=None if direct else self._way.proxy,
                    ssl=self._known if home else self._trusted,
                )
                answer = await stack.enter_async_context(request)
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
                raise problem_of(error) from None
            yield answer

    async def _look_up(self, url: URL) -> None:
        """Raises FeedError for a name that leads inside as far as we can tell."""
        host, port = url.raw_host or "", url.port or 443
        if not look_at(self._named, host, port):
            with suppress(OSError):  # only the proxy can resolve it
                await self._resolver.resolve(host, port)

    async def _taken(self, answer: aiohttp.ClientResponse, url: URL, most: int) -> Fetched:
        """The body of what is no redirect. Raises FeedError."""
        check(answer.status, answer.headers)
        coding = answer.headers.get("Content-Encoding", "identity").strip().lower()
        if coding not in {"identity", "gzip", "x-gzip", "deflate", ""}:
            raise FeedError(Problem.UNREADABLE)
        spool = Spool(self._way.folder, most, packed=coding not in {"identity", ""})
        try:
            if answer.status != 304:
                async for piece in answer.content.iter_chunked(_PIECE):
                    spool.add(piece)
            file = spool.finish()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            spool.close()
            raise problem_of(error) from None
        except BaseException:
            spool.close()
            raise
        return Fetched(
            file, str(url), answer.content_type, answer.headers, unchanged=answer.status == 304
        )

    def _authorization(self) -> dict[str, str]:
        secrets = self._source.secrets
        if secrets.token is not None:
            return {"Authorization": f"Bearer {secrets.token.get_secret_value()}"}
        if secrets.password is not None:
            both = f"{secrets.username}:{secrets.password.get_secret_value()}"
            return {"Authorization": f"Basic {b64encode(both.encode()).decode()}"}
        return {}

    def _with_certificate(self, trusted: ssl.SSLContext) -> ssl.SSLContext:
        """For the source's own origin: with our certificate, where it wants one."""
        secrets = self._source.secrets
        if secrets.client_cert is None:
            return trusted
        context = _context(self._way.ca_file, self._source.ca_file)
        try:
            context.load_cert_chain(secrets.client_cert, secrets.client_key)
        except (OSError, ValueError):
            raise FeedError(Problem.CERTIFICATE) from None
        return context


def _context(*files: str | None) -> ssl.SSLContext:
    """What the machine trusts, and the certificates of these files besides."""
    context = ssl.create_default_context()
    for file in files:
        if file is not None:
            try:
                context.load_verify_locations(file)
            except (OSError, ValueError):
                raise FeedError(Problem.CERTIFICATE) from None
    return context
