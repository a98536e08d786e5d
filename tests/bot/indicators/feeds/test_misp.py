"""MISP feeds: a manifest, events, attributes, and what they are worth."""

from __future__ import annotations

import contextlib
import json
import tracemalloc
from io import BytesIO
from tempfile import TemporaryFile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import FeedError
from bot.indicators.feeds import misp
from bot.indicators.feeds.misp import MOST, base, changed, read_manifest
from bot.indicators.feeds.misp_events import read_event
from bot.indicators.observable import Kind
from bot.indicators.things import Rejected, Thing
from bot.sharing.marking import Label, Marking

EVENT = "5fd1c0ac-1111-4abc-8def-000000000001"


def uuid(number: int) -> str:
    return f"5fd1c0ac-2222-4abc-8def-{number:012d}"


def attribute(number: int, kind: str, value: str, *tags: str, **more: Any) -> dict[str, Any]:
    return {"uuid": uuid(number), "type": kind, "value": value, "timestamp": "1772000000",
            "to_ids": True, "Tag": [{"name": each} for each in tags], **more}  # fmt: skip


def event(*attributes: object, tags: tuple[str, ...] = (), objects: Any = ()) -> bytes:
    told = {"uuid": EVENT, "info": "OSINT", "timestamp": "1772000000",
            "Tag": [{"name": each} for each in tags], "Attribute": attributes,
            "Object": [{"name": "file", "Attribute": each} for each in objects]}  # fmt: skip
    return json.dumps({"Event": told}).encode()


def read(content: bytes) -> list[Thing | Rejected]:
    return list(read_event(BytesIO(content)))


def said(kind: str, value: str, **more: Any) -> list[tuple[Kind, str, bool]]:
    found = read(event(attribute(1, kind, value, **more)))[1]
    assert isinstance(found, Thing)
    return [(each.observable.kind, each.observable.value, each.part) for each in found.said]


MD5 = "d41d8cd98f00b204e9800998ecf8427e"


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("ip-dst", "198.51.100.7", [(Kind.IPV4, "198.51.100.7", False)]),
        ("ip-src", "2001:DB8::7", [(Kind.IPV6, "2001:db8::7", False)]),
        ("ip-dst", "198.51.100.0/24", [(Kind.NETWORK, "198.51.100.0/24", False)]),
        ("domain|ip", "evil.example.com|198.51.100.7",
         [(Kind.DOMAIN, "evil.example.com", False), (Kind.IPV4, "198.51.100.7", False)]),
        ("ip-dst|port", "198.51.100.7|443", [(Kind.IPV4, "198.51.100.7", False)]),
        ("hostname|port", "evil.example.com|443", [(Kind.DOMAIN, "evil.example.com", False)]),
        ("filename|md5", f"a.exe|{MD5.upper()}",
         [(Kind.FILE_NAME, "a.exe", True), (Kind.MD5, MD5, False)]),
        ("malware-sample", f"a.exe|{MD5}",
         [(Kind.FILE_NAME, "a.exe", True), (Kind.MD5, MD5, False)]),
        ("vulnerability", "CVE-2024-1234", [(Kind.CVE, "CVE-2024-1234", False)]),
        ("ip-dst", "not an address", []),
        ("comment", "198.51.100.7", []),
    ],
)  # fmt: skip
def test_attributes_are_taken_apart_by_their_type(
    kind: str, value: str, expected: list[tuple[Kind, str, bool]]
) -> None:
    assert said(kind, value) == expected


def test_an_attribute_holds_from_when_it_was_first_seen() -> None:
    seen = "2026-03-01T10:00:00.000000+00:00"
    told = [attribute(1, "ip-dst", "198.51.100.7", first_seen=each) for each in (seen, None, "?")]
    found = [each.valid_from for each in read(event(*told))[1:] if isinstance(each, Thing)]
    assert found == [1_772_359_200_000_000, None, None]


def test_what_is_not_for_detection_is_context() -> None:
    content = event(attribute(1, "ip-dst", "198.51.100.7", to_ids=False))
    found = read(content)[1]
    assert isinstance(found, Thing)
    assert [each.part for each in found.said] == [True]
    assert "context" in found.labels


