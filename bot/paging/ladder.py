"""The ladder: from who is on duty to who stands in to who administers the team, until one answers.

A step is one transaction: what is said in chat is in the outbox, an alert waits for each service,
the next step has its time, and the page says how far it has climbed; or none of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import IntEnum

import msgspec
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bot.custody.effective import stored_marked
from bot.custody.telling import contacts
from bot.events import Answer, Control, DeliveryId, Edit, Look, Outgoing, PersonId, Post, RoomId
from bot.paging import duty, keeping, reporting
from bot.paging.house import House
from bot.paging.keeping import Call, Rung
from bot.paging.showing import EXERCISE, marked_exercise, severity_words
from bot.richtext import RichText, say
from bot.schedules import keeping as schedules
from bot.schedules.keeping import Plan
from bot.schedules.kinds import Due, Handler
from bot.sharing.doors import door_of_team
from bot.sharing.gate import Allowed, Door, judge
from bot.sharing.teams import Team, TeamKey
from bot.store.tables import Roster
from bot.store.tables.paging import Alert, Page
from bot.times.hours import is_quiet
from bot.times.working import Severity, end_of_quiet
from bot.words import Words
from bot.words.times import lasting, moment

KIND = "page"
"""The kind of schedule that climbs."""
WAITING, SENDING, SENT, FAILED, DROPPED = "waiting", "sending", "sent", "failed", "dropped"
"""What becomes of an alert."""
_YES = "\N{WHITE HEAVY CHECK MARK}"


class Step(IntEnum):
    """Who is rung, one after the other."""

    DUTY = 0
    DEPUTY = 1
    ADMINS = 2
    OVER = 3


def is_urgent(team: Team, severity: Severity) -> bool:
    """Whether something rings at any hour: as grave as the team's `quiet_override`; where it names
    none, what is critical.
    """
    return severity.reaches(team.quiet_override or Severity.CRITICAL)


def rings_at(team: Team, severity: Severity, now: datetime) -> datetime:
    """When a page rings: now, or when the team's quiet hours end."""
    if is_urgent(team, severity) or not is_quiet(team.quiet, now, team.zone):
        return now
    return end_of_quiet(team, now)


def call(
    session: Session, house: House, wanted: Call, now: datetime
) -> tuple[Page, list[Outgoing]]:
    """Call a team: at once, or when its quiet hours are over. What leaves with that."""
    page = keeping.begin(session, wanted, now)
    team = house.directory().teams[wanted.team]
    at = rings_at(team, wanted.severity, now)
    if at <= now:
        return page, climb(session, house, page, now)
    _plan(session, page, at, now)
    return page, []


def handler(house: House) -> Handler:
    """What the scheduler does when nobody has answered by then."""

    def occur(session: Session, due: Due, now: datetime) -> Sequence[Outgoing]:
        ref, rung = due.object.split(" ")
        page = session.get(Page, ref)
        if page is None or page.ended is not None or page.rung != int(rung):
            return ()
        return climb(session, house, page, now)

    return occur


def climb(session: Session, house: House, page: Page, now: datetime) -> list[Outgoing]:
    """The next step that rings anybody; after the last one it is over, and the author is told."""
    team = house.directory().teams.get(TeamKey(page.team))
    if team is None:
        return _over(session, house, page, now)
    while page.rung < Step.OVER:
        step = Step(page.rung)
        page.rung += 1
        fresh = _fresh(session, house, page, team, step, now)
        if fresh or (step is Step.DUTY and (team.home or house.services(team.key))):
            return _ring(session, house, page, team, fresh, now)
    return _over(session, house, page, now)


def service_down(
    session: Session, house: House, page: Page, rung: int, kind: str, service: str, now: datetime
) -> list[Outgoing]:
    """A service has not taken an alert of a step: the next step at once, where it rings anybody,
    and the author is told, once for each service.
    """
    outgoing = []
    told = msgspec.json.decode(page.told, type=list[str])
    words = house.words_in()
    if service not in told:
        page.told = msgspec.json.encode([*told, service]).decode()
        text = words(
            "{number}: an alert service of {team} does not work ({kind}): I ring the next step.",
            number=page.number, team=_team_name(house, page), kind=kind,
        )  # fmt: skip
        outgoing += _tell_author(page, text)
        outgoing += _tell_admins(house, page, text)
    if page.ended is None and page.rung == rung and _rings_more(session, house, page, now):
        outgoing += climb(session, house, page, now)
    return outgoing


