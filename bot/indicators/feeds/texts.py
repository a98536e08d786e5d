"""Plain text lists: one value a line, or text with values in it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import IO

from bot.indicators.feeds.lines import Row, Rows
from bot.indicators.feeds.pieces import lines
from bot.indicators.feeds.source import Source
from bot.indicators.feeds.values import value, values_in
from bot.indicators.things import Rejected, Thing

_NOWHERE = {"0.0.0.0", "127.0.0.1", "::", "::1"}  # noqa: S104  read, not listened at
"""Where a hosts file sends the names that it blocks."""
NO_VALUE, TOO_LONG = "no-value", "too-long"


def read_text(stream: IO[bytes], source: Source, now: datetime) -> Iterator[Thing | Rejected]:
    """A thing for each value; a line that has none is set aside. `source.comment`: with what a
    comment begins, on a line of its own or behind a value and a blank.
    """
    rows = Rows(source.name, source.ttl, now)
    for line in lines(stream):
        if line is None:
            yield Rejected(TOO_LONG)
            continue
        text = without_comment(line, source.comment)
        if not text:
            continue
        whole = value(_blocked(text), source.kind)
        found = [whole] if whole is not None else values_in(text, source.kind)
        for each in found:
            yield rows.thing(Row(each, {"line": text}))
        if not found:
            yield Rejected(NO_VALUE, raw=line.encode())


def without_comment(line: str, comment: str) -> str:
    """What stands before a comment; all of it where comments have no sign."""
    text = line.strip()
    if not comment:
        return text
    if text.startswith(comment):
        return ""
    for blank in (" ", "\t"):
        text = text.partition(blank + comment)[0]
    return text.strip()


def _blocked(text: str) -> str:
    """Of a line of a hosts file the name."""
    where, _, name = text.partition(" ") if " " in text else text.partition("\t")
    return name.strip() if where in _NOWHERE and name else text
