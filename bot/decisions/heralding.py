"""The heads of each series' ledger, told at the fixed hour to those whom it is for.

Changed or not: so both networks witness the chain, and nothing is betrayed by the timing. A series
is told in the rooms of its channels that may have what is in it, and in its teams' own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from bot.custody import heads
from bot.custody.effective import Marked, stored_marked
from bot.custody.heads import Head
from bot.decisions.announcing import rooms_for
from bot.decisions.house import House
from bot.decisions.ledger import naming, witnessing, writing
from bot.events import Outgoing, Post
from bot.richtext import say
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from config.series import Run

if TYPE_CHECKING:
    from bot.decisions.ledger.signing import Signer


def is_due(session: Session, house: House, now: datetime) -> bool:
    """Whether a head of the day is still to be told."""
    return any(heads.is_due(session, now, each.name) for each in house.series())


def tell(
    session: Session, house: House, now: datetime, signer: Signer | None = None
) -> list[Outgoing]:
    """The day's heads, written down as told, and signed where there is a key."""
    posts: list[Outgoing] = []
    for run in house.series():
        _name_key(session, run.name, signer, now)
        head = heads.next_head(session, now, writing.head(session, run.name), run.name)
        if head is not None:
            row = witnessing.keep(
                session, run.name, head.number, bytes.fromhex(head.hash), signer, now
            )
            carried = list(_posts(session, house, run, head, row.signature, now))
            heads.told_by(session, [post.id for post in carried if post.id is not None], run.name)
            posts += carried
    return posts


def _name_key(session: Session, series: str, signer: Signer | None, now: datetime) -> None:
    """Put on record whose signature the head is to bear, where there is a head to tell."""
    is_due = signer is not None and heads.is_due(session, now, series)
    if signer is not None and is_due and writing.head(session, series)[0]:
        naming.name_key(session, series, signer.public, now)


def _posts(
    session: Session, house: House, run: Run, head: Head, signature: bytes | None, now: datetime
) -> Iterator[Outgoing]:
    lists = () if run.group is None else (frozenset({run.group.casefold()}),)
    marked = Marked(Marking(Label.CLEAR, lists), None, now)
    matter = None if run.group is None else stored_marked(marked)
    rooms = [room for channel in run.channels for room in rooms_for(house, channel, marked)]
    for room in dict.fromkeys(rooms):
        key = heads.head_id(session, now, room, run.name)
        yield Outgoing(room, _post(house, run, head, signature), id=key, matter=matter)
    teams = house.directory().teams
    homes = (teams[key].home for key in _readers(house, run) if key in teams)
    for home in dict.fromkeys(homes):
        if home is not None and home not in rooms:
            key = heads.head_id(session, now, home, run.name)
            yield Outgoing(home, _post(house, run, head, signature), id=key)


def _post(house: House, run: Run, head: Head, signature: bytes | None) -> Post:
    words = house.words_in()
    text = words(
        "The ledger of {series} has {n} entries; its head is {hash}. Keep this line: "
        "liaison decisions verify --series {series} --head {hash}",
        series=run.name,
        n=head.number,
        hash=head.hash,
    )
    if signature is not None:
        text += "\n" + words("Signed (Ed25519): {signature}", signature=signature.hex())
    return Post(say(text))


def _readers(house: House, run: Run) -> list[TeamKey]:
    """The teams of the series' audience."""
    councils = [house.council(channel) for channel in run.channels]
    teams = frozenset[TeamKey]().union(*(each.roster | each.observers for each in councils))
    if run.group is not None:
        teams &= house.directory().members_of(run.group)
    return sorted(teams)
