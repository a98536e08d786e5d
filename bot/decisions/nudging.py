"""Reminding those who are to do something: in their working hours, three times at most.

The day before it is due, when it is due, and a working day after. A reminder holds the number, the
marking and the time, and no word of what is to be done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.custody import numbering, telling
from bot.decisions import proposals, tasks, view
from bot.decisions.house import House
from bot.decisions.proposals import State
from bot.decisions.showing import instants
from bot.events import Control, Outgoing, Post
from bot.richtext import say
from bot.schedules import nudging
from bot.schedules.kinds import Due, Handler
from bot.sharing.teams import Team, TeamKey
from bot.store.tables.decisions import Decision, Task
from bot.words import Words

KIND = "action"
DAY = timedelta(days=1)
AFTER = (-DAY, timedelta(0), DAY)
"""When, from the moment at which it is due."""
APART = timedelta(hours=8)
"""Between two of them at least: after a weekend the next may be due at once."""
_DONE = "\N{WHITE HEAVY CHECK MARK}"
_OVER = frozenset({State.WITHDRAWN, State.DISPUTED, State.BROKEN, State.FAILED})
"""Of what came to nothing nothing is to be done."""


def begin(session: Session, house: House, task: Task, now: datetime) -> None:
    """Remind whose it is, unless it is done before."""
    team = _team(house, task)
    if team is not None and task.due is not None:
        first = 0 if task.due + AFTER[0] > now else 1
        _plan(session, task, team, first, now, now)


def handler(house: House) -> Handler:
    """What the scheduler does when somebody may have to be reminded."""

    def occur(session: Session, due: Due, now: datetime) -> Sequence[Outgoing]:
        key, _, number = due.object.partition(" ")
        task = session.get(Task, int(key))
        team = None if task is None else _team(house, task)
        if task is None or team is None or task.done is not None or task.due is None:
            return ()
        row = session.get_one(Decision, task.ref)
        if row.state in _OVER:
            return ()
        if int(number) + 1 < len(AFTER):
            _plan(session, task, team, int(number) + 1, now, now + APART)
        return _reminder(session, house, row, task, team, now)

    return occur


def _plan(
    session: Session, task: Task, team: Team, number: int, now: datetime, first: datetime
) -> None:
    assert task.due is not None, "what is due at no time is not reminded of"
    at = max(task.due + AFTER[number], first)
    nudging.plan(session, KIND, f"{task.id} {number}", team, at, now)


def _reminder(
    session: Session, house: House, row: Decision, task: Task, team: Team, now: datetime
) -> Sequence[Outgoing]:
    """In the team's own room; where it has none, to those who administer it or speak for it."""
    assert task.due is not None, "as above"
    words, directory = house.words_in(team.home), house.directory()
    reference = proposals.reference_of(session, row)
    name = f"{numbering.shown(reference)}.{tasks.place_of(session, task)}"
    text = words(
        "{label} · {name}: an action of {team} is {state} {when}.\n"
        "“actions” says what it is, “done {name}” that it is done. It is for {who}.",
        label=proposals.marked_as(row).marking.label,
        name=name,
        team=team.name,
        state=_state(task.due, now, words),
        when=instants(task.due, view.zones(directory, [team.key])),
        who=tasks.owner_name(directory, task.owner),
    )
    if team.home is None:
        return telling.tell(session, directory, team, text)
    done = Control(words("Done"), f"done {row.ref}.{tasks.place_of(session, task)}", _DONE)
    return (Outgoing(team.home, Post(say(text), controls=(done,)), id=house.new_id()),)


def _state(due: datetime, now: datetime, words: Words) -> str:
    return words("overdue since") if due <= now else words("due")


def _team(house: House, task: Task) -> Team | None:
    return None if task.team is None else house.directory().teams.get(TeamKey(task.team))
