"""One human with several accounts: joined by a code that is proved on both sides.

One account asks for a code and the other types it; then each is told whom it would be joined with
and says yes, the other account first. So neither a code that somebody was tricked out of, nor one
that somebody was tricked into typing, nor one that was said in a room, joins anybody unseen.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from bot.bridge.humans import human_of, members_of
from bot.errors import UserError
from bot.events import Author, PersonId, RoomId
from bot.store.tables import LinkCode, LinkedAccount

GOOD_FOR = timedelta(minutes=10)
"""How long a code is taken, and then how long each account may think about it."""
MOST_TRIES = 5
"""Wrong codes that a person may type in `GOOD_FOR`."""
MOST_ACCOUNTS = 12
"""Accounts of one human."""

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32 (https://www.crockford.com/base32.html): nothing that is read as another."""
_MISREAD = str.maketrans("OILU", "011V")
_LENGTH = 10
"""Characters: 50 bits, so that its hash cannot be tried out either while the code is good."""


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a person can be told something privately: see `bot.events.Answer`."""

    room: RoomId
    direct: bool = False
    reply: str | None = None


@dataclass(frozen=True, slots=True)
class Agreed:
    """Somebody said yes: `other` is with whom; `linked`: both have, and are one from now on."""

    other: Party
    linked: bool


@dataclass(frozen=True, slots=True)
class Party:
    """An account, what it is called, and where it can be told something."""

    person: PersonId
    name: str
    place: Place


def offer(session: Session, asker: Party, now: datetime) -> str:
    """A new code for the asker, which ends the one before."""
    _forget_old(session, now)
    cancel(session, asker.person)
    code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    _write(session, asker, code=_hash(code), expires=now + GOOD_FOR)
    return f"{code[:5]}-{code[5:]}"


def claim(session: Session, claimant: Party, typed: str, now: datetime) -> Party:
    """Type somebody's code, which is used up by it; whose it is. It ends what the claimant asked
    for before, so that of nobody two consents are waited for.

    Raises `UserError`; what was tried stays counted.
    """
    own = session.get(LinkCode, claimant.person)
    if own is not None and _tries(own, now) >= MOST_TRIES:
        raise UserError("Too many codes that do not exist. Wait ten minutes, then try again.")
    where = (LinkCode.code == _hash(_plain(typed)), LinkCode.expires > now)
    row = session.execute(select(LinkCode).where(*where)).scalar()
    if row is None:
        tries = 1 if own is None else _tries(own, now) + 1
        _write(
            session, claimant, tries=tries, tried=now if own is None or tries == 1 else own.tried
        )
        raise UserError(
            "I know no such code, or its time is over. Type “link” on your other account for a "
            "new one."
        )
    if row.person == claimant.person:
        raise UserError("This is your own code: type it on your other account.")
    _check(session, PersonId(row.person), claimant.person)
    cancel(session, claimant.person)
    row.code, row.expires, row.agreed = None, now + GOOD_FOR, False
    row.claimant, row.claimant_name = claimant.person, claimant.name
    row.claimant_place = _encoded(claimant.place)
    session.flush()
    return _owner(row)


def waiting_for(session: Session, person: PersonId, now: datetime) -> Party | None:
    """Who has typed this person's code and agreed, and waits for the person's consent."""
    row = session.get(LinkCode, person)
    return _claimant(row, now) if row is not None and row.agreed else None


def confirm(session: Session, person: PersonId, now: datetime) -> Agreed | None:
    """Consent, the claimant's or after it the first account's; None where nobody waits for it.

    Raises `UserError` where what has happened since stands against it.
    """
    where = (LinkCode.claimant == person, LinkCode.expires > now, LinkCode.agreed.is_(False))
    claimed = session.execute(select(LinkCode).where(*where)).scalar()
    if claimed is not None:
        claimed.agreed, claimed.expires = True, now + GOOD_FOR
        session.flush()
        return Agreed(_owner(claimed), linked=False)
    claimant = waiting_for(session, person, now)
    row = session.get(LinkCode, person)
    if row is None or claimant is None:
        return None
    human = _check(session, person, claimant.person) or f"h{secrets.token_hex(12)}"
    for account, name in ((person, row.name), (claimant.person, claimant.name)):
        if human_of(session, account) is None:
            session.add(LinkedAccount(person=account, name=name, human=human, since=now))
    session.delete(row)
    session.flush()
    return Agreed(claimant, linked=True)


def cancel(session: Session, person: PersonId) -> None:
    """Nothing comes of what a person asked for, or claimed."""
    where = or_(LinkCode.person == person, LinkCode.claimant == person)
    session.execute(update(LinkCode).where(where).values(_NOTHING))


# ── inside ──────────────────────────────────────────────────────────────────────────────────────

_NOTHING: dict[str, object] = {
    "code": None, "expires": None, "claimant": None, "claimant_name": None, "claimant_place": None,
    "agreed": False,
}  # fmt: skip


def _check(session: Session, one: PersonId, other: PersonId) -> str | None:
    """The human that both would be, None for a new one; raises `UserError`."""
    humans = {human for each in (one, other) if (human := human_of(session, each)) is not None}
    if len(humans) == 2:
        raise UserError("Both are linked with others already: type “unlink” on one of them first.")
    if not humans:
        return None
    (human,) = humans
    members = {each.person for each in members_of(session, human)}
    if {one, other} <= members:
        raise UserError("You are linked with each other already.")
    if len(members) >= MOST_ACCOUNTS:
        raise UserError("You have too many accounts linked: type “unlink” for one of them first.")
    return human


def _write(session: Session, party: Party, **values: object) -> None:
    """Set a person's row, made where there is none; a new code ends what was before."""
    row = session.get(LinkCode, party.person)
    if row is None:
        row = LinkCode(person=party.person, tries=0)
        session.add(row)
    for key, value in (_NOTHING | values if "code" in values else values).items():
        setattr(row, key, value)
    row.name, row.place = party.name, _encoded(party.place)
    session.flush()


def _tries(row: LinkCode, now: datetime) -> int:
    recent = row.tried is not None and row.tried > now - GOOD_FOR
    return row.tries if recent else 0


def _forget_old(session: Session, now: datetime) -> None:
    """Rows of which nothing can come any more."""
    over = or_(LinkCode.expires.is_(None), LinkCode.expires < now)
    calm = or_(LinkCode.tried.is_(None), LinkCode.tried < now - GOOD_FOR)
    session.execute(delete(LinkCode).where(over, calm))


def _owner(row: LinkCode) -> Party:
    return Party(PersonId(row.person), row.name, _decode(row.place))


def _claimant(row: LinkCode, now: datetime) -> Party | None:
    if row.claimant is None or row.expires is None or row.expires <= now:
        return None
    name, place = row.claimant_name or "", _decode(row.claimant_place or "")
    return Party(PersonId(row.claimant), name, place)


def party_of(author: Author, place: Place) -> Party:
    """Somebody who asks."""
    return Party(author.person, author.name, place)


def _plain(typed: str) -> str:
    """A code as it was made, whatever a phone makes of it: case, hyphens, O and 0."""
    kept = "".join(each for each in typed.upper() if each.isalnum())
    return kept.translate(_MISREAD)[: _LENGTH + 1]


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _encoded(place: Place) -> str:
    return msgspec.json.encode(place).decode()


_decode = msgspec.json.Decoder(Place).decode
