"""What somebody is to do by a time, as it was decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.decisions import indexing, proposals
from bot.decisions.ledger.writing import append
from bot.events import PersonId
from bot.sharing.teams import Directory, TeamKey
from bot.store.tables.decisions import Decision, Ledger, Task


def begin(
    session: Session,
    row: Decision,
    owner: str,
    team: TeamKey | None,
    what: str,
    due: datetime,
    now: datetime,
) -> Task:
    """Somebody is to do something."""
    reference = proposals.reference_of(session, row)
    body = {"owner": owner, "team": team, "due": due.isoformat()}
    entry = append(session, reference, "action", body, now, what)
    task = Task(ref=row.ref, team=team, owner=owner, entry=entry.entry, due=due)
    session.add(task)
    session.flush()
    indexing.index(session, row)
    return task


def of(session: Session, row: Decision) -> Sequence[Task]:
    """What is to be done by a decision, in its order: the first is called `RTF-2026-014.1`."""
    found = select(Task).where(Task.ref == row.ref).order_by(Task.id)
    return session.execute(found).scalars().all()


def waiting(session: Session) -> Sequence[Task]:
    """All that is still to be done, what is due first."""
    found = select(Task).where(Task.done.is_(None)).order_by(Task.due, Task.id)
    return session.execute(found).scalars().all()


def place_of(session: Session, task: Task) -> int:
    """Which of its decision's it is, from 1."""
    before = select(func.count()).where(Task.ref == task.ref, Task.id <= task.id)
    return session.execute(before).scalar_one()


def words_of(session: Session, row: Decision, task: Task) -> str:
    """What is to be done."""
    series = proposals.reference_of(session, row).series
    entry = session.get(Ledger, (series, task.entry))
    return "—" if entry is None or entry.text is None else entry.text


def finish(session: Session, row: Decision, task: Task, by: PersonId, now: datetime) -> None:
    """It is done."""
    task.done, task.done_by = now, by
    body = {"entry": task.entry, "by": by}
    append(session, proposals.reference_of(session, row), "done", body, now)
    session.flush()


def owner_name(directory: Directory, owner: str) -> str:
    """What the owner of a task is called: a team's name, or a person's own id."""
    team = directory.teams.get(TeamKey(owner))
    return owner.partition("/")[2] or owner if team is None else team.name
