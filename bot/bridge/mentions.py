"""Whom a message mentions, and by which account they are reached in each room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace
from sqlalchemy.orm import Session

from bot.bridge import humans
from bot.events import PersonId, RoomId, account_of
from bot.richtext import Inline, Mention, RichText
from bot.richtext.walking import changed, leaves

Others = Mapping[PersonId, Sequence[PersonId]]
"""By person, their accounts elsewhere, the newest first."""
NOBODY: Others = {}


def mentioned(body: RichText) -> set[PersonId]:
    """The persons whom a body mentions."""
    return {PersonId(leaf.person) for leaf in leaves(body) if type(leaf) is Mention}


def others_of(session: Session, body: RichText) -> Others:
    """The other accounts of those whom a body mentions; nothing is asked where it is nobody."""
    persons = mentioned(body)
    return humans.others_of(session, persons) if persons else NOBODY


def reached(body: RichText, room: RoomId, others: Others) -> RichText:
    """The same body for a room: who has an account where the room is, is mentioned by that.

    Failing that by one of the same network, which may know them there too. Every other mention
    stays as it is: what can be no mention in a room is a name there.
    """
    if not others:
        return body

    def change(leaf: Inline) -> Inline:
        if type(leaf) is not Mention:
            return leaf
        person = PersonId(leaf.person)
        if account_of(person) == account_of(room):
            return leaf
        here = _nearest(room, others.get(person, ()))
        return leaf if here is None else replace(leaf, person=here)

    return changed(body, change)


def _nearest(room: RoomId, persons: Sequence[PersonId]) -> PersonId | None:
    account = account_of(room)
    network = account.partition(":")[0]
    for person in persons:
        if account_of(person) == account:
            return person
    near = (each for each in persons if account_of(each).partition(":")[0] == network)
    return next(near, None)
