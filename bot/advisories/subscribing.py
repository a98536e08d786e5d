"""Who wants to hear of advisories: people, alone, and teams in their own rooms.

They hear of what is released and of what feeds bring, each once, and of nothing that their team may
not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.advisories import keeping, showing, view
from bot.advisories.document import Document, Kind
from bot.advisories.house import House
from bot.advisories.publishing.shelf import may_read
from bot.advisories.sources.filters import Filter, wants
from bot.advisories.sources.item import Item
from bot.custody.effective import Marked
from bot.events import Answer, Outgoing, PersonId, Post, RoomId, Standing
from bot.richtext import say
from bot.sharing.gate import Denied, Door, judge
from bot.sharing.marking import Label
from bot.sharing.teams import Team, TeamKey
from bot.store.tables import Roster
from bot.store.tables.advisories import Advisory
from bot.store.tables.sources import Subscription
from bot.times.working import Severity
from bot.words import Words

FEEDS = "feeds"
"""What feeds bring, among the kinds of advisories."""
KINDS = (*map(str, Kind), FEEDS)
MOST = 20
"""Of one person."""
_LINES = 10
_encode = msgspec.json.Encoder().encode


class Wanted(msgspec.Struct, frozen=True):
    """What somebody wants to hear of. `kinds`: of `KINDS`; none is all."""

    kinds: tuple[str, ...] = ()
    severity: Severity = Severity.LOW
    vendors: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    ransomware: bool = False

    def fits(self, kind: str, item: Item) -> bool:
        """Whether something is meant."""
        only = Filter(self.severity, self.vendors, self.products, self.sectors, self.ransomware)
        return (not self.kinds or kind in self.kinds) and wants(only, item)


class Place(msgspec.Struct, frozen=True):
    """Where somebody is told."""

    room: str
    direct: bool = False


def begin(
    session: Session, person: PersonId, team: TeamKey | None, wanted: Wanted, place: Place,
    now: datetime, *, whole_team: bool = False,
) -> Subscription:  # fmt: skip
    """Tell a person, or the whole team in its room."""
    row = Subscription(
        person=person, team=team, whole_team=whole_team, wanted=_encode(wanted).decode(),
        place=_encode(place).decode(), since=now,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def of_person(session: Session, person: str, team: TeamKey | None) -> Sequence[Subscription]:
    """Somebody's own, and those of their whole team."""
    own = Subscription.person == person
    shared = Subscription.whole_team & (Subscription.team == team)
    where = own | shared if team is not None else own
    return (
        session.execute(select(Subscription).where(where).order_by(Subscription.id)).scalars().all()
    )


def end(session: Session, row: Subscription) -> None:
    """Tell it no more."""
    session.execute(delete(Subscription).where(Subscription.id == row.id))


def wanted_of(row: Subscription) -> Wanted:
    """What it is about."""
    return msgspec.json.decode(row.wanted, type=Wanted)


def tell_released(session: Session, house: House, row: Advisory) -> list[Outgoing]:
    """To all who want to hear of an advisory that is released, and may read it."""
    document = keeping.document_of(row)
    item, words = _item(document), house.words_in()
    line = showing.first_line(view.shown(session, house, row), words)
    outgoing = []
    for each, team in _subscribed(session, house):
        if not wanted_of(each).fits(str(document.kind), item):
            continue
        if team is None:
            may = _is_seated(session, each.person, keeping.rooms_of(house, row))
        else:
            may = may_read(row, team, house.custody().markings)
        if may:
            shown = words("“advisory show {name}” shows it.", name=keeping.name_of(session, row))
            outgoing.append(_told(each, team, [line, shown], words))
    return outgoing


def tell_items(
    session: Session, house: House, feed: str, found: Sequence[tuple[Item, Marked]],
    roster: frozenset[TeamKey], rooms: Sequence[RoomId],
) -> list[Outgoing]:  # fmt: skip
    """The same of what a feed brings; `roster` and `rooms`: of the channels that it is for."""
    words, outgoing = house.words_in(), []
    for each, team in _subscribed(session, house):
        wanted = wanted_of(each)
        if team is None and not _is_seated(session, each.person, rooms):
            continue
        news = [
            (item, marked) for item, marked in found
            if wanted.fits(FEEDS, item) and (team is None or _may(house, marked, team, roster))
        ]  # fmt: skip
        if news:
            outgoing.append(_told(each, team, [*_lines(news, feed, words)], words))
    return outgoing


def _lines(news: Sequence[tuple[Item, Marked]], feed: str, words: Words) -> Iterator[str]:
    label = max((marked.marking.label for _, marked in news), key=lambda each: each.rank)
    yield words.count(
        "{label} · {n} new entry of the feed {feed}",
        "{label} · {n} new entries of the feed {feed}", len(news), label=label, feed=feed,
    )  # fmt: skip
    for item, marked in news[:_LINES]:
        severity = showing.severity_words(item.severity or Severity.MEDIUM, words)
        title = showing.shortened(item.title, 70)
        yield f"• {marked.marking.label} · {severity} · {item.name} · {title}"
        yield from item.references[:1]
    if len(news) > _LINES:
        rest = len(news) - _LINES
        yield words.count("• and {n} more", "• and {n} more", rest)


def _told(row: Subscription, team: Team | None, lines: list[str], words: Words) -> Outgoing:
    lines.append(words("“subscribe end {n}” ends this.", n=row.id))
    body = say("\n".join(lines))
    place = msgspec.json.decode(row.place, type=Place)
    if row.whole_team and team is not None and team.home is not None:
        return Outgoing(team.home, Post(body))
    key = "" if team is None else team.key
    answer = Answer(PersonId(row.person), body, direct=place.direct, team=key)
    return Outgoing(RoomId(place.room), answer)


def _subscribed(session: Session, house: House) -> Iterator[tuple[Subscription, Team | None]]:
    """Each with its team, as long as its person is of that; None where there are no teams."""
    directory = house.directory()
    for row in session.execute(select(Subscription).order_by(Subscription.id)).scalars():
        if row.team is None:
            if not directory.teams:
                yield row, None
            continue
        team = directory.teams.get(TeamKey(row.team))
        if team is None:
            continue
        if row.whole_team:
            if team.home is not None:
                yield row, team
        elif _team_now(session, house, row.person) == team.key:
            yield row, team


def _team_now(session: Session, house: House, person: str) -> str | None:
    """The team of somebody, as they sit in a room now; else as the settings name them."""
    there = (Roster.person == person, Roster.until.is_(None))
    found = session.execute(select(Roster.team).where(*there).limit(1)).first()
    if found is not None:
        team_now: str | None = found.team
        return team_now
    directory = house.directory()
    team = directory.owner_of(directory.member_of(PersonId(person)), Standing.MEMBER)
    return None if team is None else team.key


def _is_seated(session: Session, person: str, rooms: Iterable[RoomId]) -> bool:
    there = (Roster.person == person, Roster.until.is_(None), Roster.room.in_(list(rooms)))
    return session.execute(select(Roster.id).where(*there).limit(1)).first() is not None


def _may(house: House, marked: Marked, team: Team, roster: frozenset[TeamKey]) -> bool:
    own = frozenset({team.key})
    door = Door(Label.AMBER_STRICT, own, roster or own, lowest=team.clearance)
    matter = house.custody().markings.effective(marked).matter
    return not isinstance(judge(matter, door), Denied)


def _item(document: Document) -> Item:
    return Item(
        "", "", document.title, summary=f"{document.summary}\n{document.body[:4000]}",
        severity=document.severity, cves=document.cves, products=document.affected,
    )  # fmt: skip
