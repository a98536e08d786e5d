"""A stream taken into its objects, byte for byte."""

from __future__ import annotations

import gzip
import io
import json
import time
import tracemalloc
from collections.abc import Iterator
from typing import IO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.indicators.stix.pieces import Piece, pieces
from bot.indicators.stix.reasons import Reason
from bot.indicators.stix.window import MAX_OBJECT, Window
from tests.bot.indicators.stix.plain import an_indicator, read


def taken(text: bytes) -> list[Piece]:
    return list(pieces(io.BytesIO(text)))


class Drop:
    """A stream that comes in drops, and cannot be sought in."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts

    def read(self, _size: int = -1) -> bytes:
        return next(self._parts, b"")

    def seekable(self) -> bool:
        return False


def dropped(parts: Iterator[bytes]) -> IO[bytes]:
    return cast("IO[bytes]", Drop(parts))


ONE, TWO = b'{"a": "]}\\"\\\\", "b": [{"c": {}}, 1.50]}', b'{\n "d":\t"\xc3\xa9"}'
FORMS = {
    "a bundle": b'{"type":"bundle","id":"x","objects":[%b,%b]}' % (ONE, TWO),
    "an old bundle": b'{"objects": [%b , %b], "spec_version": "2.0", "type": "bundle"}'
    % (ONE, TWO),
    "an envelope": b'{"more": true, "next": "[{", "objects":\n[%b,\n%b]}' % (ONE, TWO),
    "a list": b" [%b,%b] " % (ONE, TWO),
    "lines": b"%b\n%b\n" % (ONE, TWO.replace(b"\n", b" ")),
    "lines of bundles": b'{"objects":[%b]}\n{"objects":[%b]}' % (ONE, TWO),
    "a byte order mark": b"\xef\xbb\xbf[%b,%b]" % (ONE, TWO),
    "escapes in keys": b'{"x\\u0041":[1], "y": null, "objects":[%b,%b]}' % (ONE, TWO),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_its_objects_byte_for_byte(form: str) -> None:
    second = TWO.replace(b"\n", b" ") if form == "lines" else TWO
    assert taken(FORMS[form]) == [ONE, second]


@pytest.mark.parametrize("form", FORMS)
def test_it_does_not_matter_where_a_stream_is_cut(form: str) -> None:
    text = FORMS[form]
    drops = (text[at : at + 1] for at in range(len(text)))
    assert list(pieces(dropped(drops), size=1)) == taken(text)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
_objects = st.lists(st.dictionaries(st.text(), _json, max_size=4), max_size=12)


@given(_objects, st.sampled_from([None, 2]), st.booleans(), st.integers(1, 60))
def test_whatever_is_in_a_bundle_comes_out(
    objects: list[dict[str, object]], indent: int | None, plain: bool, size: int
) -> None:
    text = json.dumps({"objects": objects}, indent=indent, ensure_ascii=plain).encode()
    cut = (text[at : at + size] for at in range(0, len(text), size))
    for found in (taken(text), list(pieces(dropped(cut), size))):
        assert [json.loads(each) for each in found if isinstance(each, bytes)] == objects


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"", []),
        (b"[]", []),
        (b"<html>", [Reason.NOT_JSON]),
        (b"<html>\n" + ONE, [Reason.NOT_JSON, ONE]),
        (b'"abc', [Reason.NOT_JSON]),
        (b"[1, null, [2], " + ONE + b"]", [Reason.NOT_AN_OBJECT] * 3 + [ONE]),
        (b'{"objects": [%b' % ONE, [ONE, Reason.TRUNCATED]),
        (b'{"objects": [%b, {"a' % ONE, [ONE, Reason.TRUNCATED]),
        (b'{"objects": [%b}' % ONE, [ONE, Reason.NOT_JSON]),
        (b'{"a": {', [Reason.TRUNCATED]),
        (b"{", [Reason.TRUNCATED]),
        (b'{"a" 1}\n' + ONE, [Reason.NOT_JSON, ONE]),
    ],
)
def test_what_is_broken_costs_itself(text: bytes, expected: list[Piece]) -> None:
    assert taken(text) == expected


def test_an_object_that_is_no_json_does_not_cost_its_neighbours() -> None:
    good = [json.dumps(an_indicator()).encode()] * 4000
    text = b'{"objects":[%b]}' % b",".join([*good[:2000], b'{"a": NaN}', *good[2000:]])
    assert taken(text) == [*good[:2000], b'{"a": NaN}', *good[2000:]]


@pytest.mark.parametrize("bad", [b"", b'{"a": NaN}\n', b'{"objects":[{"b": 2}]}\n'])
def test_of_many_lines_each_is_an_object(bad: bytes) -> None:
    line = json.dumps(an_indicator()).encode()
    text = (line + b"\n") * 5000 + bad + (line + b"\n") * 5000
    found = taken(text)
    assert found[:5000] == found[-5000:] == [line] * 5000
    assert len(found) == 10_000 + bool(bad)


def _long(size: int) -> Iterator[bytes]:
    yield b'{"objects": [{"a": 1}, {"x": "'
    for _ in range(size >> 20):
        yield b"\\\\" * (1 << 19)
    yield b'"}, {"b": 2}]}'


def test_a_very_long_string_is_passed_over_and_not_held() -> None:
    tracemalloc.start()
    found = list(pieces(dropped(_long(200 << 20))))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == [b'{"a": 1}', Reason.TOO_LARGE, b'{"b": 2}']
    assert most < 4 * MAX_OBJECT


@pytest.mark.parametrize("more", [0, 1])
def test_an_object_may_have_so_many_bytes_and_no_more(more: int) -> None:
    large = b'{"a":"%b"}' % (b"x" * (MAX_OBJECT - 8 + more))
    assert taken(b"[{},%b,{}]" % large) == [b"{}", Reason.TOO_LARGE if more else large, b"{}"]


HOSTILE = {
    "deep": b'{"objects":[{"a":' + b"[" * 2_000_000,
    "deep and whole": b'{"objects":[{"a":' + b"[" * 500_000 + b"]" * 500_000 + b"},{}]}",
    "many small ones": b'{"objects":[' + b"{}," * 300_000 + b"{}]}",
    "ends that are none": b'{"objects":[' + b'{"a":[{"type":1},{"type":NaN}]},' * 30_000 + b"{}]}",
    "quotes": b'{"objects":[' + b'"' * 2_000_000,
    "escapes": b'{"objects":["' + b"\\" * 2_000_000,
    "a long key": b'{"' + b"a" * 2_000_000,
    "keys": b'{"a":1,' * 200_000,
    "commas": b"[" + b"," * 2_000_000,
    "closed too often": b"[" + b"}" * 200_000,
    "lines of nothing": b"x\n" * 300_000,
    "lines and a bad one": b'{"a":1}\n' * 100_000 + b'{"a":NaN}\n' + b'{"a":1}\n' * 9,
    "lines that begin": b"{\n" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_streams_take_no_longer_than_their_length_allows(name: str) -> None:
    begun = time.process_time()
    for _ in pieces(io.BytesIO(HOSTILE[name])):
        pass
    assert time.process_time() - begun < 3


def test_a_window_holds_little_of_a_long_stream() -> None:
    window = Window(io.BytesIO(b'{"a": 1},' * 1_000_000))
    held = 0
    while window.peek() >= 0:
        window.value()
        held = max(held, len(window.held))
    assert held < 3 << 20


def test_a_compressed_bundle_is_read() -> None:
    text = json.dumps({"objects": [an_indicator()]}).encode()
    assert read(gzip.compress(text)) == read(text)


@pytest.mark.parametrize(
    "text",
    [b"PK\x03\x04rest", gzip.compress(b"[{}]" * 9, mtime=0)[:-9] + b"123456789"],
    ids=["of another kind", "cut off"],
)
def test_an_archive_that_cannot_be_read_is_one_that_is_set_aside(text: bytes) -> None:
    assert read(text)[-1].reason == Reason.PACKED  # type: ignore[union-attr]


def test_a_bomb_is_left_when_it_has_given_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.indicators.stix.reading.MAX_UNPACKED", 30 << 20)
    begun = time.process_time()
    found = read(gzip.compress(b"[" + b" " * (100 << 20) + b"]"))
    assert [each.reason for each in found] == [Reason.PACKED]  # type: ignore[union-attr]
    assert time.process_time() - begun < 5
