"""What hangs on an object's row: taken out with it, or along to the row that takes its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from bot.indicators.keys import network_key, tag_key, value_key
from bot.indicators.named import read_values
from bot.indicators.observable import Kind
from bot.indicators.raw import Asking

_strings = msgspec.json.Decoder(list[str]).decode
Row = tuple[int, str, str]
"""An object's number, and its columns `named` and `labels`."""


def remove(asking: Asking, objects: Iterable[Row]) -> None:
    """Take rows out, with all that hangs on them."""
    gone: list[int] = []
    for number, named, labels in objects:
        gone.append(number)
        for table, key in _found_by(named, labels):
            asking.do(_NO_MORE[table], (key, number))
    for table in ("indicator_link", "indicator_sighting", "indicator_raw"):
        asking.remove(f"DELETE FROM {table} WHERE object IN ({{}})", gone)  # noqa: S608  ours
    asking.remove("DELETE FROM indicator_object WHERE id IN ({})", gone)


def follow(asking: Asking, old: Row, new: int) -> None:
    """Let all that an object has and is found by be another row's; its sightings are not."""
    number, named, labels = old
    for table, key in _found_by(named, labels):
        asking.do(_ANOTHERS[table], (new, key, number))
    asking.do("UPDATE indicator_raw SET object = ? WHERE object = ?", (new, number))
    asking.do("UPDATE indicator_link SET object = ? WHERE object = ?", (new, number))


def _found_by(named: str, labels: str) -> Iterator[tuple[str, int | bytes]]:
    """The table and key of each row by which an object is found: no table is looked through."""
    values = read_values(named)
    for said in values:
        yield "statement", value_key(said.observable)
        if said.observable.kind is Kind.NETWORK:
            yield "network", network_key(said.observable.value)
    tags: Sequence[str] = _strings(labels) if values and labels else ()
    yield from (("tag", key) for key in sorted(set(map(tag_key, tags))))


_TABLES = ("statement", "network", "tag")
_NO_MORE = {
    each: f"DELETE FROM indicator_{each} WHERE key = ? AND object = ?"  # noqa: S608  ours
    for each in _TABLES
}
_ANOTHERS = {
    each: f"UPDATE indicator_{each} SET object = ? WHERE key = ? AND object = ?"  # noqa: S608  ours
    for each in _TABLES
}
