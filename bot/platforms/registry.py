"""The networks that are installed, found by entry point."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points

from bot.platforms.base import Network


@cache
def networks() -> Mapping[str, Network]:
    """Every installed network by name; two of one name are a mistake of the installation."""
    found: dict[str, Network] = {}
    for entry in entry_points(group="liaison.networks"):
        network: Network = entry.load()
        if network.name in found:
            raise RuntimeError(f"two installed packages bring a network named {network.name!r}")
        found[network.name] = network
    return found
