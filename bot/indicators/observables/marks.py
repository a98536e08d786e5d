r"""Values that a sign gives away: `://`, `@`, `\`, and words in front (`mutex:`).

Each is looked for from its sign, so a text without it costs one search.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.indicators.observable import Kind, Observable
from bot.indicators.observables.domains import suffix_of
from bot.indicators.observables.hashes import md5, ssdeep
from bot.indicators.observables.identifiers import mutex, sigma, yara
from bot.indicators.observables.places import file_path, registry_key
from bot.indicators.observables.spans import Claimed, Span
from bot.indicators.observables.urls import email, url

_SCHEMES = frozenset(
    """http https ftp ftps sftp ssh telnet ws wss tcp udp smb ldap ldaps rtsp rtmp irc ircs git svn
    rsync tftp socks socks4 socks5 mqtt mqtts smtp smtps imap imaps pop3 redis mysql postgresql
    mongodb amqp vnc rdp gopher dns sip sips xmpp stratum nfs dav davs""".split()  # noqa: SIM905  read at a glance
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,15}\Z")
_REST = re.compile(r"""[^\s<>"`|\\^\x00-\x1f，、；！？）」』】》…]{1,4096}+""")  # noqa: RUF001
_HEAD = re.compile(r"(?:[^\s/?#@<>\"]{1,200}+@)?+[\w\[]")
"""How what follows a scheme begins: the rest is not looked at otherwise."""
_NEXT = re.compile("[,;](?=(?:https?|ftp)://)")
_AFTER = ".,;:!?'*~"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_BOX = re.compile(r"[\w.!#$%&*+/=?^{|}~-]{1,64}\Z")
_AT_HOST = re.compile(r"[\w-]{1,63}+(?:\.[\w-]{1,63}+){1,30}+")
_WORD = r"[^\\/:*?\"<>|`'\s]"
_SEGMENTS = (
    rf"(?:{_WORD}{{1,200}}+(?:(?<![.,;!?)]) (?!HK[CLU]|HKEY|[%-]){_WORD}{{1,100}}+){{0,5}}"
    r"\\{1,2}+){0,64}"
)
"""Folders, and whole words with single spaces between: not a sentence as far as the next path."""
_TAIL = r"[^\\/:*?\"<>|\s`',;]{0,255}+"
_WINDOWS = re.compile(
    rf"(?<![\w%])(?:[A-Za-z]:\\{{1,2}}+|%[A-Za-z0-9_()]{{1,40}}%\\{{1,2}}+|\$env:\w{{1,40}}\\{{1,2}}+"
    rf"|\\\\(?=[\w.?-]{{1,255}}+\\)){_SEGMENTS}{_TAIL}"
)
_KEYS = re.compile(
    r"(?<!\w)(?:HK(?:LM|CU|CR|CC|PD|U):?"
    r"|HKEY_(?:LOCAL_MACHINE|CURRENT_USER|USERS|CLASSES_ROOT|CURRENT_CONFIG|PERFORMANCE_DATA))\\{1,2}+"
    rf"{_SEGMENTS}[^\\\s\"<>|`',;]{{0,255}}+",
    re.IGNORECASE,
)
_POSIX = re.compile(
    r"(?<![\w/.~:\\-])(?:~|/(?:bin|boot|dev|etc|home|lib|lib32|lib64|media|mnt|opt|proc|root|run|sbin"
    r"|srv|sys|tmp|usr|var|Users|Library|Applications|System|private|Volumes|data))"
    r"(?:/[\w.+@%~#=-]{1,255}+){1,64}+/?"
)
_LABELLED = re.compile(
    r"(?<![\w-])(?:(mutex|mutant|yara|sigma) ?:[ ]?(?=\S)"
    r"|(ja3|imphash)s?\b[\"' ]{0,3}[:=]{0,2}[\"' ]{0,3})",
    re.IGNORECASE,
)
_NAME = re.compile(r"[^\s\"'`,;<>]{1,260}+")
_QUOTED = re.compile(r"([\"'`])([^\"'`\r\n]{1,260}+)\1")
_DIGITS = re.compile(r"[0-9a-fA-F]{32}(?![0-9A-Za-z])")
_SSDEEP = re.compile(
    r"(?<![\w:/+])[0-9]{1,9}:[A-Za-z0-9/+]{3,64}+:[A-Za-z0-9/+]{3,64}+(?![\w/+]|:\w)"
)
_SSDEEP_LEAST = 6
"""Characters of the first part: a shorter one is as likely a time or a ratio."""


