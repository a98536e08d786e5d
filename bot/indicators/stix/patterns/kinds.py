"""Which kinds of value a property of a STIX object may hold."""

from __future__ import annotations

from collections.abc import Callable

from bot.indicators.observable import Kind, Observable
from bot.indicators.observables import refang
from bot.indicators.observables.addresses import mapped
from bot.indicators.stix.hashes import hash_kind

Normal = Callable[[Kind, str], str | None]
"""The normal form of a value of a kind; None where it is none."""
Kinds = tuple[Kind, ...]

_IP: Kinds = (Kind.IPV4, Kind.IPV6)
_ADDRESS: Kinds = (*_IP, Kind.DOMAIN, Kind.MAC)
_WALLET: Kinds = (Kind.BITCOIN, Kind.ETHEREUM, Kind.MONERO)
_FILE: Kinds = (Kind.FILE_NAME, Kind.FILE_PATH)
_NUMBER: Kinds = (Kind.ASN,)
_DISARMED = frozenset({Kind.URL, Kind.DOMAIN, Kind.IPV4, Kind.IPV6, Kind.EMAIL})
"""What people disarm before they pass it on."""

_KINDS: dict[str, Kinds] = {
    "ipv4-addr:value": _IP,
    "ipv6-addr:value": (Kind.IPV6, Kind.IPV4),
    "domain-name:value": (Kind.DOMAIN, *_IP),  # addresses stand there in real bundles
    "domain-name:resolves_to_refs.value": (*_IP, Kind.DOMAIN),
    "ipv4-addr:resolves_to_refs.value": (Kind.MAC,),
    "ipv6-addr:resolves_to_refs.value": (Kind.MAC,),
    "ipv4-addr:belongs_to_refs.number": _NUMBER,
    "ipv6-addr:belongs_to_refs.number": _NUMBER,
    "url:value": (Kind.URL, Kind.DOMAIN, *_IP),
    "email-addr:value": (Kind.EMAIL,),
    "mac-addr:value": (Kind.MAC,),
    "autonomous-system:number": _NUMBER,
    "mutex:name": (Kind.MUTEX,),
    "windows-registry-key:key": (Kind.REGISTRY_KEY,),
    "file:name": _FILE,
    "file:parent_directory_ref.path": (Kind.FILE_PATH,),
    "directory:path": (Kind.FILE_PATH,),
    "process:name": _FILE,
    "process:image_ref.name": _FILE,
    "process:binary_ref.name": _FILE,
    "network-traffic:src_ref.value": _ADDRESS,
    "network-traffic:dst_ref.value": _ADDRESS,
    "file:extensions.windows-pebinary-ext.imphash": (Kind.IMPHASH,),
    "cryptocurrency-wallet:value": _WALLET,
    "cryptocurrency-wallet:address": _WALLET,
    "x-cryptocurrency-wallet:value": _WALLET,
    "vulnerability:name": (Kind.CVE,),
}
_KINDS |= {
    f"email-message:{each}.value": (Kind.EMAIL,)
    for each in ("from_ref", "sender_ref", "to_refs", "cc_refs", "bcc_refs")
}


def kinds_of(type_: str, steps: tuple[str, ...]) -> Kinds:
    """The kinds that the property may hold, the likeliest first; indexes are left out of `steps`.
    None of them: nothing can be looked up there.
    """
    known = _KINDS.get(f"{type_}:{'.'.join(steps)}")
    if known is not None:
        return known
    kind = hash_kind(steps[-1])  # also `app:cert.sha256`, and others of their own
    return () if kind is None else (kind,)


def read_value(kinds: Kinds, value: str, normal: Normal) -> Observable | None:
    """A value as the first of these kinds that it is; an address with a prefix is a network.

    An IPv4-mapped address is the IPv4 one. What sources leave out of a URL, or disarm in it, is
    put back: a scheme that is missing is http, as browsers read it.
    """
    if kinds is _NUMBER:
        value = value if value[:2].upper() == "AS" else f"AS{value}"
    elif "/" in value and kinds[0] in _IP:
        network = normal(Kind.NETWORK, value)
        address, _, prefix = value.partition("/")
        if prefix != ("128" if ":" in address else "32"):
            return None if network is None else Observable(Kind.NETWORK, network)
        value = address
    found = _first(kinds, value, normal)
    if found is None and Kind.IPV4 in kinds and ":" in value:
        ipv4 = mapped(value)
        found = None if ipv4 is None else Observable(Kind.IPV4, ipv4)
    if found is None and kinds[0] in _DISARMED:
        value = refang(value)
        found = _first(kinds, value, normal)
        bare = value.removeprefix("//")
        if found is None and kinds[0] is Kind.URL and "." in bare.partition("/")[0]:
            found = _first(kinds[:1], f"http://{bare}", normal)
    elif found is not None and _is_disarmed(found):
        found = _first(kinds, refang(value), normal) or found
    return found


def _first(kinds: Kinds, value: str, normal: Normal) -> Observable | None:
    for kind in kinds:
        found = normal(kind, value)
        if found is not None:
            return Observable(kind, found)
    return None


def _is_disarmed(found: Observable) -> bool:
    """Whether a URL's scheme is one that nobody would follow, on purpose."""
    return found.kind is Kind.URL and found.value[:4] in {"hxxp", "fxp:"}
