"""CSV: a value in one column, and what is said of it in others."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import IO

from bot.errors import FeedError
from bot.feeds.problems import Problem
from bot.indicators.feeds.lines import Row, Rows, micro
from bot.indicators.feeds.pieces import lines
from bot.indicators.feeds.source import Source
from bot.indicators.feeds.texts import NO_VALUE
from bot.indicators.feeds.values import value
from bot.indicators.observable import Kind
from bot.indicators.things import Rejected, Thing
from bot.sharing.marking import Label, Marking, parse_label

COLUMNS = ("value", "type", "confidence", "labels", "name", "first", "last", "marking")
"""What a column may hold. `labels` are separated by commas, semicolons or blanks."""
UNREADABLE, NO_MARKING, RED = "unreadable-row", "unknown-marking", "red"
_KINDS = {kind.value: kind for kind in Kind}
_HEADER_WITHIN = 200
"""Lines in which a header has to come."""


def read_csv(stream: IO[bytes], source: Source, now: datetime) -> Iterator[Thing | Rejected]:
    """A thing for each row that has a value. Raises FeedError where the header does not name the
    columns that are asked for: then the file is another than it was.
    """
    rows, at, waited = Rows(source.name, source.ttl, now), _numbered(source.columns), 0
    for cells in _cells(stream, source):
        if isinstance(cells, Rejected):
            yield cells
        elif at is None:
            at, waited = _header(cells, source), waited + 1
            if at is None and waited > _HEADER_WITHIN:
                break
        elif not cells[0].lstrip().startswith(source.comment or "\0"):
            yield _read(cells, at, source, rows)
    if at is None:
        raise FeedError(Problem.UNREADABLE)


def _cells(stream: IO[bytes], source: Source) -> Iterator[Sequence[str] | Rejected]:
    """The rows that are not empty. Comments are given too: a header may stand in one."""
    text = (line for line in lines(stream) if line is not None)
    reader = csv.reader(text, delimiter=source.delimiter, skipinitialspace=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # a field without end: the reader goes on behind it
            yield Rejected(UNREADABLE)
            continue
        if any(cell.strip() for cell in cells):
            yield cells


def _numbered(columns: Mapping[str, str | int]) -> dict[str, int] | None:
    """The columns from 0, None where a header has to say; without any, the first is the value."""
    if not columns:
        return {"value": 0}
    if any(isinstance(each, str) for each in columns.values()):
        return None
    return {what: int(each) for what, each in columns.items()}


def _header(cells: Sequence[str], source: Source) -> dict[str, int] | None:
    """Where the columns are by this row, None where it is not the header."""
    names = [cell.strip().strip('"').lower() for cell in cells]
    if source.comment and names[0].startswith(source.comment):
        names[0] = names[0].lstrip(source.comment).strip().strip('"')
    found = {}
    for what, name in source.columns.items():
        if isinstance(name, int):
            found[what] = name
        elif name.lower() in names:
            found[what] = names.index(name.lower())
        else:
            return None
    return found


def _read(
    cells: Sequence[str], at: Mapping[str, int], source: Source, rows: Rows
) -> Thing | Rejected:
    written = {what: cells[n].strip() for what, n in at.items() if 0 <= n < len(cells)}
    kind = _KINDS.get(written.get("type", "").lower(), source.kind)
    found = value(written.get("value", ""), kind)
    marking = _marking(written.get("marking", ""))
    if found is None:
        if isinstance(marking, Rejected):  # whatever it is: nothing of it may be kept
            return marking
        return Rejected(NO_VALUE, raw=source.delimiter.join(cells).encode())
    if isinstance(marking, Rejected):  # with its id: what became TLP:RED is withdrawn
        return Rejected(marking.reason, rows.id_of(found))
    labels = written.get("labels", "").replace(";", ",").replace("|", ",").split(",")
    return rows.thing(
        Row(
            found,
            written,
            marking=marking,
            confidence=_percent(written.get("confidence", "")),
            labels=tuple(dict.fromkeys(label.strip() for label in labels if label.strip())),
            name=written.get("name", ""),
            first=_moment(written.get("first", "")),
        )
    )


def _marking(text: str) -> Marking | Rejected | None:
    """None where the cell is empty. One that cannot be read counts as the most restrictive."""
    if not text:
        return None
    label = parse_label(text.upper() if text.upper().startswith("TLP:") else f"TLP:{text.upper()}")
    if label is None and text.upper().removeprefix("TLP:") == "WHITE":
        label = Label.CLEAR
    if label is None:
        return Rejected(NO_MARKING)
    return Rejected(RED) if label is Label.RED else Marking(label)


def _percent(text: str) -> int | None:
    number = text.removesuffix("%").strip()
    if not (number.isascii() and number.isdigit() and len(number) < 4):
        return None
    return int(number) if int(number) <= 100 else None


def _moment(text: str) -> int | None:
    """RFC 3339, or what looks like it; without a zone, UTC."""
    try:
        found = datetime.fromisoformat(text.removesuffix(" UTC").strip())
        return micro(found if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
