"""One value as somebody typed it: what it is, or what was expected instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bot.errors import UserError
from bot.indicators.observable import Kind, Observable
from bot.indicators.observables import addresses, hashes, places
from bot.indicators.observables.defanging import defang
from bot.indicators.observables.domains import domain, suffix_of
from bot.indicators.observables.filenames import EXTENSIONS, is_file
from bot.indicators.observables.kinds import prefixed
from bot.indicators.observables.normal import normal, settled
from bot.indicators.observables.refanging import Refanged
from bot.indicators.observables.refusing import refusal

LONGEST = 8192
"""Characters of the longest value that is read."""
_PAIRS = {"(": ")", "[": "]", "{": "}", "<": ">", "*": "*", "_": "_", "~": "~"}
_EDGES = "\"'`,;! \t\r\n"
_HASHES = {32: Kind.MD5, 40: Kind.SHA1, 64: Kind.SHA256, 128: Kind.SHA512}
_FUZZY = re.compile(r"[0-9]{1,10}:[A-Za-z0-9/+]{6}").match
"""So long that it is neither a time nor a ratio."""
_PORT = re.compile(r"(\[[0-9A-Fa-f:.%]{2,60}\]|[^\s:/@\[\]]{1,300}):[0-9]{1,5}").fullmatch
_SPOKEN = (
    (re.compile(r"\s+(?i:dot)\s+|\s+\.\s*(?=\w)"), "."),
    (re.compile(r"\s+(?i:at)\s+|\s+@\s*(?=\w)"), "@"),
    (re.compile(r"\s+://\s*(?=[\w\[])"), "://"),
)
"""What is understood where one value is typed. A dot with a space behind it alone may end it."""


def read(text: str) -> Observable:
    """The value that a text is, however it was disarmed and whatever stands around it.

    `KIND:VALUE` says what it is. Raises UserError with what was expected and, where there is one,
    the nearest reading.
    """
    if len(text) > LONGEST:
        raise UserError("too long for one value: {n} characters at most", n=LONGEST)
    refanged = Refanged(text.strip())
    whole = refanged.text.strip()
    disarmed = refanged.is_rewritten(0, len(refanged.text))
    for written in (whole, _bare(whole)):
        if (told := prefixed(written)) is not None:
            return _of_kind(*told)
    bare = _bare(whole)
    found = guess(bare, disarmed=disarmed)
    if found is None and " " in bare:
        found = guess(_spoken(bare), disarmed=True)
    if found is None:
        raise refusal(bare)
    return found


def guess(bare: str, *, disarmed: bool = False) -> Observable | None:
    """What a refanged text without anything around it is, judged by its shape alone."""
    for shape in (_digits, _address, _named_by_shape, _place, _net, _name):
        if found := shape(bare, disarmed):
            return found
    return None


def _of_kind(kind: Kind, rest: str) -> Observable:
    found = settled(kind, rest) or settled(kind, _bare(rest))
    if found is None:
        raise refusal(_bare(rest), kind)
    return found


def _bare(text: str) -> str:
    """Without the quotes, brackets and full stops that people put around a value."""
    before = None
    while text != before:
        before = text
        text = text.strip(_EDGES if "://" in text else _EDGES + "?")
        if len(text) > 1 and _PAIRS.get(text[0]) == text[-1]:
            text = text[1:-1]
        if text.endswith((".", ":")) and not text.endswith(("..", "::", ".:")):
            text = text[:-1]
    return text


def _spoken(text: str) -> str:
    for word, sign in _SPOKEN:
        text = word.sub(sign, text)
    return text


def _first(tries: Iterator[tuple[Kind, str | None]]) -> Observable | None:
    return next((Observable(kind, found) for kind, found in tries if found is not None), None)


def _try(*kinds: Kind) -> Callable[[str, bool], Observable | None]:
    def shape(text: str, _: bool) -> Observable | None:
        return _first((kind, normal(kind, text)) for kind in kinds)

    return shape


def _digits(text: str, _: bool) -> Observable | None:
    kind = _HASHES.get(len(text))
    found = normal(kind, text) if kind is not None else None
    return Observable(kind, found) if kind is not None and found is not None else None


def _address(text: str, _: bool) -> Observable | None:
    if port := _PORT(text):
        text = port[1]
    found = settled(Kind.NETWORK if "/" in text else Kind.IPV4, text)
    return found if found is None or found.kind is not Kind.DOMAIN else None


def _named_by_shape(text: str, _: bool) -> Observable | None:
    if text[:2].upper() == "AS" and (found := addresses.asn(text)):
        return Observable(Kind.ASN, found)
    if not text.isalnum() and (found := addresses.mac(text)):
        return Observable(Kind.MAC, found)
    if text[:2] in ("0x", "0X") and (found := normal(Kind.ETHEREUM, text)):
        return Observable(Kind.ETHEREUM, found)
    if _FUZZY(text) and (found := hashes.ssdeep(text)):
        return Observable(Kind.SSDEEP, found)
    return _BY_SHAPE(text, _)


_BY_SHAPE = _try(Kind.CVE, Kind.TECHNIQUE, Kind.TLSH, Kind.BITCOIN, Kind.MONERO)


def _place(text: str, _: bool) -> Observable | None:
    if "\\" not in text and text[1:3] != ":/" and not text.startswith(("/", "~/")):
        return None
    return _first(iter(((Kind.REGISTRY_KEY, places.registry_key(text)),
                        (Kind.FILE_PATH, places.file_path(text)))))  # fmt: skip


def _net(text: str, _: bool) -> Observable | None:
    if "://" in text or ":\\\\" in text:
        found = normal(Kind.URL, text)
        return None if found is None else Observable(Kind.URL, found)
    found = normal(Kind.EMAIL, text) if "@" in text else None
    return None if found is None else Observable(Kind.EMAIL, found)


def _name(text: str, disarmed: bool) -> Observable | None:
    """A domain or a file; `filenames` says which."""
    port = _PORT(text)
    name = domain(port[1] if port else text)
    if name is not None and suffix_of(name) is not None:
        plainly_a_domain = disarmed or port is not None or text.endswith(".")
        if plainly_a_domain or not is_file(name):
            return Observable(Kind.DOMAIN, name)
    last = text.rpartition(".")[2].lower() if "." in text else ""
    found = places.file_name(text) if last in EXTENSIONS else None
    return None if found is None else Observable(Kind.FILE_NAME, found)


def typed(observable: Observable) -> str:
    """How the value can be typed so that it is read as this very one: harmless, and never twice
    meant.
    """
    return f"{observable.kind.value}:{defang(observable)}"
