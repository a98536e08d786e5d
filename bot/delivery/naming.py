"""How lanes are named: a room's by its id, a person's and a file's by a word before theirs."""

from __future__ import annotations

from bot.events import AccountId, DeliveryId, PersonId, RoomId, account_of

PERSON = "person:"
"""Before a person's id it names their lane."""
FILES = "files:"
"""Before a room's id it names the lane of one file that is on its way there; a `#` and the
delivery's id come after."""


def lane_of(person: PersonId) -> str:
    """The lane of what is for one person only."""
    return PERSON + person


def lane_of_file(room: RoomId, key: DeliveryId) -> str:
    """The lane of one file."""
    return f"{FILES}{room}#{key}"


def account_of_lane(name: str) -> AccountId:
    """The account through which a lane sends."""
    return account_of(RoomId(name.removeprefix(PERSON).removeprefix(FILES)))
