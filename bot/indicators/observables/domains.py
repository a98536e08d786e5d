"""Domain names: letters or punycode in, one ASCII form out; and what the public suffixes say."""

from __future__ import annotations

import re
from functools import cache, lru_cache

import idna
from publicsuffixlist import PublicSuffixList

_ASCII = re.compile(
    r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.){1,126}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
).fullmatch
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?").fullmatch
_LONGEST = 253
_LONGEST_WRITTEN = 1000
SPECIAL = frozenset(
    """example test invalid localhost local localdomain internal intranet lan corp home private i2p
    alt bit""".split()  # noqa: SIM905  read at a glance
)
"""Ends of names that no registry sells, and that are met all the same (RFC 6761, RFC 9476 …)."""


def domain(text: str) -> str | None:
    """Lower case, no dot at the end, each label as DNS knows it (UTS 46, `xn--`).

    Labels may hold `_`, as real host names do. The last begins with a letter: a name that ends in
    a number is an address, or none (WHATWG). Whether its last label exists is not asked here.
    """
    if len(text) <= _LONGEST and _ASCII(text):
        return text
    name = _ascii(text)
    return name if name is not None and _ASCII(name) else None


def host(text: str) -> str | None:
    """A domain, or a single label as in `http://intranet/`."""
    name = _ascii(text)
    if name is None or not (_ASCII(name) or _HOST(name)):
        return None
    return None if name.isdigit() or re.fullmatch(r"0x[0-9a-f]*", name) else name


def suffix_of(name: str) -> str | None:
    """The part of a name that registries sell names under (`co.uk`); None: its end is unknown."""
    last = name.rpartition(".")[2]
    if last in SPECIAL:
        return last
    if not _is_known(last):
        return None
    return _list().publicsuffix(name, accept_unknown=False)


def registrable(name: str) -> str | None:
    """The domain that somebody registered: `example.co.uk` of `www.example.co.uk`."""
    suffix = suffix_of(name)
    if suffix is None or len(name) <= len(suffix):
        return None
    return f"{name[: -len(suffix) - 1].rpartition('.')[2]}.{suffix}"


@lru_cache(4096)
def _is_known(last: str) -> bool:
    return last == "onion" or _list().publicsuffix(last, accept_unknown=False) is not None


@cache
def _list() -> PublicSuffixList:
    """Read at first use: it costs 30 ms."""
    return PublicSuffixList(only_icann=True)


def _ascii(text: str) -> str | None:
    if len(text) > _LONGEST_WRITTEN:
        return None
    bare = text.strip().removesuffix(".")
    if not bare.isascii():
        try:
            mapped = idna.uts46_remap(bare, std3_rules=False, transitional=False)
            bare = ".".join(_punycode(label) for label in mapped.removesuffix(".").split("."))
        except (idna.IDNAError, UnicodeError):
            return None
    name = bare.lower()
    return name if len(name) <= _LONGEST else None


def _punycode(label: str) -> str:
    if label.isascii():
        return label
    if len(label) > 63:
        raise idna.IDNAError
    return "xn--" + label.encode("punycode").decode("ascii")
