"""A stream taken into its objects, byte for byte: a bundle, a TAXII envelope, a list, one object,
or an object a line. Larger than memory, and whatever is in it.

JSON that decodes is whole: a megabyte is cut where an object seems to end, and if what stands
before the cut is a list of whole values, it was one. Else the brackets are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import IO, NamedTuple

import msgspec

from bot.indicators.stix.reasons import Reason
from bot.indicators.stix.window import WINDOW, Window

_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_LINE = msgspec.json.Decoder(msgspec.Raw)
_BETWEEN = re.compile(
    rb'\}\s{0,64},\s{0,64}\{\s{0,64}(?P<first>"(?:type|id|spec_version|created|modified)")?'
)
_TRIES, _LOOKED_AT = 4, 64
_BEHIND_LINE = re.compile(rb"\n\s*(?=[{\[])")
_KEY = re.compile(rb'"(?P<key>[^"\\]{0,64})"\s*:\s*(?P<first>.)', re.DOTALL)

Piece = bytes | Reason
"""The bytes of one object, or why there are none."""


class Stretch(NamedTuple):
    """Some whole objects beside each other, by a hash of their bytes. `is_known`: they have come
    before, and are not given again; else it stands behind them.
    """

    digest: bytes
    objects: int
    is_known: bool


def pieces(stream: IO[bytes], size: int = WINDOW) -> Iterator[Piece]:
    """Each object of a stream, in order; `size` is how much is read at a time."""
    for each in stretched(stream, None, size):
        assert not isinstance(each, Stretch)
        yield each


def stretched(
    stream: IO[bytes], known: Mapping[bytes, int] | None, size: int = WINDOW
) -> Iterator[Piece | Stretch]:
    """The same with the stretches that it is read in; of those that are known nothing else."""
    window = Window(stream, size)
    window.fill(3)
    if window.held.startswith(b"\xef\xbb\xbf", window.at):
        window.at += 3
    while (byte := window.peek()) >= 0:
        if byte == ord("["):
            window.at += 1
            yield from elements(window, known)
        elif byte == ord("{"):
            whole = _lines(window) if window.lined else None
            if whole is None:
                yield from _document(window, known)
            else:
                yield from map(bytes, whole)
        else:
            yield Reason.NOT_JSON
            if not _next_line(window):
                return


def _document(window: Window, known: Mapping[bytes, int] | None) -> Iterator[Piece | Stretch]:
    """An object: what its `objects` lists, or, where it has no such list, itself."""
    window.kept = window.at
    window.at += 1
    listed = False
    while (byte := window.peek()) != ord("}"):
        opened = _key(window) if byte == ord('"') else None
        if opened is None:
            if byte >= 0 or not listed:
                yield Reason.TRUNCATED if byte < 0 else Reason.NOT_JSON
            window.kept = -1
            _next_line(window)
            return
        if opened:
            listed = True
            window.kept = -1
            window.at += 1
            yield from elements(window, known)
        elif not window.value():
            yield Reason.TRUNCATED
            return
    window.at += 1
    window.lined = not listed
    if not listed:
        yield window.release()


def _lines(window: Window) -> list[msgspec.Raw] | None:
    """The whole lines at the start of the window; None where it is not one plain object a line."""
    window.fill()
    cut = window.held.rfind(b"\n", window.at) + 1
    lines = window.held[window.at : cut]
    if window.unlined == window.reads or not lines or b'"objects"' in lines:
        return None
    try:
        found = _LINE.decode_lines(lines)
    except (msgspec.DecodeError, RecursionError):
        window.unlined = window.reads
        return None
    window.at = cut
    return found


def _key(window: Window) -> bool | None:
    """Go behind a key: whether a list of objects begins there; None where there is no value."""
    window.fill(1024)
    found = _KEY.match(window.held, window.at)
    if found is not None:
        window.at = found.end() - 1
        return found["key"] == b"objects" and found["first"] == b"["
    if not window.value() or window.peek() != ord(":"):
        return None
    window.at += 1
    return False if window.peek() >= 0 else None


def _next_line(window: Window) -> bool:
    """Go to the next line that begins an object or list; False where there is none."""
    while True:
        found = _BEHIND_LINE.search(window.held, window.at)
        if found is not None:
            window.at = found.end()
            return True
        window.at = len(window.held)
        if not window.more():
            return False


def elements(window: Window, known: Mapping[bytes, int] | None) -> Iterator[Piece | Stretch]:
    """The elements of a list whose bracket was just read."""
    counted = 0
    while True:
        window.fill()
        byte = window.peek()
        if byte < 0:
            yield Reason.TRUNCATED
        if byte < 0 or byte == ord("]"):
            window.at += 1
            return
        if window.left > counted:
            whole = _whole(window, known)
            if whole:
                yield from whole
                continue
            counted = window.left
        left, reads = window.left, window.reads
        yield (one := _one(window))
        if one is Reason.TRUNCATED or one is Reason.NOT_JSON:
            return
        counted = counted - left + window.left if reads == window.reads else 0


def _one(window: Window) -> Piece:
    """One element, whatever it is, by counting brackets."""
    byte = window.held[window.at]
    if byte in b"}:":
        window.at += 1
        return Reason.NOT_JSON
    window.kept = window.at
    if not window.value():
        window.at = len(window.held)
        return Reason.TRUNCATED
    return window.release() if byte == ord("{") else Reason.NOT_AN_OBJECT


def _whole(window: Window, known: Mapping[bytes, int] | None) -> Sequence[Piece | Stretch] | None:
    """The whole elements at the start of the window; None if that cannot be told at once."""
    for number, cut in enumerate(_cuts(window.held, window.at)):
        held = window.held[window.at : cut]
        digest = b"" if known is None or number else sha256(held).digest()
        if known and digest in known:
            window.at = cut
            return [Stretch(digest, known[digest], is_known=True)]
        try:
            found = _LIST.decode(b"[%b]" % held)
        except (msgspec.DecodeError, RecursionError):
            continue
        window.at = cut
        given: list[Piece | Stretch] = list(map(bytes, found))
        return [*given, Stretch(digest, len(found), is_known=False)] if digest else given
    return None


def _cuts(held: bytes, first: int) -> list[int]:
    """Where the last whole element may end, the likeliest first."""
    likely: list[int] = []
    possible: list[int] = []
    at = len(held)
    for _ in range(_LOOKED_AT):
        at = held.rfind(b"}", first, at)
        if at < 0:
            break
        found = _BETWEEN.match(held, at)
        if found is not None:
            (likely if found["first"] else possible).append(at + 1)
    return [*likely[:_TRIES], *possible[:_TRIES]]
