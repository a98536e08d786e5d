"""What others call an object: its external references."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.indicators.observable import Kind, Observable
from bot.indicators.stix.fields import Fields
from bot.indicators.stix.patterns.kinds import Normal
from bot.indicators.things import Said

MOST = 200
"""References of one object that are read."""
_TECHNIQUE = re.compile(r"T\d{4}(?:\.\d{3})?", re.ASCII)
_CVE = re.compile(r"CVE-\d{4}-\d{4,19}", re.ASCII | re.IGNORECASE)


def names_outside(fields: Fields) -> Iterator[str]:
    """Each id with who gave it: `mitre-attack:T1059`."""
    for each in fields.external_references[:MOST]:
        if each.external_id:
            yield f"{each.source_name}:{each.external_id}"


def said_outside(fields: Fields, normal: Normal) -> Iterator[Said]:
    """Ids that others gave: those of ATT&CK for the technique itself, and of CVE for anything."""
    for each in fields.external_references[:MOST]:
        kind = None
        if _CVE.fullmatch(each.external_id):
            kind = Kind.CVE
        elif fields.type == "attack-pattern" and _TECHNIQUE.fullmatch(each.external_id):
            kind = Kind.TECHNIQUE
        found = None if kind is None else normal(kind, each.external_id)
        if kind is not None and found is not None:
            yield Said(Observable(kind, found))