def test_attributes_of_objects_are_read_too_and_hang_on_their_event() -> None:
    content = event(objects=[[attribute(1, "md5", MD5), attribute(2, "filename", "a.exe")]])
    whole, first, second = read(content)
    assert (whole.id, first.id) == (f"misp-event--{EVENT}", f"misp-attribute--{uuid(1)}")
    assert isinstance(second, Thing)
    assert second.links[0].target == whole.id
    assert second.version == 1_772_000_000_000_000


@pytest.mark.parametrize(
    ("of_event", "of_attribute", "expected"),
    [
        ((), (), None),
        (("tlp:green",), (), Label.GREEN),
        (("tlp:green",), ("tlp:amber",), Label.AMBER),
        (("tlp:amber",), ("tlp:white",), Label.AMBER),
        (("TLP:AMBER+STRICT", "tlp:ex:chr"), (), Label.AMBER_STRICT),
        ((), ("tlp:clear", "tlp:amber"), Label.AMBER),
        (("tlp:green",), ("tlp:red",), "red"),
        (("tlp:green",), ("tlp:mauve",), "unknown-marking"),
        (("tlp:red",), ("tlp:green",), "red"),
    ],
)
def test_tags_mark_and_the_strictest_holds(
    of_event: tuple[str, ...], of_attribute: tuple[str, ...], expected: Label | str | None
) -> None:
    found = read(event(attribute(1, "md5", MD5, *of_attribute), tags=of_event))[1]
    if isinstance(found, Rejected):
        assert found == Rejected(str(expected), f"misp-attribute--{uuid(1)}")
    else:
        assert found.marking == (None if expected is None else Marking(Label(expected)))


def test_galaxies_are_labels() -> None:
    tags = ('misp-galaxy:threat-actor="APT 28"', "type:OSINT", "tlp:green")
    found = read(event(attribute(1, "md5", MD5, 'misp-galaxy:tool="X"'), tags=tags))[1]
    assert isinstance(found, Thing)
    assert found.labels == ("threat-actor:APT 28", "type:OSINT", "tool:X")


def test_one_bad_attribute_is_set_aside_and_no_other() -> None:
    content = event(3, attribute(1, "md5", MD5, deleted=True), {"uuid": "../../x", "type": "md5"})
    _, first, second, third = read(content)
    assert isinstance(first, Rejected)
    assert isinstance(second, Thing)
    assert second.revoked
    assert isinstance(third, Rejected)
    assert third.reason == "no-id"


def test_nothing_is_kept_of_what_may_be_red_though_it_cannot_be_read() -> None:
    red = [{"name": "TLP:RED"}]
    bad: list[dict[str, Any]] = [
        {"uuid": [], "value": "x", "Tag": red}, {"uuid": "x", "value": "y", "Tag": red},
        {"uuid": [], "value": "z", "Tag": [{"name": "\u0074lp:red"}]},
        {"uuid": "x", "value": "v", "Tag": [{"name": "tlp:mauve"}]},
    ]  # fmt: skip
    content = event(*bad).replace(b'"tlp:red"', b'"\\u0074lp:red"')
    assert [each.raw for each in read(content)[1:]] == [b""] * 4
    plain = read(event({"uuid": [], "value": "x"}))[1]
    assert plain == Rejected("unreadable", raw=b'{"uuid": [], "value": "x"}')


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"<html>", b'{"Event": 3}', b'{"Event": {"uuid": "../x"}}', b"[" * 20_000],
)
def test_what_is_no_event_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(FeedError, match="unreadable"):
        read(content)


def test_what_an_event_says_of_itself_may_stand_anywhere_in_it() -> None:
    """As some programs put their keys in order: `Attribute` before `Tag` and `uuid`."""
    told = json.loads(event(attribute(1, "md5", MD5), tags=("tlp:amber",),
                            objects=[[attribute(2, "md5", MD5)]]))  # fmt: skip
    for of_event in (sorted(told["Event"]), sorted(told["Event"], reverse=True)):
        ordered = {"response": [{}], "Event": {key: told["Event"][key] for key in of_event}}
        found = read(b"\xef\xbb\xbf" + json.dumps(ordered, indent=1).encode())
        assert [each.id.partition("--")[0] for each in found] == [
            "misp-event", "misp-attribute", "misp-attribute",
        ]  # fmt: skip
        assert all(isinstance(each, Thing) and each.marking == Marking(Label.AMBER)
                   for each in found)  # fmt: skip


