"""Finding a host's addresses, and connecting to exactly those that were looked at.

A name is looked up once for each connection, and the connection goes to the addresses of that very
look-up: a name that resolves to something else a moment later gains nothing.
"""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from ipaddress import ip_address

from aiohttp import ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.errors import FeedError
from bot.feeds.addresses import Named, literal
from bot.feeds.problems import Problem

Resolve = Callable[[str, int, socket.AddressFamily], Awaitable[list[ResolveResult]]]


async def by_system(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    """As the machine resolves names: hosts file and DNS."""
    return await ThreadedResolver().resolve(host, port, family)


class CheckedResolver(AbstractResolver):
    """Gives addresses only if a source may be reached at every one of them."""

    def __init__(self, named: Named, resolve: Resolve = by_system) -> None:
        self._named = named
        self._resolve = resolve

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises FeedError for a name that leads inside, OSError for one that leads nowhere."""
        found = await self._resolve(host, port, family)
        for each in found:
            if not self._named.admits(host, port, ip_address(each["host"])):
                raise FeedError(Problem.PRIVATE)
        return found

    async def close(self) -> None:
        """Nothing is held."""


def look_at(named: Named, host: str, port: int) -> bool:
    """Whether a host is an address (False: a name, which is looked at when it is resolved).

    Raises FeedError for an address at which no source may be reached.
    """
    try:
        address = literal(host)
    except ValueError:
        raise FeedError(Problem.ADDRESS) from None
    if address is not None and not named.admits(host, port, address):
        raise FeedError(Problem.PRIVATE)
    return address is not None
