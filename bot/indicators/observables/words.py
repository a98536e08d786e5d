"""Values that are words: of digits, with dots or colons in them, or of a catalogue's shape."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.indicators.observable import Kind, Observable
from bot.indicators.observables import addresses, coins
from bot.indicators.observables.dotted import dotted
from bot.indicators.observables.hashes import tlsh
from bot.indicators.observables.identifiers import cve, technique
from bot.indicators.observables.normal import NORMAL
from bot.indicators.observables.spans import Claimed, Span

_LONG = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{25,140}+(?![0-9A-Za-z])")
_HASHES = {32: Kind.MD5, 40: Kind.SHA1, 64: Kind.SHA256, 128: Kind.SHA512}
_COINS = {"1": Kind.BITCOIN, "3": Kind.BITCOIN, "b": Kind.BITCOIN, "B": Kind.BITCOIN,
          "4": Kind.MONERO, "8": Kind.MONERO}  # fmt: skip
_FEW = 3
_COLONS = re.compile(
    r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,8}+(?:[0-9A-Fa-f]{1,4}+(?:\.[0-9]{1,3}){0,3}+)?"
    r"(?:%[0-9A-Za-z]{1,15}+)?(?:/[0-9]{1,3}+)?(?!\w|:\w|::)"
)
_PAIRS = re.compile(r"(?<![\w:-])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?!\w|[:-]\w)")
_GIVEN_OUT = re.compile(
    r"(?:[23][0-9a-f]{3}|f[cd][0-9a-f]{2}|fe[89ab][0-9a-f]|ff[0-9a-f]{2}|64:ff9b):"
)
_CATALOGUED = re.compile(
    r"(?<![\w.-])(?:(?P<cve>[Cc][Vv][Ee][-_ \u2012-\u2015][0-9]{4}[-_ \u2012-\u2015][0-9]{3,19}+)"
    r"|(?P<asn>AS[0-9]{3,10}+|ASN[ :#]{0,2}[0-9]{1,10}+)"
    r"|(?P<technique>T(?:1[0-9]{3}|08[0-9]{2})(?:\.[0-9]{3})?|TA0[01][0-9]{2}|[GSC]0[0-9]{3}))"
    r"(?![\w-]|\.[0-9])"
)
_NO_NUMBER = frozenset({"AS400", "T1000"})
_READ = {"cve": (Kind.CVE, cve), "asn": (Kind.ASN, addresses.asn),
         "technique": (Kind.TECHNIQUE, technique)}  # fmt: skip


def long_words(text: str, _: Claimed) -> Iterator[Span]:
    """Hashes and the addresses of coins."""
    for found in _LONG.finditer(text):
        observable = _long(found[0])
        if observable is not None and not _is_within(text, *found.span()):
            yield Span(observable, *found.span())


def _long(word: str) -> Observable | None:
    size = len(word)
    if (kind := _HASHES.get(size)) and (value := NORMAL[kind](word)):
        return Observable(kind, value) if _is_a_hash(value) else None
    if size == 42 and word[:2] in ("0x", "0X") and (value := coins.ethereum(word)):
        return Observable(Kind.ETHEREUM, value) if _is_a_hash(value[2:]) else None
    if size in (70, 72) and (value := tlsh(word)):
        return Observable(Kind.TLSH, value) if size == 72 or word.isupper() else None
    kind = _COINS.get(word[0])
    value = NORMAL[kind](word) if kind else None
    return Observable(kind, value) if kind and value else None


def _is_a_hash(digits: str) -> bool:
    return not digits.isdecimal() and len(set(digits)) > _FEW


def _is_within(text: str, start: int, end: int) -> bool:
    """Whether a word goes on beyond signs of base64: then it is a piece of something longer."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    return (before[-1:] in ("+", "/") and before[:1].isalnum()) or (
        after[:1] == "+" or (after[:1] == "/" and after[1:].isalnum()) or after == "=="
    )


def colons(text: str, _: Claimed) -> Iterator[Span]:
    """Addresses and networks of IPv6, and of network cards."""
    if ":" not in text and "-" not in text:
        return
    for found in _PAIRS.finditer(text):
        if value := addresses.mac(found[0]):
            yield Span(Observable(Kind.MAC, value), *found.span())
    if ":" not in text:
        return
    for found in _COLONS.finditer(text):
        end = found.end() - (1 if found[0].endswith(":") and not found[0].endswith("::") else 0)
        if observable := _sixth(text[found.start() : end]):
            yield Span(observable, found.start(), end)


def _sixth(word: str) -> Observable | None:
    bare, slash, _ = word.partition("/")
    value = addresses.ipv6(bare)
    if value is None:
        older = addresses.mapped(bare)
        return None if older is None else Observable(Kind.IPV4, older)
    if value == "::1" or _GIVEN_OUT.match(value):
        network = addresses.network(word) if slash else None
        if network and not network.endswith("/128"):
            return Observable(Kind.NETWORK, network)
        return Observable(Kind.IPV6, value)
    return None


def catalogued(text: str, _: Claimed) -> Iterator[Span]:
    """CVE, autonomous systems, techniques."""
    for found in _CATALOGUED.finditer(text):
        name = found.lastgroup or ""
        kind, read = _READ[name]
        value = read(found[0])
        if value is not None and value not in _NO_NUMBER:
            yield Span(Observable(kind, value), *found.span())


SCANS = (long_words, colons, catalogued, dotted)
