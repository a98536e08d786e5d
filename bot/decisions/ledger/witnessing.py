"""Who bears witness to a series' heads beside the rooms: kept, and asked whether it holds.

What verifies is loaded only where there is something to verify: it is a tenth of our memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.decisions.ledger import naming
from bot.store.tables.decisions import Ledger
from bot.store.tables.witnesses import Witness

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from bot.decisions.ledger.signing import Signer


@dataclass(frozen=True, slots=True)
class Trust:
    """What is known of those who bear witness: the public key that signs now, which every head is
    held against that is from before a chain names keys; an authority's certificates.
    """

    key: bytes | None = None
    roots: Sequence[Certificate] = ()


@dataclass(slots=True)
class Witnessed:
    """What a series' witnesses say: up to which entry it is signed, and by which key; up to which
    it is time-stamped, and when; and the first one that is wrong, with the reason.
    """

    signed: int | None = None
    key: bytes | None = None
    stamped: int | None = None
    when: datetime | None = None
    wrong: tuple[int, str] | None = None
    unknown: bool = field(default=False)
    """There is a time-stamp, and no certificate to hold it against."""


def keep(
    session: Session, series: str, entry: int, own: bytes, signer: Signer | None, now: datetime
) -> Witness:
    """A head is told: sign it, and let it be time-stamped."""
    signature = None if signer is None else signer.sign(series, entry, own.hex())
    row = Witness(
        series=series, entry=entry, hash=own, at=now,
        key=None if signer is None else signer.public, signature=signature,
    )  # fmt: skip
    row = session.merge(row)
    session.flush()
    return row


def unstamped(session: Session, most: int) -> list[tuple[str, int, bytes]]:
    """The newest head of each series that has no time-stamp, those that wait longest first."""
    waiting = select(Witness.series, Witness.entry, Witness.hash)
    waiting = waiting.where(Witness.stamp.is_(None)).order_by(Witness.at.desc())
    newest: dict[str, tuple[str, int, bytes]] = {}
    for row in session.execute(waiting):
        newest.setdefault(row.series, (row.series, row.entry, row.hash))
    return list(reversed(newest.values()))[:most]


def stamp(session: Session, series: str, entry: int, answer: bytes, when: datetime) -> None:
    """A head was time-stamped."""
    row = session.get(Witness, (series, entry))
    if row is not None:
        row.stamp, row.stamped = answer, when
        session.flush()


def of(session: Session, series: str) -> Sequence[Witness]:
    """All that bears witness to a series, in its order."""
    mine = select(Witness).where(Witness.series == series).order_by(Witness.entry)
    return session.execute(mine).scalars().all()


def examine(session: Session, series: str, trust: Trust) -> Witnessed:
    """What the witnesses prove of the entries that there are."""
    found, named = Witnessed(), naming.named(session, series)
    for row in of(session, series):
        key = naming.key_at(named, row.entry) or trust.key or row.key
        wrong = _wrong(session, row, key, trust, found)
        if wrong is not None:
            found.wrong = (row.entry, wrong)
            return found
    return found


def _wrong(
    session: Session, row: Witness, key: bytes | None, trust: Trust, found: Witnessed
) -> str | None:
    """What is wrong with one, noting what it proves where nothing is. `key`: that it has to be
    signed by.
    """
    here = select(Ledger.hash).where(Ledger.series == row.series, Ledger.entry == row.entry)
    after = select(Ledger.previous).where(
        Ledger.series == row.series, Ledger.entry == row.entry + 1
    )
    own = session.execute(here).scalar() or session.execute(after).scalar()
    if own != row.hash:
        return "it is not the one that was signed or time-stamped"
    if row.signature is not None:
        from bot.decisions.ledger.signing import is_signed  # noqa: PLC0415  see above

        head = row.series, row.entry, row.hash.hex()
        if key is None or key != row.key or not is_signed(key, row.signature, *head):
            return "its signature is not that of the key"
        found.signed, found.key = row.entry, key
    if row.stamp is not None:
        if not trust.roots:
            found.unknown = True
            return None
        from bot.decisions.ledger.stamping import stamped_at  # noqa: PLC0415

        when = stamped_at(row.stamp, trust.roots, row.series, row.entry, row.hash.hex())
        if when is None:
            return "its time-stamp proves nothing"
        found.stamped, found.when = row.entry, when
    return None
