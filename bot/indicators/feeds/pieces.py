"""A stream as lines of text, each of bounded length, whatever its bytes are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

LONGEST = 64 * 1024
"""Bytes of a line; of a longer one nothing is read."""


def lines(stream: IO[bytes]) -> Iterator[str | None]:
    """The lines without their ends, one that is too long as None."""
    first = True
    while line := stream.readline(LONGEST + 1):
        if len(line) > LONGEST and not line.endswith(b"\n"):
            while (rest := stream.readline(LONGEST)) and not rest.endswith(b"\n"):
                pass
            yield None
            continue
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        yield text.removeprefix("\ufeff") if first else text
        first = False