def links(text: str, _: Claimed) -> Iterator[Span]:
    """URLs with a scheme that is used for such."""
    at = text.find("://")
    while at >= 0:
        found = _SCHEME.search(text[max(0, at - 16) : at])
        scheme = _known(found[0].lower()) if found else ""
        rest = _REST.match(text, at + 3) if scheme and _HEAD.match(text, at + 3) else None
        if rest is not None:
            after = _NEXT.search(text, at + 3, rest.end())
            start = at - len(scheme)
            end = _end_of(text, at + 3, after.start() if after else rest.end())
            if value := url(text[start:end]):
                yield Span(Observable(Kind.URL, value), start, end)
                at = end - 3
        at = text.find("://", at + 3)


def _known(written: str) -> str:
    """The longest end of a word that is a scheme: `xhttp` is none, `-http` is `http`."""
    if written in _SCHEMES:
        return written
    last = re.split(r"[+.-]", written)[-1]
    return last if last in _SCHEMES else ""


def _end_of(text: str, start: int, end: int) -> int:
    """Where a URL ends: before the signs of the sentence, and brackets that it did not open."""
    opened = {
        close: text.count(sign, start, end) - text.count(close, start, end)
        for close, sign in _PAIRS.items()
    }
    while end > start:
        last = text[end - 1]
        if last in _PAIRS and opened[last] < 0:
            opened[last] += 1
        elif last not in _AFTER:
            break
        end -= 1
    return end


def mails(text: str, _: Claimed) -> Iterator[Span]:
    """E-mail addresses whose domain could be one."""
    at = text.find("@")
    while at >= 0:
        box = _BOX.search(text[max(0, at - 64) : at])
        place = _AT_HOST.match(text, at + 1) if box else None
        if box and place:
            name = box[0].lstrip(".!#$%&*+/=?^{|}~-").rpartition("=")[2]
            end = place.end()
            value = email(f"{name}@{place[0]}")
            if value and suffix_of(value.rpartition("@")[2]):
                yield Span(Observable(Kind.EMAIL, value), at - len(name), end)
        at = text.find("@", at + 1)


def keys(text: str, _: Claimed) -> Iterator[Span]:
    """Keys of the registry."""
    return _shaped(text, _KEYS, Kind.REGISTRY_KEY) if "\\" in text else iter(())


def paths(text: str, claimed: Claimed) -> Iterator[Span]:
    """Paths of Windows and of POSIX, the latter from a folder that there is everywhere."""
    if "\\" in text:
        yield from _shaped(text, _WINDOWS, Kind.FILE_PATH)
    if "/" in text:
        for span in _shaped(text, _POSIX, Kind.FILE_PATH):
            if claimed.is_free(span.start, span.end):
                yield span


def _shaped(text: str, shape: re.Pattern[str], kind: Kind) -> Iterator[Span]:
    for found in shape.finditer(text):
        written = found[0].rstrip(".)]}!?:")
        value = registry_key(written) if kind is Kind.REGISTRY_KEY else file_path(written)
        if value is not None:
            yield Span(Observable(kind, value), found.start(), found.start() + len(written))


def labelled(text: str, _: Claimed) -> Iterator[Span]:
    """What only the word in front tells: mutexes, names of rules, JA3 and imphash."""
    for found in _LABELLED.finditer(text):
        if found[2]:
            digits = _DIGITS.match(text, found.end())
            value = md5(digits[0]) if digits else None
            kind = Kind.JA3 if found[2].lower() == "ja3" else Kind.IMPHASH
            if digits and value and not found[0].lower().startswith("ja3s"):
                yield Span(Observable(kind, value), *digits.span())
            continue
        quoted = _QUOTED.match(text, found.end())
        named = quoted or _NAME.match(text, found.end())
        if named is None:
            continue
        start, end = named.span(2 if quoted else 0)
        written = text[start:end] if quoted else text[start:end].rstrip(".):]")
        if span := _labelled(found[1].lower(), written, start):
            yield span


def _labelled(label: str, written: str, start: int) -> Span | None:
    kind, of = {"yara": (Kind.YARA, yara), "sigma": (Kind.SIGMA, sigma)}.get(
        label, (Kind.MUTEX, mutex)
    )
    value = of(written)
    return Span(Observable(kind, value), start, start + len(written)) if value else None


def fuzzy(text: str, _: Claimed) -> Iterator[Span]:
    """Hashes of ssdeep, which times and ratios look like."""
    for found in _SSDEEP.finditer(text):
        value = ssdeep(found[0])
        if value and len(value.split(":")[1]) >= _SSDEEP_LEAST:
            yield Span(Observable(Kind.SSDEEP, value), *found.span())


SCANS = (links, mails, keys, paths, labelled, fuzzy)
