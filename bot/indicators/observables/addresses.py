"""Addresses of the Internet and of the local wire: their one normal form."""

from __future__ import annotations

import ipaddress
import re

_NUMBER = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}\.{_NUMBER}").fullmatch
_ASN = re.compile(r"(?:ASN?[\s:#]{0,3})?([0-9]{1,10})(?:\.([0-9]{1,5}))?", re.IGNORECASE).fullmatch
_MAC = re.compile(
    r"(?:[0-9a-f]{2}([:-]))(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}"
    r"|(?:[0-9a-f]{4}[.:-]){2}[0-9a-f]{4}|[0-9a-f]{6}-[0-9a-f]{6}|[0-9a-f]{12}",
    re.IGNORECASE | re.ASCII,
).fullmatch
_MAPPED = 96
"""Bits before the IPv4 address in an IPv4-mapped one."""
_LONGEST = 80
"""Characters of the longest spelling of an address, with zone and prefix."""


def ipv4(text: str) -> str | None:
    """Four numbers. Leading zeros are refused, as `ipaddress` does: C and Python read them apart.

    `/32` is the address itself.
    """
    if _IPV4(text):
        return text
    bare = text.strip().removesuffix("/32") if len(text) < _LONGEST else ""
    return bare if _IPV4(bare) else None


def ipv6(text: str) -> str | None:
    """The form of RFC 5952. The zone (`%eth0`) is dropped: it means something on one host only.

    An IPv4-mapped address is the IPv4 one, seen through a socket, and none of these: `settled`.
    """
    if len(text) > _LONGEST or ":" not in text:
        return None
    bare = text.strip().removesuffix("/128")
    if bare.startswith("[") and bare.endswith("]"):
        bare = bare[1:-1]
    found = _sixteen_bytes(bare.partition("%")[0])
    return None if found is None or found.ipv4_mapped else found.compressed


def mapped(text: str) -> str | None:
    """The IPv4 address that `::ffff:198.51.100.7` and its like stand for."""
    bare = text.strip().strip("[]").partition("%")[0] if len(text) <= _LONGEST else ""
    found = _sixteen_bytes(bare.removesuffix("/128"))
    return None if found is None or found.ipv4_mapped is None else str(found.ipv4_mapped)


def network(text: str) -> str | None:
    """Address and prefix, with no bit set beyond it; a mask is written as a prefix.

    An address with its host's bits may be meant as either: it is not a network.
    """
    found = _network(text)
    if found is None:
        return None
    address, made = found
    return _plainest(made) if address == made.network_address else None


def around(text: str) -> tuple[str, str] | None:
    """Of an address with a prefix: the network it is in, and the address alone."""
    found = _network(text)
    return None if found is None else (_plainest(found[1]), found[0].compressed)


def asn(text: str) -> str | None:
    """`AS64496`; also with a dot (RFC 5396), which is turned into one number."""
    found = _ASN(text.strip()) if len(text) < _LONGEST else None
    if found is None:
        return None
    high, low = found.groups()
    if low is not None and max(int(high), int(low)) > 0xFFFF:
        return None
    number = int(high) if low is None else int(high) << 16 | int(low)
    return f"AS{number}" if number <= 0xFFFFFFFF else None


def mac(text: str) -> str | None:
    """Six pairs in lower case with colons, from any of the four ways to write them."""
    bare = text.strip() if len(text) < _LONGEST else ""
    if _MAC(bare) is None:
        return None
    digits = bare.lower().translate(_BARE)
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


_BARE = str.maketrans("", "", ":-.")


def _plainest(made: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    """A network of IPv4-mapped addresses is the one of these."""
    if made.version == 6 and made.prefixlen >= _MAPPED:
        inner = made.network_address.ipv4_mapped
        if inner is not None:
            return f"{inner}/{made.prefixlen - _MAPPED}"
    return made.compressed


def _sixteen_bytes(text: str) -> ipaddress.IPv6Address | None:
    try:
        return ipaddress.IPv6Address(text)
    except ValueError:
        return None


def _network(
    text: str,
) -> (
    tuple[ipaddress.IPv4Address, ipaddress.IPv4Network]
    | tuple[ipaddress.IPv6Address, ipaddress.IPv6Network]
    | None
):
    bare = text.strip() if len(text) <= _LONGEST else ""
    address, slash, length = bare.partition("/")
    if not slash or not bare.isascii():
        return None
    try:
        if ":" in address:
            made = ipaddress.IPv6Network(
                (address.strip("[]").partition("%")[0], int(length)), False
            )
            return ipaddress.IPv6Address(address.strip("[]").partition("%")[0]), made
        if _IPV4(address) is None:
            return None
        wide = ipaddress.IPv4Network((address, length), strict=False)
        if "." in length and wide.netmask != ipaddress.IPv4Address(length):
            return None  # a host mask: a wildcard of access lists, not all of which are networks
        return ipaddress.IPv4Address(address), wide
    except ValueError:
        return None
