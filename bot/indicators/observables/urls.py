"""URLs and e-mail addresses: their one normal form, which never loses what matters."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import unquote_to_bytes

from bot.indicators.observables.addresses import ipv4
from bot.indicators.observables.domains import domain, host

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30}):(?://|\\\\)([^/?#\\]*)([^?#]*)(\?[^#]*)?(#.*)?")
_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21", "ssh": "22"}
_ROOTED = frozenset({"http", "https", "ws", "wss", "ftp", "ftps"})
"""Where no path at all and `/` are the same."""
_ESCAPED = re.compile("%([0-9A-Fa-f]{2})")
_LOOSE = re.compile("%(?![0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_KEPT = re.compile(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]")
_LOCAL = re.compile(r"[^\s\"(),:;<>@\[\\\]\x00-\x1f]{1,64}").fullmatch
_SIMPLE = re.compile(
    r"https?://((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,30}[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)"
    r"/[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*(?:#[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*)?"
).fullmatch
"""Already in its normal form: most of what feeds hold."""
_LONGEST = 8192


def url(text: str) -> str | None:
    """Scheme and host in lower case, the host in ASCII, no default port, one way to escape.

    Path, query and fragment keep every character, `..` and empty parts too; credentials stay.
    """
    if len(text) > _LONGEST:
        return None
    if (simple := _SIMPLE(text)) and len(simple[1]) <= 253:
        return text
    if (found := _URL.fullmatch(text.strip())) is None:
        return None
    scheme = found[1].lower()
    place = _place(scheme, found[2])
    if place is None:
        return None
    # Right behind the host it ends that for all of them: escaped, it would be a part of it.
    slashed = scheme in _ROOTED or found[3].startswith("\\")
    path = found[3].replace("\\", "/") if slashed else found[3]
    rest = "".join(_escaped(part) for part in (path, found[4] or ""))
    if not found[3] and scheme in _ROOTED:
        rest = "/" + rest
    mark = "#" + _escaped(found[5][1:]) if found[5] is not None else ""
    return f"{scheme}://{place}{rest}{mark}"


def email(text: str) -> str | None:
    """Lower case on both sides: no provider of note tells the cases of a box apart."""
    if len(text) > 1000:
        return None
    bare = text.strip()
    if bare[:7].lower() == "mailto:":
        bare = bare[7:].partition("?")[0]
    box, _, place = bare.rpartition("@")
    if not box or (at := domain(place)) is None:
        return None
    box = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", box).lower())
    good = _LOCAL(box) and not box.startswith(".") and not box.endswith(".") and ".." not in box
    return f"{box}@{at}" if good else None


def host_of(text: str) -> str:
    """The host of a URL in its normal form, without brackets."""
    place = text.partition("://")[2]
    for end in "/?#":
        place = place.partition(end)[0]
    place = place.rpartition("@")[2]
    return place[1:].partition("]")[0] if place.startswith("[") else place.partition(":")[0]


def in_numbers(text: str) -> str | None:
    """What browsers make of a host that is a number (`0x7f.1`, octal too), as an address."""
    parts = text.removesuffix(".").split(".")
    try:
        numbers = [_number(part) for part in parts]
        if len(numbers) > 4 or any(each > 255 for each in numbers[:-1]):
            return None
        last = numbers.pop()
        if last >= 256 ** (4 - len(numbers)):
            return None
        first = sum(each << 8 * (3 - at) for at, each in enumerate(numbers))
        return str(ipaddress.IPv4Address(first + last))
    except ValueError:
        return None


def _number(text: str) -> int:
    if not re.fullmatch(r"0[xX][0-9A-Fa-f]{0,30}|[0-9]{1,30}", text):
        raise ValueError
    if text[:2] in ("0x", "0X"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if len(text) > 1 and text.startswith("0") else int(text)


def _place(scheme: str, written: str) -> str | None:
    """Credentials, host and port."""
    who, at, where = written.rpartition("@")
    if where.startswith("["):
        inner, _, rest = where[1:].partition("]")
        name = _bracketed(inner)
    else:
        inner, colon, port = where.partition(":")
        name, rest = "" if not inner and scheme == "file" else _named(inner), colon + port
    if name is None or (rest and (rest[0] != ":" or not _is_port(rest[1:]))):
        return None
    port = rest[1:].lstrip("0") or ("0" if rest[1:] else "")
    shown = f":{port}" if port and port != _PORTS.get(scheme) else ""
    return f"{_escaped(who)}{at}{name}{shown}"


def _bracketed(text: str) -> str | None:
    try:
        return f"[{ipaddress.IPv6Address(text.partition('%')[0]).compressed}]"
    except ValueError:
        return None


def _named(text: str) -> str | None:
    if "%" in text:
        try:
            text = unquote_to_bytes(text).decode("utf-8")
        except UnicodeDecodeError:
            return None
    return ipv4(text.removesuffix(".")) or host(text)


def _is_port(text: str) -> bool:
    return not text or (text.isascii() and text.isdigit() and len(text) < 7 and int(text) < 65536)


def _escaped(text: str) -> str:
    """Every escape in upper case, none that is not needed, and one for all that is not plain."""
    if "%" in text:
        text = _ESCAPED.sub(_as_is, _LOOSE.sub("%25", text))
    return _KEPT.sub(_as_bytes, text)


def _as_is(found: re.Match[str]) -> str:
    byte = int(found[1], 16)
    return chr(byte) if byte in _UNRESERVED else f"%{found[1].upper()}"


def _as_bytes(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace"))
