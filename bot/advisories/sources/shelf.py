"""Items and stories in the store: what is there, what was made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.advisories.sources.comparing import compact, is_changed
from bot.advisories.sources.gathered import Found
from bot.advisories.sources.item import Item
from bot.custody import numbering
from bot.custody.effective import Marked, marked_of, stored_marked
from bot.feeds.keeping import standings
from bot.sharing.teams import TeamKey
from bot.store.tables.sources import SourceItem, SourceName, Story, StoryName

_DAY = timedelta(days=1)
_HANDLE = "n"
CVE = "cve "
"""Before a CVE that names what is about it."""
NEWS = "news"
"""The kind of what has a handle of its own."""
_SOME = 500
"""Names that one statement asks for."""
_encode = msgspec.json.Encoder(order="sorted").encode
_item = msgspec.json.Decoder(Item).decode
_names = msgspec.json.Decoder(tuple[str, ...]).decode


class State(StrEnum):
    """How an item stands. Stored."""

    HELD = "held"
    """The reading that brings it is not over: how much it brings decides how it is told."""
    FIRST = "first"
    """To be told, and its feed was never read before."""
    WAITING = "waiting"
    """To be told."""
    TOLD = "told"
    """Told, or of nobody's concern."""
    REFUSED = "refused"
    """Not taken over, and its feed's owner has not heard of that yet."""


class Kind(StrEnum):
    """What was made of items. Stored."""

    DRAFT = "draft"
    POST = "post"
    LIST = "list"
    """Of many at once."""
    MATCH = "match"
    """A word to a team of what it runs."""


def item_of(row: SourceItem) -> Item:
    """What a feed has there."""
    return _item(row.item)


def before_of(row: SourceItem) -> Item | None:
    """What it was."""
    return None if row.before is None else _item(row.before)


def names_of(item: Item) -> tuple[str, ...]:
    """By what it is known in other sources."""
    return tuple(dict.fromkeys((item.identity, *(f"{CVE}{each}" for each in item.cves))))


def hold(session: Session, feed: str, found: Sequence[Found], now: datetime) -> tuple[int, int]:
    """Write down what was read, to be told once all of it is there; how many are new or changed,
    and how many were refused.
    """
    places = [each.place for each in found]
    where = (SourceItem.feed == feed, SourceItem.place.in_(places))
    rows = {row.place: row for row in session.execute(select(SourceItem).where(*where)).scalars()}
    new = refused = 0
    for each in found:
        row = rows.get(each.place)
        if row is not None:
            row.gone = None
        if each.item is None:
            _refuse(session, feed, each, row, now)
            refused += 1
        elif row is None or not row.item or item_of(row).identity != each.item.identity:
            new += 1
            _begin(session, feed, each.place, each.item, row, now)
        elif is_changed(item_of(row), each.item) or row.refused is not None:
            new += 1
            _revise(session, row, each.item, now)
    return new, refused


def release(session: Session, feed: str, *, first: bool) -> None:
    """The reading is over: what it brought may be told."""
    held = (SourceItem.feed == feed, SourceItem.state == State.HELD)
    state = State.FIRST if first else State.WAITING
    session.execute(update(SourceItem).where(*held).values(state=state))


def waiting_feeds(session: Session) -> list[str]:
    """The feeds of which something is to be told."""
    states = SourceItem.state.in_([State.WAITING, State.FIRST, State.REFUSED])
    return sorted(session.execute(select(SourceItem.feed).where(states).distinct()).scalars())


def waiting(session: Session, feed: str, most: int) -> Sequence[SourceItem]:
    """What is to be told of a feed, in the order in which it was read."""
    where = (SourceItem.feed == feed, SourceItem.state.in_([State.WAITING, State.FIRST]))
    found = select(SourceItem).where(*where).order_by(SourceItem.id).limit(most)
    return session.execute(found).scalars().all()


def newly_refused(session: Session, feed: str) -> Counter[str]:
    """How many of a feed are refused, by the reason, that nobody was told of; now somebody is."""
    where = (SourceItem.feed == feed, SourceItem.state == State.REFUSED)
    found = session.execute(select(SourceItem).where(*where)).scalars().all()
    for row in found:
        row.state = State.TOLD
    return Counter(row.refused or "" for row in found)


def told(row: SourceItem, story: str | None = None) -> None:
    """Nothing more is to be told of it, until it changes; `story`: what was made of it alone."""
    row.item = _encode(compact(item_of(row))).decode()
    row.before, row.state = None, State.TOLD
    row.story = row.story if story is None else story


def begin(
    session: Session, kind: Kind, feed: str, items: Iterable[Item], marked: Marked, now: datetime,
    *, channels: Sequence[str] = (), team: TeamKey | None = None, ref: str | None = None,
) -> Story:  # fmt: skip
    """Write down what is made of items; `ref`: its handle, where it has one already."""
    if ref is None:
        ref = numbering.begin(session, NEWS, _HANDLE, "", now).handle
    story = Story(
        ref=ref, kind=kind, feed=feed, team=team, channels=_encode(list(channels)).decode(),
        marked=stored_marked(marked), at=now,
    )  # fmt: skip
    session.add(story)
    session.flush()
    names = dict.fromkeys(name for item in items for name in names_of(item))
    session.add_all(StoryName(name=name, ref=ref) for name in names)
    session.flush()
    return story