def acknowledge(
    session: Session, house: House, page: Page, by: PersonId, now: datetime
) -> list[Outgoing]:
    """Somebody of the team has it: nothing rings any more, and who was rung hears so."""
    page.acknowledged, page.acknowledged_by = now, by
    waiting = (Alert.page == page.ref, Alert.state == WAITING)
    session.execute(update(Alert).where(*waiting).values(state=DROPPED, finished=now))
    outgoing = _end(session, house, page, now)
    words, team = house.words_in(), _team_name(house, page)
    text = words(
        "{number}: {team} has it, after {time}.",
        number=page.number, team=team, time=lasting(words, now - page.created),
    )  # fmt: skip
    outgoing += _tell_author(page, text)
    said = say(marked_exercise(page, text))
    rung = {each.person: each for each in keeping.rang(page) if each.person != by}
    outgoing += [_beside(page, each.room, each.person, said) for each in rung.values()]
    home = house.directory().teams[TeamKey(page.team)].home
    if page.post is not None and home is not None:
        outgoing.append(Outgoing(home, Edit(said, made=DeliveryId(page.post))))
    return outgoing


def call_off(session: Session, handle: str, now: datetime) -> None:
    """What some pages are about holds no more: nothing rings because of it, and nobody is told."""
    open_ = (Page.about == handle, Page.acknowledged.is_(None))
    refs = session.execute(select(Page.ref).where(*open_)).scalars().all()
    waiting = (Alert.page.in_(refs), Alert.state == WAITING)
    session.execute(update(Alert).where(*waiting).values(state=DROPPED, finished=now))
    session.execute(update(Page).where(*open_).values(acknowledged=now, ended=now))


# ── a step ──────────────────────────────────────────────────────────────────────────────────────


def _fresh(
    session: Session, house: House, page: Page, team: Team, step: Step, now: datetime
) -> list[tuple[PersonId, RoomId]]:
    """Whom a step would ring that no earlier one has, with a room that has them."""
    watch = duty.watch_of(session, team, now)
    members = {
        Step.DUTY: [each.member for each in watch.people],
        Step.DEPUTY: [each.member for each in watch.deputies],
        Step.ADMINS: list(team.admins or team.delegates),
    }[step]
    before = {each.person for each in keeping.rang(page)}
    found = contacts(session, house.directory(), team, members)
    return [(person, room) for person, room in found if person not in before]


def _rings_more(session: Session, house: House, page: Page, now: datetime) -> bool:
    team = house.directory().teams.get(TeamKey(page.team))
    steps = [Step(each) for each in range(page.rung, Step.OVER)]
    return team is not None and any(_fresh(session, house, page, team, each, now) for each in steps)


def _ring(
    session: Session, house: House, page: Page, team: Team,
    people: Sequence[tuple[PersonId, RoomId]], now: datetime,
) -> list[Outgoing]:  # fmt: skip
    for each in house.services(team.key):
        session.add(
            Alert(page=page.ref, rung=page.rung, service=each.name, state=WAITING, tries=0,
                  created=now)
        )  # fmt: skip
    if page.link is None:
        rooms = _rooms_of(session, house, team, [room for _, room in people])
        page.link = next(filter(None, map(house.link_to, rooms)), None)
    outgoing, rung = [], keeping.rang(page)
    open_to_team = _may_read(page, house, door_of_team(team))
    for person, room in people:
        body = _body(house, page, house.words_in(room), whole=open_to_team)
        sent = _beside(page, room, person, body, _controls(page, house.words_in(room)), house)
        assert sent.id is not None
        rung.append(Rung(person, room, sent.id))
        outgoing.append(sent)
    page.rang = msgspec.json.encode(rung).decode()
    if page.post is None and team.home is not None:
        outgoing.append(_home_post(house, page, team.home))
    _plan(session, page, now + team.escalate, now)
    session.flush()
    return outgoing


def _rooms_of(
    session: Session, house: House, team: Team, spoken_in: Sequence[RoomId]
) -> Iterator[RoomId]:
    """The rooms that an alert can lead a team to, the likeliest first: its own, where who is rung
    is, those that have somebody of it, and the others of its channels.
    """
    if team.home is not None:
        yield team.home
    yield from spoken_in
    there = (Roster.team == team.key, Roster.until.is_(None))
    found = select(Roster.room).where(*there).distinct().order_by(Roster.room)
    yield from map(RoomId, session.execute(found).scalars())
    doors = house.custody().doors
    for name, channel in doors.channels.items():
        if team.key in doors.roster(name):
            yield from channel.rooms


