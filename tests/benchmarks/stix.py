"""Reading STIX: objects and patterns a second, beside what the reference does in the same run."""

from __future__ import annotations

import io
import json
import random
import time
import uuid
from collections.abc import Callable, Iterator
from typing import IO, Any, cast

import stix2  # type: ignore[import-untyped]  # it brings no types
from stix2patterns.v21.pattern import Pattern  # type: ignore[import-untyped]

from bot.indicators.observables import normal
from bot.indicators.stix.patterns.apart import take_apart
from bot.indicators.stix.reading import read_bundle
from tests.benchmarks.measures import resident
from tests.benchmarks.report import Figure
from tests.benchmarks.trials import Size

_OBJECTS, _PATTERNS = 50_000, 20_000
_SLOW = 400
"""Objects and patterns for the reference, which is slow."""


def stix(size: Size) -> list[Figure]:
    """A large bundle, and patterns of two kinds."""
    made = random.Random(7)
    objects = [_object(made, number) for number in range(_OBJECTS)]
    text = json.dumps({"type": "bundle", "id": "bundle--1", "objects": objects}).encode()
    return [
        _reading(objects, text),
        _memory(text, size.seconds * 17),
        *(_patterns(kind, wanted, made) for kind, wanted in (("simple", 100), ("complex", 30))),
    ]


def _reading(objects: list[Any], text: bytes) -> Figure:
    ours = _rate(lambda: sum(1 for _ in read_bundle(io.BytesIO(text), normal)))
    parsed = _rate(lambda: sum(1 for each in objects[:_SLOW] if stix2.parse(each)))
    stored = _rate(lambda: len(stix2.MemoryStore(objects[:_SLOW]).query()))
    return Figure(
        "STIX objects read a second of processor",
        "80,000",
        f"{ours:,.0f}",
        f"stix2.parse {parsed:,.0f}; into a stix2.MemoryStore {stored:,.0f}",
        "Two thirds indicators, one third relationships, each with its bytes kept, its pattern "
        "taken apart and its marking resolved; its values in their normal form, no store. "
        f"{len(objects):,} objects of {len(text) // len(objects)} bytes, {_SLOW} of them for the "
        "reference.",
        ours >= 80_000,
    )


def _memory(text: bytes, megabytes: int) -> Figure:
    objects = text[text.index(b"[") + 1 : text.index(b', {"type"', 1_000_000)]
    rounds = megabytes * 1_000_000 // len(objects)
    before = most = resident()
    count = 0
    for _ in read_bundle(cast("IO[bytes]", _Repeated(objects, rounds)), normal):
        count += 1
        if count % 5000 == 0:
            most = max(most, resident())
    return Figure(
        f"Memory that reading a bundle of {megabytes:,} MB takes",
        "",
        f"{most - before:.0f} MB",
        "",
        f"Resident memory, looked at every 5,000 of {count:,} objects, less that before.",
    )


def _patterns(kind: str, thousands: int, made: random.Random) -> Figure:
    simple = kind == "simple"
    patterns = [_pattern(made, each, simple=simple) for each in range(_PATTERNS)]
    ours = _rate(lambda: sum(1 for each in patterns if take_apart(each, normal).said))
    reference = _rate(lambda: sum(1 for each in patterns[:_SLOW] if Pattern(each)))
    shape = "One `=`" if simple else "Three hashes, or four comparisons with AND, OR and IN"
    return Figure(
        f"{kind.capitalize()} patterns taken apart a second of processor",
        f"{thousands},000",
        f"{ours:,.0f}",
        f"stix2-patterns {reference:,.0f}",
        f"{shape}; each another. {_PATTERNS:,} of them, {_SLOW} for the reference.",
        ours >= thousands * 1000,
    )


def _rate(run: Callable[[], int]) -> float:
    """A second of processor, of the best of three: what others do on the machine only slows."""
    best = 0.0
    for _ in range(3):
        begun = time.process_time()
        count = run()
        best = max(best, count / (time.process_time() - begun))
    return best


class _Repeated:
    """A bundle in which the same objects come again and again; it is nowhere whole."""

    def __init__(self, objects: bytes, rounds: int) -> None:
        self._held = b'{"type":"bundle","objects":['
        self._parts: Iterator[bytes] = iter([objects + b","] * (rounds - 1) + [objects, b"]}"])

    def read(self, size: int) -> bytes:
        if not self._held:
            self._held = next(self._parts, b"")
        given, self._held = self._held[:size], self._held[size:]
        return given

    def seekable(self) -> bool:
        return False


def _object(made: random.Random, number: int) -> dict[str, Any]:
    type_ = "relationship" if number % 3 == 2 else "indicator"
    own = {
        "type": type_,
        "spec_version": "2.1",
        "id": _id(made, type_),
        "created": "2026-01-02T03:04:05.678Z",
        "modified": f"2026-01-02T03:04:05.{number % 1000:03}Z",
        "created_by_ref": "identity--c78cb6e5-0c4b-4611-8297-d1b8b55e40b5",
        "object_marking_refs": ["marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"],
    }
    if type_ == "relationship":
        refs = {"source_ref": _id(made, "indicator"), "target_ref": _id(made, "malware")}
        return own | {"relationship_type": "indicates", **refs}
    phase = {"kill_chain_name": "mitre-attack", "phase_name": "command-and-control"}
    return own | {
        "name": f"Indicator {number}",
        "description": "Seen in a campaign against ministries. " * 4,
        "indicator_types": ["malicious-activity"],
        "pattern": _pattern(made, number, simple=number % 100 > 7),
        "pattern_type": "stix",
        "valid_from": "2026-01-02T03:04:05.678Z",
        "kill_chain_phases": [phase],
    }


def _id(made: random.Random, type_: str) -> str:
    return f"{type_}--{uuid.UUID(int=made.getrandbits(128), version=4)}"


def _pattern(made: random.Random, number: int, *, simple: bool) -> str:
    if simple:
        address = f"198.51.{made.randrange(256)}.{made.randrange(256)}"
        return (
            f"[ipv4-addr:value = '{address}']",
            f"[domain-name:value='w{number}.example.com']",
            f"[url:value = 'https://w{number}.example.com/x']",
            f"[file:hashes.'SHA-256' = '{made.getrandbits(256):064x}']",
        )[number % 4]
    if number % 2:
        return (
            f"[file:hashes.MD5 = '{made.getrandbits(128):032x}' OR "
            f"file:hashes.'SHA-1' = '{made.getrandbits(160):040x}' OR "
            f"file:hashes.'SHA-256' = '{made.getrandbits(256):064x}']"
        )
    return (
        f"[(domain-name:value = 'w{number}.example.com' OR domain-name:value = 'w.example.net') "
        f"AND domain-name:resolves_to_refs[*].value IN ('198.51.100.1', '198.51.100.2')] "
        "WITHIN 300 SECONDS"
    )
