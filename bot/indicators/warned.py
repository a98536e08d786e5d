"""Which warning lists a value is on: a reason to look twice, and never to hide it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import msgspec

from bot.indicators.around import host_of
from bot.indicators.keys import digest, network_key, networks_around, parents
from bot.indicators.observable import Kind, Observable
from bot.indicators.raw import Asking

_kinds = lru_cache(maxsize=512)(msgspec.json.Decoder(frozenset[str]).decode)


def entry_key(text: str) -> int:
    """The key of a list's entry, whatever it is."""
    return digest(text.lower().encode(errors="surrogatepass"))


def warnings(asking: Asking, values: Sequence[Observable]) -> dict[Observable, tuple[str, ...]]:
    """The names of the lists that each value is on, by the alphabet."""
    exact: dict[int, list[Observable]] = {}
    over: dict[int, list[Observable]] = {}
    around: dict[bytes, list[Observable]] = {}
    for value in values:
        for number, text in enumerate(_texts(value)):
            (exact if number == 0 else over).setdefault(entry_key(text), []).append(value)
        for key in networks_around(value):
            around.setdefault(key, []).append(value)
        if value.kind is Kind.NETWORK:
            around.setdefault(network_key(value.value), []).append(value)
    found: dict[Observable, set[str]] = {}
    for key, below, name, kinds in asking.each(_ENTRIES, [*exact.keys() | over.keys()]):
        hit = [*exact.get(key, ()), *(over.get(key, ()) if below else ())]
        for value in hit:
            if value.kind in _kinds(kinds):
                found.setdefault(value, set()).add(name)
    for key, name, kinds in asking.each(_NETWORKS, list(around)):
        for value in around[bytes(key)]:
            if value.kind in _kinds(kinds):
                found.setdefault(value, set()).add(name)
    return {value: tuple(sorted(names)) for value, names in found.items()}


def _texts(value: Observable) -> list[str]:
    """The value, then what it is below of."""
    match value.kind:
        case Kind.DOMAIN:
            return [value.value, *parents(value.value)]
        case Kind.EMAIL:
            host = value.value.rpartition("@")[2]
            return [value.value, host, *parents(host)]
        case Kind.URL:
            host = host_of(value.value)
            return [value.value, host, *parents(host)]
        case _:
            return [value.value]


_ENTRIES = (
    "SELECT e.key, e.below, l.name, l.kinds FROM warning_list_entry e "
    "JOIN warning_list l ON l.id = e.list WHERE e.key IN ({})"
)
_NETWORKS = (
    "SELECT n.key, l.name, l.kinds FROM warning_list_network n "
    "JOIN warning_list l ON l.id = n.list WHERE n.key IN ({})"
)