def test_an_object_that_is_none_is_set_aside_alone() -> None:
    content = event(attribute(1, "md5", MD5), objects=[[attribute(2, "md5", MD5), {"uuid": "x"}]])
    told = json.loads(content)
    told["Event"]["Object"][:0] = [7, {"Attribute": 3}, {"name": "bare"}]
    assert [type(each) for each in read(json.dumps(told).encode())] == [
        Thing, Thing, Rejected, Thing, Rejected,
    ]  # fmt: skip


def test_an_event_that_breaks_off_is_none_wherever_it_does() -> None:
    content = event(attribute(1, "md5", MD5), objects=[[attribute(2, "ip-dst", "198.51.100.7")]])
    assert len(read(content)) == 3
    for end in range(len(content)):
        with pytest.raises(FeedError, match="unreadable"):
            read(content[:end])


@given(content=st.binary(max_size=200), at=st.integers(0, 400))
def test_whatever_stands_in_a_file_it_ends_and_says_so(content: bytes, at: int) -> None:
    whole = event(attribute(1, "md5", MD5), objects=[[attribute(2, "md5", MD5)]])
    for each in (content, whole[:at] + content + whole[at:]):
        with contextlib.suppress(FeedError):
            assert read(each)


def test_an_event_larger_than_memory_is_read_in_little_of_it() -> None:
    """It was read as a whole: 200 MB of an event took three times that."""
    long, count = attribute(1, "md5", MD5, comment="x" * 10_000), 2_400
    begin, end = event(long).split(json.dumps(long).encode())
    with TemporaryFile() as file:
        file.write(begin)
        for number in range(count):
            file.write(json.dumps(long).replace(uuid(1), uuid(number)).encode())
            file.write(b"," if number < count - 1 else end)
        size = file.tell()
        file.seek(0)
        tracemalloc.start()
        try:
            assert sum(isinstance(each, Thing) for each in read_event(file)) == count + 1
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert size > 24_000_000
    assert peak < 8_000_000


def test_only_what_has_changed_is_fetched_and_only_by_its_uuid() -> None:
    told = {EVENT: {"timestamp": "5"}, uuid(1): {"timestamp": 7}, uuid(2): {"timestamp": "12"},
            "../../etc/passwd": {"timestamp": "1"}, "x": {}}  # fmt: skip
    listed = read_manifest(BytesIO(json.dumps(told).encode()))
    assert listed == {EVENT: "5", uuid(1): "7", uuid(2): "12"}
    assert changed(listed, {EVENT: "5"}) == [uuid(1), uuid(2)]
    assert changed(listed, {EVENT: "4", uuid(1): "7"}) == [EVENT, uuid(2)]
    many = {uuid(n): str(n) for n in range(MOST + 3)}
    assert len(changed(many, {})) == MOST
    assert changed(listed, {EVENT: "5!", uuid(1): "7"}) == [uuid(2), EVENT], "it stands in no way"


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"<html>", b'{"x"', b'{"%s": []}' % EVENT.encode(), b'{"a":' * 20_000]
)
def test_what_is_no_manifest_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(FeedError, match="unreadable"):
        read_manifest(BytesIO(content))


def test_a_manifest_lists_so_many_events_and_what_is_no_event_costs_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(misp, "LISTED", 3)
    told = {uuid(n): {"timestamp": "1"} for n in range(4)}
    with pytest.raises(FeedError, match="too large"):
        read_manifest(BytesIO(json.dumps(told).encode()))
    junk = b"{%b}" % b",".join(b'"%01000d":{}' % number for number in range(5_000))
    tracemalloc.start()
    try:
        assert read_manifest(BytesIO(junk)) == {}
        assert tracemalloc.get_traced_memory()[1] < len(junk)
    finally:
        tracemalloc.stop()


def test_a_feed_is_named_by_its_folder_or_its_manifest() -> None:
    for url in ("https://x/feed", "https://x/feed/", "https://x/feed/manifest.json"):
        assert base(url) == "https://x/feed/"
