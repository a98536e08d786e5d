"""What a team adds by itself: an indicator of its own, whoever else speaks of the value."""

from __future__ import annotations

import ipaddress
import uuid
from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy.orm import Session

from bot.indicators.keys import ref_key
from bot.indicators.observable import Kind, Observable
from bot.indicators.observables import Nature, nature
from bot.indicators.raw import Asking
from bot.indicators.ready import ready
from bot.indicators.sight import read_marked
from bot.indicators.sources import Source, enter, met, micro, of_the_team
from bot.indicators.taking import take
from bot.indicators.things import Said, Thing
from bot.indicators.warned import warnings
from bot.sharing.marking import Label, Marking, strictest
from bot.sharing.teams import TeamKey

_IDS = uuid.UUID("5f0d6b3e-6d0a-4c0e-9a35-0b5f3c1f7a41")
"""Of what teams add: the same value of the same team has the same id, so that saying it again is
a new version."""
_LARGEST = {4: 16, 6: 32}
"""The shortest prefix that one team adds alone: what one provider's customer may have."""


class Doubt(StrEnum):
    """Why a second team has to agree."""

    WARNED = "warned"
    """It is on a warning list."""
    LARGE = "large"
    """It is a network of very many."""
    SUFFIX = "suffix"
    """It is a public suffix: all below it would be related to it."""


def doubt_of(session: Session, value: Observable) -> Doubt | None:
    """Why a second team has to agree to a value; None where one is enough."""
    if value.kind is Kind.NETWORK:
        network = ipaddress.ip_network(value.value)
        if network.prefixlen < _LARGEST[network.version]:
            return Doubt.LARGE
    if value.kind is Kind.DOMAIN and nature(value) is Nature.SUFFIX:
        return Doubt.SUFFIX
    return Doubt.WARNED if warnings(Asking(session), [value]) else None


def add(
    session: Session, team: TeamKey, value: Observable, marking: Marking, note: str, now: datetime
) -> Marking:
    """Add a team's own indicator, or a new version of it, which is never marked lower than the one
    before (only a release lowers); how it is marked. Nothing that others say of the value is
    looked at.
    """
    asking, at, ref = Asking(session), micro(now), _ref(team, value)
    source = _source(team)
    number = enter(asking, source)
    marking = as_added(session, team, value, marking)
    told = {
        "team": team, "kind": value.kind, "value": value.value, "note": note,
        "label": marking.label, "releasable": [sorted(each) for each in marking.releasable],
        "said": at,
    }  # fmt: skip
    thing = Thing(
        ref, "indicator", msgspec.json.encode(told), version=at, marking=marking, name=note,
        valid_from=at, said=(Said(value),),
    )  # fmt: skip
    take(asking, source, number, [ready(thing)], now)
    return marking


def as_added(session: Session, team: TeamKey, value: Observable, marking: Marking) -> Marking:
    """How a team's own indicator would be marked: never lower than it is."""
    asking = Asking(session)
    rows = asking.rows(_BEFORE, (ref_key(_ref(team, value)), met(asking, _source(team))))
    before = (read_marked(label, lists, "").marking for label, lists in rows)
    return strictest(marking, *before)


def _ref(team: TeamKey, value: Observable) -> str:
    return f"team--{uuid.uuid5(_IDS, chr(0).join((team, *value)))}"


def _source(team: TeamKey) -> Source:
    return of_the_team(team, Marking(Label.AMBER_STRICT))


_BEFORE = (
    "SELECT m.label, m.releasable FROM indicator_identity i "
    "JOIN indicator_object o ON o.id = i.object JOIN indicator_marking m ON m.id = o.marking "
    "WHERE i.key = ? AND i.source = ?"
)
