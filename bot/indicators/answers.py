"""What is known of a value, as an audience may know it: inert, and sorted by what it says alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.indicators.observable import Observable
from bot.sharing.marking import Marking

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Json = dict[str, object]


@dataclass(frozen=True, slots=True, order=True)
class Belonging:
    """What an indicator belongs to: malware, an actor, a campaign, a technique, by its name."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Statement:
    """What one object of one source says. `confidence` None: unspecified. Times as of `Thing`."""

    source: str
    team: str | None
    marking: Marking
    kind: str
    name: str
    confidence: int | None
    first_seen: int
    last_seen: int
    expired: bool
    revoked: bool
    part: bool
    """It is said of the value only together with others."""
    via: Observable | None
    """The other hash of the same file that it is said of."""
    labels: tuple[str, ...]
    phases: tuple[str, ...]
    belongs: tuple[Belonging, ...]
    ref: str
    number: int
    """Of its row: to get at its bytes. Never shown, since it counts what others gave."""

    @property
    def holds(self) -> bool:
        """Whether its source still stands by it."""
        return not self.revoked


@dataclass(frozen=True, slots=True, order=True)
class Related:
    """A value that hangs together with the one asked about, and how: `network` and `parent` (those
    that are known), `host` of a URL or address, `resolved` (a domain to it, or it to an address),
    `same-file`.
    """

    relation: str
    value: Observable


@dataclass(frozen=True, slots=True)
class Sighting:
    """Who saw it: a team, a source, or None for somebody; and where, as far as they said."""

    team: str | None
    times: int
    first: int | None
    last: int | None
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Harmless:
    """A team's word that it is."""

    team: str
    note: str


@dataclass(frozen=True, slots=True)
class Searched:
    """A source that was looked through, and how fresh it is; None: never read yet."""

    source: str
    fresh: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """All about one value."""

    observable: Observable
    statements: tuple[Statement, ...]
    related: tuple[Related, ...]
    warnings: tuple[str, ...]
    sightings: tuple[Sighting, ...]
    harmless: tuple[Harmless, ...]
    searched: tuple[Searched, ...]

    @property
    def known(self) -> bool:
        """Whether any source says anything of it, or anybody saw it."""
        return any(each.holds for each in self.statements) or bool(self.sightings)

    @property
    def confidences(self) -> tuple[int, int] | None:
        """The lowest and the highest that somebody gives; None where nobody does."""
        given = [e.confidence for e in self.statements if e.holds and e.confidence is not None]
        return (min(given), max(given)) if given else None


def as_json(answer: Answer) -> Json:
    """As `liaison indicators lookup --json` prints it."""
    span = answer.confidences
    return {
        "value": answer.observable.value,
        "type": answer.observable.kind,
        "known": answer.known,
        "statements": [_statement(each) for each in answer.statements],
        "related": [
            {"relation": each.relation, "value": each.value.value, "type": each.value.kind}
            for each in answer.related
        ],
        "warnings": list(answer.warnings),
        "searched": [{"source": e.source, "fresh": stamp(e.fresh)} for e in answer.searched],
        "confidence": None if span is None else {"worst": span[0], "best": span[1]},
        "sightings": [
            {
                "team": e.team,
                "times": e.times,
                "first": stamp(e.first),
                "last": stamp(e.last),
                "places": list(e.places),
            }
            for e in answer.sightings
        ],
        "false_positives": [{"team": e.team, "note": e.note} for e in answer.harmless],
    }


def _statement(each: Statement) -> Json:
    return {
        "source": each.source,
        "team": each.team,
        "marking": str(each.marking),
        "confidence": each.confidence,
        "first_seen": stamp(each.first_seen),
        "last_seen": stamp(each.last_seen),
        "expired": each.expired,
        "labels": list(each.labels),
        "phases": list(each.phases),
        "belongs": [{"type": b.kind, "name": b.name} for b in each.belongs],
        "revoked": each.revoked,
        "part": each.part,
        "via": None if each.via is None else each.via.value,
        "type": each.kind,
        "id": each.ref,
        "name": each.name,
    }


def stamp(moment: int | None) -> str | None:
    """A moment in RFC 3339, in UTC."""
    if moment is None:
        return None
    at = _EPOCH + timedelta(microseconds=moment)
    return at.isoformat().replace("+00:00", "Z")
