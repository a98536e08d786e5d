"""A whole bundle read as it comes, in one pass and little memory: `read_bundle`."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import IO, cast

import msgspec
from msgspec import Struct

from bot.indicators.stix.markings import Definitions
from bot.indicators.stix.objects import read
from bot.indicators.stix.patterns.kinds import Normal
from bot.indicators.stix.pieces import Stretch, pieces, stretched
from bot.indicators.stix.reasons import Reason
from bot.indicators.things import Item, Rejected, Thing, Unread

MAX_UNPACKED = 4 << 30
"""Bytes that a compressed file may unpack to."""
MAX_WAITING = 16 << 20
"""Bytes of objects that wait for a marking that may yet be defined, where one cannot go back."""
Before = Callable[[str], bool]
_DEFINITION = b'"marking-definition"'


def read_bundle(
    stream: IO[bytes],
    normal: Normal,
    definitions: Definitions | None = None,
    before: Before | None = None,
) -> Iterator[Thing | Rejected]:
    """What each object of a stream says, in order; one that is bad is set aside, and only it.

    The stream holds a bundle of STIX 2.0 or 2.1, a TAXII envelope, a list of objects, one object,
    or an object a line; plain, or, where it can be sought in, compressed with gzip. `definitions`
    is what earlier pages of the same source defined; `before` says of what no page defines whether
    it is a statement that the source defined some other time.

    A marking may be defined behind what it marks. At the first that is not known, the file is
    searched once for its definitions; in a stream that only goes forward, what names it waits.
    """
    known = Definitions() if definitions is None else definitions
    opened = _unpacked(stream)
    if isinstance(opened, Rejected):
        yield opened
        return
    try:
        yield from _Reading(opened, normal, known, before).all()
    except (EOFError, OSError, zlib.error, _TooMuch):
        yield Rejected(Reason.PACKED if opened is not stream else Reason.TRUNCATED)


def unread_bundle(
    stream: IO[bytes],
    normal: Normal,
    known: Mapping[bytes, int] | None = None,
    before: Before | None = None,
) -> Iterator[Item | Stretch]:
    """The same of a stream that can be sought in, each object read only when it is asked for: what
    has come before, unchanged, costs no more than its id. Read them in order, between two of them.

    `known`: the stretches that came before, and how many objects are in each: they are not even
    taken apart. Behind the objects of each other stretch stands what it is to be remembered by.
    """
    if not stream.seekable():
        yield from read_bundle(stream, normal, before=before)
        return
    opened = _unpacked(stream)
    if isinstance(opened, Rejected):
        yield opened
        return
    try:
        yield from _Reading(opened, normal, Definitions(), before).unread(known)
    except (EOFError, OSError, zlib.error, _TooMuch):
        yield Rejected(Reason.PACKED if opened is not stream else Reason.TRUNCATED)


class _Named(Struct):
    id: str = ""


_named = msgspec.json.Decoder(_Named).decode


class _Reading:
    def __init__(
        self, stream: IO[bytes], normal: Normal, known: Definitions, before: Before | None
    ) -> None:
        self._before = before
        self._stream, self._normal, self._known = stream, normal, known
        self._back = stream.tell() if stream.seekable() else None
        self._searched = False
        self._waiting: list[bytes] = []
        self._room = MAX_WAITING

    def all(self) -> Iterator[Thing | Rejected]:
        for piece in pieces(self._stream):
            if isinstance(piece, Reason):
                yield Rejected(piece)
                continue
            found = read(piece, self._normal, self._known)
            if isinstance(found, Rejected) and found.reason == Reason.UNKNOWN_MARKING:
                if self._back is None and len(piece) <= self._room:
                    self._room -= len(piece)
                    self._waiting.append(piece)
                    continue
                if self._search():
                    found = read(piece, self._normal, self._known)
            yield found
        self._ask_before()
        for piece in self._waiting:
            yield read(piece, self._normal, self._known)

    def unread(self, known: Mapping[bytes, int] | None) -> Iterator[Item | Stretch]:
        for piece in stretched(self._stream, known):
            if isinstance(piece, Reason):
                yield Rejected(piece)
            elif isinstance(piece, Stretch):
                yield piece
            elif _DEFINITION in piece:
                yield self._now(piece)
            else:
                yield Unread(piece, self._now, _id_of)

    def _now(self, piece: bytes) -> Thing | Rejected:
        found = read(piece, self._normal, self._known)
        is_unknown = isinstance(found, Rejected) and found.reason == Reason.UNKNOWN_MARKING
        return read(piece, self._normal, self._known) if is_unknown and self._search() else found

    def _search(self) -> bool:
        """Read all definitions of the file, once; False where that was done, or cannot be."""
        if self._searched or self._back is None:
            return False
        self._searched = True
        here = self._stream.tell()
        self._stream.seek(self._back)
        for piece in pieces(self._stream):
            if isinstance(piece, bytes) and _DEFINITION in piece:
                read(piece, self._normal, self._known)
        self._stream.seek(here)
        self._ask_before()
        return True

    def _ask_before(self) -> None:
        """All that is defined here is known: what is not was perhaps defined some other time."""
        if self._before is not None:
            self._known.before = self._before


def _id_of(piece: bytes) -> str:
    try:
        return _named(piece).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


class _TooMuch(Exception):
    pass


class _Unpacking:
    """A compressed stream that gives no more than so much."""

    def __init__(self, packed: IO[bytes]) -> None:
        self._plain = gzip.GzipFile(fileobj=packed)
        self.tell: Callable[[], int] = self._plain.tell
        self.seek: Callable[[int], int] = self._plain.seek

    def seekable(self) -> bool:
        return True

    def read(self, size: int) -> bytes:
        if self._plain.tell() > MAX_UNPACKED:
            raise _TooMuch
        return self._plain.read(size)


def _unpacked(stream: IO[bytes]) -> IO[bytes] | Rejected:
    """The stream itself, or what is in it."""
    if not stream.seekable():
        return stream
    first = stream.tell()
    head = stream.read(4)
    stream.seek(first)
    if head == b"PK\x03\x04":
        return Rejected(Reason.PACKED)
    return cast("IO[bytes]", _Unpacking(stream)) if head[:2] == b"\x1f\x8b" else stream
