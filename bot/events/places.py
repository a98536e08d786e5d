"""Where something is, and who: ids, and what the network says of a person.

Ids are opaque strings with the account in front: an account is `slack:alpha` or
`matrix:coalition`, a room is `slack:alpha/C01GEN`, a person `matrix:coalition/@ada:example.org`.
Never split what stands after the first slash: Matrix room ids of today have no server part.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NewType

import msgspec

AccountId = NewType("AccountId", str)
RoomId = NewType("RoomId", str)
PersonId = NewType("PersonId", str)
MessageId = NewType("MessageId", str)
"""A message's id on its network (Slack's `ts`, Matrix's event id), unique inside its room."""
DeliveryId = NewType("DeliveryId", str)
"""Ours, `d` and 26 letters and digits; never changes, safe in URLs and Slack's block ids."""


def room_id(account: AccountId, local: str) -> RoomId:
    """The room `local` (the network's own id) of an account."""
    return RoomId(f"{account}/{local}")


def person_id(account: AccountId, local: str) -> PersonId:
    """The person `local` (the network's own id) as seen by an account."""
    return PersonId(f"{account}/{local}")


def account_of(place: RoomId | PersonId) -> AccountId:
    """The account that a room or person is seen by."""
    return AccountId(place.partition("/")[0])


def local(place: RoomId | PersonId) -> str:
    """The network's own id of a room or person."""
    return place.partition("/")[2]


class Standing(StrEnum):
    """What a person is in the workspace or on the server that they are seen in.

    The network says it: Slack by `is_restricted`, `is_ultra_restricted`, `team_id`, `is_bot`
    (https://docs.slack.dev/reference/objects/user-object). On a network where an id says which
    server somebody belongs to, everybody is a member.
    """

    MEMBER = "member"
    GUEST = "guest"
    """Let in, and not of the house."""
    FOREIGN = "foreign"
    """Of another workspace, seen in a room that both share."""
    APP = "app"
    """Another bot or app: it belongs to whom its workspace or server belongs to."""
    OURS = "ours"
    """The bot itself: of no team, and no reader."""
    UNKNOWN = "unknown"
    """Not looked up yet: only who is named as a person belongs to a team."""


class Author(msgspec.Struct, frozen=True):
    """Who said it. `name` is what the network shows; it is data, never part of the text."""

    person: PersonId
    name: str
    bot: bool = False
    standing: Standing = Standing.UNKNOWN
    team: str = ""
    """What their team is called, set when it is relayed; "" where they are of none."""
    mark: str = ""
    """The id by which they are told from somebody whose name theirs looks like; "" for most."""
    picture: str = ""
    """Their picture, as a `File.handle` of their account's; "" where they have none."""
