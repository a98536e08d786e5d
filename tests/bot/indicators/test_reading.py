"""Files as they are imported: read one by one, when that is needed, and the same as at once."""

from __future__ import annotations

import io
import json

from bot.indicators import observables
from bot.indicators.reading import read_file
from bot.indicators.stix.reading import read_bundle
from bot.indicators.things import Rejected, Thing, Unread

AMBER = "marking-definition--11111111-1111-4111-8111-111111111111"
EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"


def indicator(number: int, **more: object) -> dict[str, object]:
    return {
        "type": "indicator", "spec_version": "2.1", "pattern_type": "stix",
        "id": f"indicator--{number:08d}-0000-4000-8000-000000000000",
        "created": "2026-02-01T00:00:00.000Z", "modified": "2026-02-01T00:00:00.000Z",
        "pattern": f"[ipv4-addr:value = '198.51.100.{number}']",
        "valid_from": "2026-02-01T00:00:00Z", **more,
    }  # fmt: skip


def definition() -> dict[str, object]:
    return {
        "type": "marking-definition", "spec_version": "2.1", "id": AMBER,
        "created": "2026-02-01T00:00:00.000Z", "definition_type": "statement",
        "definition": {"statement": "ours"},
    }  # fmt: skip


def bundle() -> bytes:
    objects = [
        indicator(1),
        indicator(2, object_marking_refs=[AMBER]),  # defined behind it
        indicator(3, pattern="[nonsense"),
        {"type": "ipv4-addr", "spec_version": "2.1", "value": "198.51.100.9"},  # without an id
        3,
        definition(),
        indicator(
            4, object_marking_refs=["marking-definition--22222222-2222-4222-8222-222222222222"]
        ),
    ]
    identity = "bundle--00000000-0000-4000-8000-000000000000"
    return json.dumps({"type": "bundle", "id": identity, "objects": objects}).encode()


def test_what_is_read_later_is_what_is_read_at_once() -> None:
    at_once = list(read_bundle(io.BytesIO(bundle()), observables.normal))
    later: list[Thing | Rejected] = []
    unread = 0
    for item in read_file(io.BytesIO(bundle())):
        unread += isinstance(item, Unread)
        later.append(item.read() if isinstance(item, Unread) else item)
    assert later == at_once
    assert unread >= 3


def test_an_id_is_known_before_its_object_is_read() -> None:
    for item in read_file(io.BytesIO(bundle())):
        if isinstance(item, Unread):
            assert item.read().id in {item.id, ""}
