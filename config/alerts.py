"""A team's alerts by names that tell nothing of where they go."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from config.mail import address_of
from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Target:
    """Where an alert goes; its text does not show that, as a token may stand in it. `kind`: what
    people call it.
    """

    name: str
    kind: str
    url: str = field(repr=False)


def targets_of(settings: Settings) -> dict[str, dict[str, Target]]:
    """Of each team its alerts by their names, in the file's order."""
    return {
        key: {each.name: each for each in map(_target, urls)}
        for key, urls in _urls(settings).items()
    }


def _urls(settings: Settings) -> Mapping[str, list[str]]:
    return {
        key: [each.get_secret_value() for each in team.alerts]
        for key, team in settings.teams.items()
    }


def _target(url: str) -> Target:
    kind = "mail" if address_of(url) is not None else url.partition(":")[0].lower()
    mark = hashlib.sha256(url.encode()).hexdigest()[:8]
    return Target(f"{kind}-{mark}", kind, url)
