"""MISP's files taken apart as they come: larger than memory, and whatever is in them.

An event takes two passes: what it says of itself may stand behind its attributes. The first one
sees that the file is whole; the second gives the bytes of each attribute, and holds no two of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

import msgspec

from bot.errors import FeedError
from bot.feeds.problems import Problem
from bot.indicators.stix.pieces import Piece, elements
from bot.indicators.stix.reasons import Reason
from bot.indicators.stix.window import Window

_OPEN, _CLOSE, _LIST, _END = b"{}[]"
_QUOTE, _COLON = b'":'
_OWN = frozenset({"uuid", "info", "timestamp", "Tag"})
_text = msgspec.json.Decoder(str).decode


def head(stream: IO[bytes]) -> bytes:
    """What an event says of itself, as an object of JSON. Raises FeedError for what is no event,
    or breaks off.
    """
    window, found = opened(stream), dict[str, bytes]()
    for key in _of_event(window):
        if key in _OWN:
            window.kept = window.at
        pass_over(window)
        if key in _OWN:
            found[key] = held_of(window)
    return b"{%b}" % b",".join(b'"%b":%b' % (key.encode(), raw) for key, raw in found.items())


def attributes(stream: IO[bytes]) -> Iterator[Piece]:
    """The bytes of each attribute of the event, and of its objects, or why there are none. Raises
    FeedError.
    """
    window = opened(stream)
    for key in _of_event(window):
        if window.peek() == _LIST and key == "Attribute":
            yield from _listed(window)
        elif window.peek() == _LIST and key == "Object":
            yield from _of_objects(window)
        else:
            pass_over(window)


def opened(stream: IO[bytes]) -> Window:
    """A file, behind its byte order mark if it has one."""
    window = Window(stream)
    window.fill(3)
    if window.held.startswith(b"\xef\xbb\xbf"):
        window.at += 3
    return window


def _of_event(window: Window) -> Iterator[str]:
    """The keys of the event, as of `members`."""
    there = False
    for key in members(window):
        if key == "Event" and window.peek() == _OPEN:
            there = True
            yield from members(window)
        else:
            pass_over(window)
    if not there:
        raise FeedError(Problem.UNREADABLE)


def _of_objects(window: Window) -> Iterator[Piece]:
    window.at += 1
    while (byte := window.peek()) != _END:
        if byte == _OPEN:
            for key in members(window):
                if key == "Attribute" and window.peek() == _LIST:
                    yield from _listed(window)
                else:
                    pass_over(window)
        else:
            yield Reason.NOT_AN_OBJECT
            pass_over(window)
    window.at += 1


def _listed(window: Window) -> Iterator[Piece]:
    window.at += 1
    for each in elements(window, None):
        if isinstance(each, bytes | Reason):
            yield each


def members(window: Window) -> Iterator[str]:
    """The keys of the object that begins here; whoever gets one stands before its value, and goes
    behind it. Raises FeedError.
    """
    if window.peek() != _OPEN:
        raise FeedError(Problem.UNREADABLE)
    window.at += 1
    while (byte := window.peek()) != _CLOSE:
        if byte != _QUOTE:
            raise FeedError(Problem.UNREADABLE)
        window.kept = window.at
        pass_over(window)
        try:
            key = _text(held_of(window))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise FeedError(Problem.UNREADABLE) from None
        if window.peek() != _COLON:
            raise FeedError(Problem.UNREADABLE)
        window.at += 1
        yield key
    window.at += 1


def pass_over(window: Window) -> None:
    """Go behind a value. Raises FeedError where there is none, or where it breaks off."""
    before = window.peek()
    if before in {-1, _CLOSE, _END, _COLON} or not window.value():
        raise FeedError(Problem.UNREADABLE)


def held_of(window: Window) -> bytes:
    """What was kept. Raises FeedError for more than is held of one object."""
    found = window.release()
    if isinstance(found, Reason):
        raise FeedError(Problem.UNREADABLE)
    return found
