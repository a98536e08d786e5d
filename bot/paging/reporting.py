"""How long it took to reach teams in an exercise, and what its author is told when it is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.events import Answer, Outgoing, PersonId
from bot.paging import keeping
from bot.paging.house import House
from bot.paging.showing import EXERCISE
from bot.richtext import say
from bot.sharing.teams import TeamKey
from bot.store.tables import Outbox, State
from bot.store.tables.paging import Drill, Page
from bot.words import Words


@dataclass(frozen=True, slots=True)
class Times:
    """How long it took until something reached a team, and until somebody of it answered."""

    team: TeamKey
    reached: timedelta | None
    acknowledged: timedelta | None
    over: bool


def times(session: Session, drill: Drill) -> list[Times]:
    """What it has measured so far, a team each."""
    return [_times(session, page) for page in keeping.pages_of(session, drill.ref)]


def report(session: Session, house: House, drill: Drill, words: Words) -> str:
    """The minutes to reach and to acknowledge, a line for each team."""
    found, names = times(session, drill), house.directory().teams
    answered = sum(each.acknowledged is not None for each in found)
    lines = [
        words.count(
            "{ref}: {answered} of {n} team has answered.",
            "{ref}: {answered} of {n} teams have answered.",
            len(found), ref=drill.ref, answered=answered,
        )
    ]  # fmt: skip
    lines += [
        words(
            "• {team}: reached {reached}, acknowledged {acknowledged}",
            team=names[each.team].name if each.team in names else each.team,
            reached=_minutes(each.reached, words, over=each.over),
            acknowledged=_minutes(each.acknowledged, words, over=each.over),
        )
        for each in found
    ]
    return "\n".join(f"{EXERCISE} {line}" for line in lines)


def report_when_over(session: Session, house: House, ref: str, now: datetime) -> list[Outgoing]:
    """What its author is told when no team is rung any more, once."""
    drill = session.get(Drill, ref)
    if drill is None or drill.reported is not None:
        return []
    if any(page.ended is None for page in keeping.pages_of(session, ref)):
        return []
    drill.reported = now
    place = keeping.place_of(drill)
    if place is None:
        return []
    person, text = PersonId(drill.by), report(session, house, drill, house.words_in())
    answer = Answer(
        person, say(text), direct=place.direct, lasting=not place.direct, team=drill.by_team or ""
    )
    return [Outgoing(place.room, answer)]


def _times(session: Session, page: Page) -> Times:
    reached = [page.reached, _spoken_to(session, page), page.acknowledged]
    first = min((each for each in reached if each is not None), default=None)
    return Times(
        TeamKey(page.team),
        None if first is None else first - page.created,
        None if page.acknowledged is None else page.acknowledged - page.created,
        page.ended is not None,
    )


def _spoken_to(session: Session, page: Page) -> datetime | None:
    """When the first word to one of its people landed."""
    ids = [each.delivery for each in keeping.rang(page)]
    landed = select(Outbox.finished).where(Outbox.id.in_(ids), Outbox.state == State.DELIVERED)
    return session.execute(landed.order_by(Outbox.finished).limit(1)).scalar()


def _minutes(took: timedelta | None, words: Words, *, over: bool) -> str:
    if took is None:
        return words("never") if over else words("not yet")
    return words("after {n} min", n=f"{took / timedelta(minutes=1):.1f}")
