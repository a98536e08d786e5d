"""Indicators made from the distributions of real ones, for the benchmarks: no two runs differ."""

from __future__ import annotations

import random
from collections.abc import Iterator

from bot.indicators.observable import Kind, Observable
from bot.indicators.things import Link, Said, Thing
from bot.sharing.marking import Label, Marking

BEGUN = 1_770_000_000_000_000
_MARKINGS = (
    None,
    Marking(Label.CLEAR),
    Marking(Label.GREEN),
    Marking(Label.AMBER),
    Marking(Label.AMBER_STRICT),
)
_SINGLE = (Kind.IPV4, Kind.DOMAIN, Kind.DOMAIN, Kind.URL, Kind.SHA256, Kind.MD5)
FAMILIES = 200


def families() -> Iterator[Thing]:
    """What the indicators belong to: malware, and the actors that use it."""
    for number in range(FAMILIES):
        for kind in ("malware", "threat-actor"):
            ref = family(number, kind)
            yield Thing(
                ref, kind, _raw(ref, kind, f"{kind} {number}"), BEGUN, name=f"{kind} {number}"
            )
        ends = family(number, "threat-actor"), family(number, "malware")
        yield related(number, "uses", *ends)


def things(count: int, first: int = 0) -> Iterator[Thing]:
    """Indicators: 93 of 100 with one value, most others with all hashes of a file; one of 20
    indicates some malware.
    """
    for number in range(first, first + count):
        rng = random.Random(number)
        said = tuple(Said(each, file=1) for each in _values(rng, number))
        ref = identity(number, "indicator")
        pattern = " OR ".join(
            f"[{each.observable.kind}:value = '{each.observable.value}']" for each in said
        )
        yield Thing(
            ref,
            "indicator",
            _raw(ref, "indicator", pattern),
            BEGUN + number,
            marking=_MARKINGS[number % 5],
            name=f"Indicator {number}",
            confidence=(None, 15, 50, 85)[number % 4],
            labels=("malicious-activity",),
            phases=("mitre-attack:initial-access",) if number % 3 == 0 else (),
            valid_from=BEGUN + number,
            valid_until=BEGUN + number + 90 * 86_400_000_000,
            said=said,
        )
        if number % 20 == 0:
            target = family(rng.randrange(FAMILIES), "malware")
            yield related(number, "indicates", ref, target)


def value(number: int) -> Observable:
    """The first value of an indicator."""
    return _values(random.Random(number), number)[0]


def related(number: int, kind: str, start: str, target: str) -> Thing:
    """A relationship between two objects."""
    ref = identity(number, f"relationship--{kind}"[:22])
    raw = _raw(ref, "relationship", f"{start} {kind} {target}")
    return Thing(ref, "relationship", raw, BEGUN, links=(Link(kind, start, target),))


def identity(number: int, kind: str) -> str:
    """An id as sources make it: random."""
    rng = random.Random(f"{kind}{number}")
    digits = f"{rng.getrandbits(128):032x}"
    return f"{kind}--{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def family(number: int, kind: str) -> str:
    """The id of some malware, or of an actor."""
    return identity(number, kind)


def _values(rng: random.Random, number: int) -> list[Observable]:
    if rng.random() < 0.07:
        return [
            Observable(Kind.MD5, f"{rng.getrandbits(128):032x}"),
            Observable(Kind.SHA1, f"{rng.getrandbits(160):040x}"),
            Observable(Kind.SHA256, f"{rng.getrandbits(256):064x}"),
        ]
    kind = rng.choice(_SINGLE)
    match kind:
        case Kind.IPV4:
            return [Observable(kind, ".".join(str(rng.randrange(1, 224)) for _ in range(4)))]
        case Kind.DOMAIN:
            return [Observable(kind, f"h{rng.randrange(50)}.d{rng.getrandbits(40):x}.example.org")]
        case Kind.URL:
            host = f"d{rng.getrandbits(40):x}.example.net"
            return [Observable(kind, f"http://{host}/{rng.getrandbits(64):x}/{number}.bin")]
        case _:
            length = 64 if kind is Kind.SHA256 else 32
            return [Observable(kind, f"{rng.getrandbits(length * 4):0{length}x}")]


def _raw(ref: str, kind: str, text: str) -> bytes:
    return (
        f'{{"type":"{kind}","spec_version":"2.1","id":"{ref}",'
        '"created":"2026-02-01T00:00:00.000Z","modified":"2026-02-01T00:00:00.000Z",'
        '"created_by_ref":"identity--c78cb6e5-0c4b-4611-8297-d1b8b55e40b5",'
        '"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],'
        '"indicator_types":["malicious-activity"],"pattern_type":"stix",'
        f'"pattern":"{text}","valid_from":"2026-02-01T00:00:00Z"}}'
    ).encode()