def alike(
    session: Session, feed: str, item: Item, channels: Sequence[str], marked: Marked, *,
    lists: bool = True,
) -> tuple[Story, bool] | None:  # fmt: skip
    """What was made of the same before for all of these channels, by another source, or by this one
    where it was long gone from it; and whether it is the very same document. Nothing stricter than
    this counts: who may read this could perhaps not read that. `lists`: whether one of many counts.
    """
    names, not_meant = names_of(item), [Kind.MATCH, *([] if lists else [Kind.LIST])]
    found = (
        select(Story, StoryName.name)
        .join(StoryName, StoryName.ref == Story.ref)
        .where(StoryName.name.in_(names), Story.kind.not_in(not_meant))
        .order_by(Story.at)
    )
    covered: dict[str, list[Story]] = {}
    for story, name in session.execute(found):
        if set(channels) <= set(_names(story.channels)) and _is_open(story, marked):
            covered.setdefault(name, []).append(story)
    own = next((each for each in covered.get(item.identity, ()) if each.feed == feed), None)
    if own is not None:
        return own, True
    if item.identity in covered and not item.identity.startswith(CVE):
        return covered[item.identity][0], True
    cves = [f"{CVE}{each}" for each in item.cves]
    if cves and all(name in covered for name in cves):
        return covered[cves[0]][0], False
    return None


def told_before(session: Session, feed: str, items: Sequence[Item]) -> set[str]:
    """The identities of those that a feed has told of already: it had them before, and not for long
    in between.
    """
    found: set[str] = set()
    for start in range(0, len(items), _SOME):
        names = [each.identity for each in items[start : start + _SOME]]
        told = (
            select(StoryName.name)
            .join(Story, StoryName.ref == Story.ref)
            .where(StoryName.name.in_(names), Story.feed == feed, Story.kind != Kind.MATCH)
        )
        found.update(session.execute(told).scalars())
    return found


def is_held(session: Session, story: str) -> bool:
    """Whether an item is there of which a story was made: what changes of it is told by that."""
    found = select(SourceItem.id).where(SourceItem.story == story)
    return session.execute(found.limit(1)).first() is not None


def matched_before(session: Session, team: TeamKey, item: Item) -> bool:
    """Whether a team was told already that it runs what this is about."""
    found = (
        select(Story.ref)
        .join(StoryName, StoryName.ref == Story.ref)
        .where(StoryName.name == item.identity, Story.kind == Kind.MATCH, Story.team == team)
    )
    return session.execute(found.limit(1)).first() is not None


def ransomware_known(session: Session, cves: Sequence[str]) -> bool:
    """Whether any source knows that ransomware uses one of these."""
    rows = (
        select(SourceItem.item)
        .join(SourceName, SourceName.item == SourceItem.id)
        .where(SourceName.name.in_(cves), SourceItem.refused.is_(None))
    )
    return any(_item(each).ransomware for each in session.execute(rows).scalars())


def made_lately(session: Session, feed: str, now: datetime) -> int:
    """How many items of a feed were told one by one within a day."""
    where = (Story.feed == feed, Story.kind.in_([Kind.DRAFT, Kind.POST]), Story.at > now - _DAY)
    return session.execute(select(func.count()).select_from(Story).where(*where)).scalar() or 0


def refused_of(session: Session, feed: str) -> list[tuple[str, str]]:
    """What of a feed is not taken over: its place or name, and the code of the reason."""
    where = (SourceItem.feed == feed, SourceItem.refused.is_not(None))
    columns = select(SourceItem.identity, SourceItem.refused).where(*where)
    rows = session.execute(columns.order_by(SourceItem.id.desc()))
    return [(identity, reason or "") for identity, reason in rows]


def readings(
    session: Session, feeds: Iterable[str]
) -> dict[str, tuple[int | None, str | None, list[tuple[str, str]]]]:
    """When each feed was read last (microseconds since 1970), what is wrong with it, and what of it
    is not taken over.
    """
    return {
        name: (each.good * 1_000_000 or None, each.problem or None, refused_of(session, name))
        for name, each in standings(session, feeds).items()
    }


def _is_open(story: Story, marked: Marked) -> bool:
    was = marked_of(story.marked).marking
    if was.label > marked.marking.label:
        return False
    return not was.releasable or was.releasable == marked.marking.releasable


def _begin(
    session: Session, feed: str, place: str, item: Item, row: SourceItem | None, now: datetime
) -> None:
    if row is None:
        row = SourceItem(feed=feed, place=place)
        session.add(row)
    row.identity, row.item = item.identity, _encode(item).decode()
    row.before = row.refused = row.story = None
    row.state, row.seen = State.HELD, now
    session.flush()
    _name(session, row, item)


def _revise(session: Session, row: SourceItem, item: Item, now: datetime) -> None:
    if row.before is None and row.state == State.TOLD:  # else what was before is untold yet
        row.before = _encode(compact(item_of(row))).decode()
    row.identity, row.item = item.identity, _encode(item).decode()
    row.refused, row.state, row.seen = None, State.HELD, now
    _name(session, row, item)


def _refuse(
    session: Session, feed: str, found: Found, row: SourceItem | None, now: datetime
) -> None:
    """What was read before of it stays as it was told."""
    if row is None:
        row = SourceItem(feed=feed, place=found.place, item="", state=State.TOLD)
        session.add(row)
    if row.refused != found.refusal and row.state not in {State.WAITING, State.FIRST, State.HELD}:
        row.state = State.REFUSED
    row.refused, row.seen = found.refusal, now
    row.identity = row.identity if row.item else found.name or found.place
    session.flush()


def _name(session: Session, row: SourceItem, item: Item) -> None:
    session.execute(delete(SourceName).where(SourceName.item == row.id))
    session.add_all(SourceName(name=each, item=row.id) for each in item.cves)
