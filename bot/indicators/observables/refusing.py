"""Why a text is no value, in words that say what was expected and what may have been meant."""

from __future__ import annotations

import re

from bot.errors import UserError
from bot.indicators.observable import Kind, Observable
from bot.indicators.observables import addresses
from bot.indicators.observables.defanging import defang, defang_text
from bot.indicators.observables.domains import domain, suffix_of
from bot.indicators.observables.kinds import EXAMPLES
from bot.indicators.observables.normal import normal
from bot.indicators.observables.urls import in_numbers

_FOUR = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12}){3}").fullmatch
_HEX = re.compile(r"[0-9A-Fa-f]{24,200}").fullmatch
_COIN = re.compile(r"(?:bc1|BC1|[13]|[48][0-9AB]).{24,110}").fullmatch
_SCHEMELESS = re.compile(r"([^\s/:@]{1,253})(?::[0-9]{1,5})?/\S{0,4000}").fullmatch
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,30})://([^/?#@:]{1,300})(.{0,4000})").fullmatch
_ALIKE = {
    Kind.CVE: re.compile(r"[Cc][Vv][Ee][-_ ]?(?:[0-9]{1,4}-?)?").fullmatch,
    Kind.IPV6: re.compile(
        r"(?=.{0,60}(?:[A-Fa-f]|::))[0-9A-Fa-f]{0,9}:[0-9A-Fa-f]{0,9}:[0-9A-Fa-f:.%/]{0,60}"
    ).fullmatch,
    Kind.EMAIL: re.compile(r"[^\s@/:]{0,80}@[^\s@/:]{0,80}").fullmatch,
    Kind.TECHNIQUE: re.compile(r"[Tt][0-9]{2,6}(?:\.[0-9]{0,6})?").fullmatch,
}
_SHOWN = 40
"""Characters of a nearest reading that are shown: it stands in a first line."""


def refusal(text: str, kind: Kind | None = None) -> UserError:
    """The error to raise for what `read` made nothing of; `kind`: what it was called."""
    for reason in (_zeros, _host_bits, _number_as_host, _no_scheme, _check_sum, _digits, _suffix):
        if found := reason(text):
            return found
    kind = kind or _alike(text)
    if kind is not None:
        return UserError(
            "that is no {kind}: {example} would be one", kind=kind.value, example=EXAMPLES[kind]
        )
    if len(text.split()) > 1:
        return UserError("one value is read at a time, and this is none: several stand in it")
    return UserError("not a value: an address, domain, URL, e-mail, hash, CVE … or KIND:VALUE")


def _zeros(text: str) -> UserError | None:
    if _FOUR(text) is None:
        return None
    decimal = ".".join(str(int(part)) for part in text.split("."))
    octal = in_numbers(text)
    if normal(Kind.IPV4, decimal) is None or octal is None:
        return UserError("an IPv4 address is four numbers from 0 to 255, with dots between")
    return UserError(
        "leading zeros can be octal: {nearest}, or {other}?",
        nearest=_shown(Kind.IPV4, decimal), other=_shown(Kind.IPV4, octal),
    )  # fmt: skip


def _host_bits(text: str) -> UserError | None:
    if (around := addresses.around(text)) is None:
        return None
    address = _shown(Kind.IPV6 if ":" in around[1] else Kind.IPV4, around[1])
    return UserError(
        "its host bits are set: {nearest}, or {address}?",
        nearest=_shown(Kind.NETWORK, around[0]), address=address,
    )  # fmt: skip


def _number_as_host(text: str) -> UserError | None:
    found = _URL(text)
    address = in_numbers(found[2]) if found else None
    nearest = normal(Kind.URL, f"{found[1]}://{address}{found[3]}") if found and address else None
    if nearest is None:
        return None
    return UserError(
        "browsers read that host as a number: {nearest}?", nearest=_shown(Kind.URL, nearest)
    )


def _no_scheme(text: str) -> UserError | None:
    found = _SCHEMELESS(text)
    if found is None or not _is_host(found[1]):
        return None
    nearest = normal(Kind.URL, f"http://{text}")
    if nearest is None:
        return None
    return UserError("a URL begins with its scheme: {nearest}?", nearest=_shown(Kind.URL, nearest))


def _is_host(text: str) -> bool:
    name = domain(text)
    return normal(Kind.IPV4, text) is not None or (name is not None and suffix_of(name) is not None)


def _check_sum(text: str) -> UserError | None:
    is_ethereum = text[:2] == "0x" and len(text) == 42 and _HEX(text[2:]) is not None
    if not is_ethereum and not (_COIN(text) and text.isalnum() and not _HEX(text)):
        return None
    return UserError("the check sum of this coin address is wrong: is a character mistyped?")


def _digits(text: str) -> UserError | None:
    if not _HEX(text):
        return None
    return UserError(
        "{n} digits are no hash: MD5 has 32, SHA-1 40, SHA-256 64, SHA-512 128", n=len(text)
    )


def _suffix(text: str) -> UserError | None:
    name = domain(text)
    if name is None or suffix_of(name) is not None:
        return None
    nearest = f"domain:{_shown(Kind.DOMAIN, name)}"
    return UserError("no such top-level domain: {nearest}, if meant", nearest=nearest)


def _alike(text: str) -> Kind | None:
    """What kind of value a text was perhaps meant to be, by its shape."""
    return next((kind for kind, shape in _ALIKE.items() if shape(text)), None)


def _shown(kind: Kind, value: str) -> str:
    shown = defang(Observable(kind, value))
    return shown if len(shown) <= _SHOWN else defang_text(value[: _SHOWN - 10]) + "…"