def _home_post(house: House, page: Page, home: RoomId) -> Outgoing:
    """The team's own room gets the text if it may hold it; else number, severity and who calls."""
    marked, words = keeping.marked(page), house.words_in(home)
    matter = None if marked is None else house.custody().markings.effective(marked).matter
    whole = matter is not None and isinstance(house.custody().ask(matter, home), Allowed)
    page.post = key = house.new_id()
    post = Post(_body(house, page, words, whole=whole), controls=_controls(page, words))
    kept = stored_marked(marked) if whole and marked is not None else None
    return Outgoing(home, post, matter=kept, id=key)


def _body(house: House, page: Page, words: Words, *, whole: bool) -> RichText:
    marked, severity = keeping.marked(page), severity_words(Severity(page.severity), words)
    by = house.directory().teams.get(TeamKey(page.by_team or ""))
    caller = words("somebody") if by is None else by.name
    named = {"severity": severity, "number": page.number, "team": _short(_team_name(house, page))}
    lines = [words("{severity} · {number}: {caller} calls {team}.", caller=_short(caller), **named)]
    if page.about is not None:
        lines = [words("{severity} · {number}: an advisory for {team}.", **named)]
        lines.append(words("“advisory show {number}” shows it.", number=page.number))
    elif whole and page.text is not None and marked is not None:
        lines.append(_labelled(page.text, str(marked.marking)))
    elif page.text is not None:
        lines.append(words("What it says may not be shown here: ask who calls."))
    lines.append(words("“duty ack {ref}”, or ✅, says that you have it.", ref=page.ref))
    return say(marked_exercise(page, "\n".join(lines)))


def _labelled(text: str, label: str) -> str:
    """A text behind its label, which it may begin with already."""
    return text if text.upper().startswith(label) else f"{label}: {text}"


def _may_read(page: Page, house: House, door: Door) -> bool:
    marked = keeping.marked(page)
    if marked is None:
        return False
    matter = house.custody().markings.effective(marked).matter
    return isinstance(judge(matter, door), Allowed)


def _controls(page: Page, words: Words) -> tuple[Control, ...]:
    text = words("I have it")
    shown = text if page.drill is None else f"{EXERCISE}: {text}"
    return (Control(shown, f"duty ack {page.ref}", _YES, Look.PRIMARY),)


def _beside(
    page: Page, room: RoomId, person: PersonId, body: RichText,
    controls: tuple[Control, ...] = (), house: House | None = None,
) -> Outgoing:  # fmt: skip
    """A word to one person of the team, where it stays until they are there."""
    answer = Answer(person, body, controls=controls, lasting=True, team=page.team)
    return Outgoing(room, answer, id=None if house is None else house.new_id())


def _plan(session: Session, page: Page, at: datetime, now: datetime) -> None:
    """Nobody sees that in a list of schedules, and nobody pauses it."""
    schedules.begin_once(session, Plan(KIND, f"{page.ref} {page.rung}"), at, "UTC", now)


# ── its end ─────────────────────────────────────────────────────────────────────────────────────


def _over(session: Session, house: House, page: Page, now: datetime) -> list[Outgoing]:
    words = house.words_in()
    text = words(
        "{number}: nobody of {team} has answered since {when}, and nobody is left to ring.",
        number=page.number, team=_team_name(house, page), when=moment(words, page.created, now),
    )  # fmt: skip
    outgoing = [*_tell_author(page, text), *_tell_admins(house, page, text)]
    return [*outgoing, *_end(session, house, page, now)]


def _end(session: Session, house: House, page: Page, now: datetime) -> list[Outgoing]:
    """It rings no more. Its text is not needed any longer where somebody has it."""
    page.ended = page.ended or now
    if page.acknowledged is not None:
        page.text = None
    session.flush()
    if page.drill is None:
        return []
    return reporting.report_when_over(session, house, page.drill, now)


def _tell_author(page: Page, text: str) -> list[Outgoing]:
    place = keeping.place_of(page)
    if place is None:
        return []
    body, person = say(marked_exercise(page, text)), PersonId(page.by)
    answer = Answer(
        person, body, direct=place.direct, lasting=not place.direct, team=page.by_team or ""
    )
    return [Outgoing(place.room, answer)]


def _tell_admins(house: House, page: Page, text: str) -> list[Outgoing]:
    body = say(marked_exercise(page, text))
    return [Outgoing(room, Post(body)) for room in house.admin_rooms()]


def _team_name(house: House, page: Page) -> str:
    team = house.directory().teams.get(TeamKey(page.team))
    return page.team if team is None else team.name


def _short(name: str) -> str:
    return name if len(name) <= 20 else name[:19] + "…"
