"""What goes between an import and its reader: batches of objects, and what was made of them.

Each is a length in eight bytes, and so many bytes of MessagePack.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import IO

import msgspec

from bot.indicators import observables
from bot.indicators.ready import Ready, ready
from bot.indicators.stix.markings import Definitions
from bot.indicators.stix.objects import read
from bot.indicators.things import Rejected

Found = Sequence[Ready | None]
"""What was made of each, without its bytes; None: whoever asks reads it."""
_encode = msgspec.msgpack.Encoder().encode
_raws = msgspec.msgpack.Decoder(list[bytes]).decode
_found = msgspec.msgpack.Decoder(list[Ready | None]).decode
_LENGTH = 8
_MOST = 1 << 27
"""Bytes of one: a batch has a tenth of it."""


def ask(raws: Sequence[bytes], to: IO[bytes], back: IO[bytes]) -> Found | None:
    """What an answerer at the other end makes of these; None where there is none any more. Raises
    OSError, and msgspec.MsgspecError for an answer that is none.
    """
    _put(to, _encode(raws))
    answered = _get(back)
    return None if answered is None else _found(answered)


def answer(asked: IO[bytes], back: IO[bytes]) -> bool:
    """Make what is to be made of one batch; False at the end."""
    raws = _get(asked)
    if raws is None:
        return False
    _put(back, _encode([_made(raw) for raw in _raws(raws)]))
    return True


def _made(raw: bytes) -> Ready | None:
    """What is set aside, or bears a marking of its source's own, is judged where all that the
    source defined is known.
    """
    item = read(raw, observables.normal, Definitions())
    if isinstance(item, Rejected):
        return None
    made = ready(item)
    made.raw = b""
    return None if made.reason else made


def _put(to: IO[bytes], content: bytes) -> None:
    to.write(len(content).to_bytes(_LENGTH, "big"))
    to.write(content)
    to.flush()


def _get(of: IO[bytes]) -> bytes | None:
    head = of.read(_LENGTH)
    length = int.from_bytes(head, "big")
    return of.read(length) or None if len(head) == _LENGTH and length <= _MOST else None
