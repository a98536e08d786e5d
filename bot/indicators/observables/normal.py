"""The normal form of a value whose kind is known: for millions of them."""

from __future__ import annotations

from collections.abc import Callable

from bot.indicators.observable import Kind, Observable
from bot.indicators.observables import addresses, coins, domains, hashes, identifiers, places, urls

NORMAL: dict[Kind, Callable[[str], str | None]] = {
    Kind.IPV4: addresses.ipv4,
    Kind.IPV6: addresses.ipv6,
    Kind.NETWORK: addresses.network,
    Kind.DOMAIN: domains.domain,
    Kind.URL: urls.url,
    Kind.EMAIL: urls.email,
    Kind.MD5: hashes.md5,
    Kind.SHA1: hashes.sha1,
    Kind.SHA256: hashes.sha256,
    Kind.SHA512: hashes.sha512,
    Kind.SSDEEP: hashes.ssdeep,
    Kind.TLSH: hashes.tlsh,
    Kind.JA3: hashes.md5,
    Kind.IMPHASH: hashes.md5,
    Kind.CVE: identifiers.cve,
    Kind.ASN: addresses.asn,
    Kind.MAC: addresses.mac,
    Kind.FILE_NAME: places.file_name,
    Kind.FILE_PATH: places.file_path,
    Kind.REGISTRY_KEY: places.registry_key,
    Kind.MUTEX: identifiers.mutex,
    Kind.BITCOIN: coins.bitcoin,
    Kind.ETHEREUM: coins.ethereum,
    Kind.MONERO: coins.monero,
    Kind.TECHNIQUE: identifiers.technique,
    Kind.YARA: identifiers.yara,
    Kind.SIGMA: identifiers.sigma,
}


def normal(kind: Kind, value: str) -> str | None:
    """The one normal form, or None: this is no value of that kind. Nothing is refanged."""
    return NORMAL[kind](value)


def settled(kind: Kind, value: str) -> Observable | None:
    """The value under the kind that it is looked up by, which may be a neighbour of `kind`.

    An IPv4-mapped address is the IPv4 one, a network of one address is that address, and what a
    source calls a domain or an address may be either of them.
    """
    if kind is Kind.NETWORK:
        found = NORMAL[kind](value)
        if found is None or not found.endswith(("/32", "/128")):
            return None if found is None else Observable(kind, found)
        return _address(value) or Observable(kind, found)
    found = NORMAL[kind](value)
    if found is not None:
        return Observable(kind, found)
    if kind in (Kind.IPV4, Kind.IPV6, Kind.DOMAIN):
        return _address(value) or settled_network(value)
    return None


def settled_network(value: str) -> Observable | None:
    """A network that a source calls an address, as STIX does."""
    found = addresses.network(value) if "/" in value else None
    return None if found is None else Observable(Kind.NETWORK, found)


def _address(value: str) -> Observable | None:
    for kind, found in (
        (Kind.IPV4, addresses.ipv4(value)),
        (Kind.IPV6, addresses.ipv6(value)),
        (Kind.IPV4, addresses.mapped(value)),
    ):
        if found is not None:
            return Observable(kind, found)
    return None
