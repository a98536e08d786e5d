"""Matrix: the settings, syntax and adapter that `liaison.networks` registers."""

from __future__ import annotations

from bot.platforms.base import Network, Platform, Surroundings
from bot.platforms.matrix.links import read_link, room_link
from bot.platforms.matrix.reasons import REASONS
from bot.platforms.matrix.settings import MatrixSettings
from bot.platforms.matrix.syntax import (
    ROOM_SYNTAX,
    home_of,
    is_person,
    member_of,
    parse_member,
    parse_room,
)


def _connect(settings: MatrixSettings, surroundings: Surroundings) -> Platform:
    from bot.platforms.matrix.adapter import Matrix  # noqa: PLC0415 - nio is slow to import

    return Matrix(settings, surroundings)


NETWORK = Network(
    name="matrix",
    settings=MatrixSettings,
    connect=_connect,
    room_syntax=ROOM_SYNTAX,
    parse_room=parse_room,
    parse_member=parse_member,
    is_person=is_person,
    member_of=member_of,
    home_of=home_of,
    read_link=read_link,
    room_link=room_link,
    one_id=True,
    reasons=REASONS,
)
