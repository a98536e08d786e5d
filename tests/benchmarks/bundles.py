"""Bundles of STIX of whatever size, in a file: as sources give them, and no two runs differ."""

from __future__ import annotations

import random
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from bot.indicators.observable import Kind, Observable
from bot.indicators.stix.patterns.making import pattern_of

_KINDS = (Kind.IPV4, Kind.DOMAIN, Kind.DOMAIN, Kind.URL, Kind.SHA256, Kind.MD5)
_FAMILIES = 200
_TLP = (
    "",
    "94868c89-83c2-464b-929b-a1a8aa3c8487",  # TLP:CLEAR
    "bab4a63c-aed9-4cf5-a766-dfca5abac2bb",  # TLP:GREEN
    "55d920b0-5e8b-4f79-9ee9-91f868d9b421",  # TLP:AMBER
    "939a9414-2ddd-4d32-a0cd-375ea402b003",  # TLP:AMBER+STRICT
)


def write_bundle(
    file: Path, *, size: int = 0, count: int = 0, first: int = 0, padding: int = 0
) -> int:
    """A bundle of so many bytes or objects at least; how many objects are in it. `padding`: bytes
    before them, so that the same objects lie elsewhere in the file.
    """
    written = 0
    with file.open("wb", buffering=1 << 20) as stream:
        stream.write(b'{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d",')
        stream.write(b'"x_padding":"%b","objects":[' % (b"x" * padding))
        for made in _objects(first):
            if written >= count and (not size or stream.tell() >= size):
                break
            stream.write(b",\n" if written else b"\n")
            stream.write(made)
            written += 1
        stream.write(b"]}\n")
    return written


def asked(rng: random.Random, count: int) -> Observable:
    """The first value of some indicator among so many objects."""
    while (number := rng.randrange(count)) % 15 == 14:
        pass
    return _hashes(number)[0] if number % 100 >= 93 else _value(number)


def _value(number: int) -> Observable:
    kind, word = _KINDS[number % len(_KINDS)], _word(b"value", number)
    match kind:
        case Kind.IPV4:
            parts = [int(word[at : at + 2], 16) % 222 + 1 for at in (0, 2, 4, 6)]
            return Observable(kind, ".".join(map(str, parts)))
        case Kind.DOMAIN:
            return Observable(kind, f"h{number % 50}.d{word[:10]}.example.org")
        case Kind.URL:
            return Observable(kind, f"http://d{word[:10]}.example.net/{word}.bin")
        case _:
            return Observable(kind, (word * 2)[: 64 if kind is Kind.SHA256 else 32])


def _objects(first: int) -> Iterator[bytes]:
    """Malware; then indicators, 93 of 100 with one value, and of 15 objects one relationship."""
    for number in range(_FAMILIES):
        yield _object("malware", number, f'"name":"Malware {number}","is_family":true', 0)
    number = first
    while True:
        yield _related(number) if number % 15 == 14 else _indicator(number)
        number += 1


def _indicator(number: int) -> bytes:
    pattern = pattern_of(_value(number)) or ""
    if number % 100 >= 93:
        md5, sha1, sha256 = (each.value for each in _hashes(number))
        pattern = (
            f"[file:hashes.MD5 = '{md5}' OR file:hashes.'SHA-1' = '{sha1}' OR "
            f"file:hashes.'SHA-256' = '{sha256}']"
        )
    escaped = pattern.replace("\\", "\\\\").replace('"', '\\"')
    confidence = ("", '"confidence":15,', '"confidence":50,', '"confidence":85,')[number % 4]
    phase = '{"kill_chain_name":"mitre-attack","phase_name":"initial-access"}'
    own = (
        f'"name":"Indicator {number}","description":"{_DESCRIPTION}","indicator_types":'
        f'["malicious-activity"],{confidence}"pattern":"{escaped}","pattern_type":"stix",'
        f'"valid_from":"2026-02-01T00:00:00Z","kill_chain_phases":[{phase}]'
    )
    return _object("indicator", number, own, number)


def _hashes(number: int) -> list[Observable]:
    word = _word(b"file", number)
    lengths = ((Kind.MD5, 32), (Kind.SHA1, 40), (Kind.SHA256, 64))
    return [Observable(kind, (word * 2)[:length]) for kind, length in lengths]


def _related(number: int) -> bytes:
    own = (
        f'"relationship_type":"indicates","source_ref":"{_id("indicator", number - 1)}",'
        f'"target_ref":"{_id("malware", number % _FAMILIES)}"'
    )
    return _object("relationship", number, own, number)


def _object(kind: str, number: int, own: str, marked: int) -> bytes:
    marking = _TLP[marked % len(_TLP)]
    refs = f'"object_marking_refs":["marking-definition--{marking}"],' if marking else ""
    moment = f"2026-02-01T{number // 3600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}.000Z"
    return (
        f'{{"type":"{kind}","spec_version":"2.1","id":"{_id(kind, number)}","created":"{moment}",'
        f'"modified":"{moment}","created_by_ref":"{_id("identity", 0)}",{refs}{own}}}'
    ).encode()


def _id(kind: str, number: int) -> str:
    word = _word(kind.encode(), number)
    return f"{kind}--{word[:8]}-{word[8:12]}-4{word[13:16]}-a{word[17:20]}-{word[20:]}"


def _word(of: bytes, number: int) -> str:
    return blake2b(b"%b %d" % (of, number), digest_size=16).hexdigest()


_DESCRIPTION = "Seen in a campaign against ministries. " * 4
