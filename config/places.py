"""Rooms and members as the file writes them, read by the networks they belong to.

A model that holds them is validated with the context `{"networks": …, "accounts": …}`: the
networks by name, and for each the names of its configured accounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo

from bot.events import AccountId, RoomId, room_id
from bot.platforms.base import Network
from config.mistakes import expected, nearest, printable


def read_room(value: Any, info: ValidationInfo) -> RoomId:
    """The room that `network:account/local` names; an alias stays as it is written."""
    networks: Mapping[str, Network] = _context(info)["networks"]
    name, colon, rest = value.partition(":") if isinstance(value, str) else ("", "", "")
    account, slash, local = rest.partition("/")
    if not (colon and slash) or name not in networks:
        syntax = " or ".join(sorted(network.room_syntax for network in networks.values()))
        raise expected(f"expected a room as {syntax}", value)
    accounts: frozenset[str] = _context(info)["accounts"][name]
    if account not in accounts:
        near = nearest(account, accounts)
        raise expected(f"there is no account [{printable(f'{name}.{account}')}]{near}")
    parsed = networks[name].parse_room(local)
    if parsed is None:
        raise expected(f"expected a room as {networks[name].room_syntax}", value)
    return room_id(AccountId(f"{name}:{account}"), parsed)


def read_member(value: Any, info: ValidationInfo) -> str:
    """A workspace, server or person, as `network:` and the network's own normal form."""
    network, member = _member(value, info)
    return f"{network.name}:{member}"


def read_person(value: Any, info: ValidationInfo) -> str:
    """A member that is one person."""
    network, member = _member(value, info)
    if not network.is_person(member):
        raise expected("expected one person, not a workspace or server", value)
    return f"{network.name}:{member}"


Room = Annotated[RoomId, BeforeValidator(read_room)]
Member = Annotated[str, BeforeValidator(read_member)]
Person = Annotated[str, BeforeValidator(read_person)]


def _member(value: Any, info: ValidationInfo) -> tuple[Network, str]:
    networks: Mapping[str, Network] = _context(info)["networks"]
    name, colon, rest = value.partition(":") if isinstance(value, str) else ("", "", "")
    if not colon or name not in networks:
        names = " or ".join(f"{network}:…" for network in sorted(networks))
        raise expected(f"expected a workspace, server or person as {names}", value)
    member = networks[name].parse_member(rest, _context(info)["accounts"][name])
    if member is None:
        raise expected(f"expected a configured account, a server or a person of {name}", value)
    return networks[name], member


def _context(info: ValidationInfo) -> Mapping[str, Any]:
    if info.context is None:
        raise RuntimeError("rooms and members are read with a context only")
    context: Mapping[str, Any] = info.context
    return context
