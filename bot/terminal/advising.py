"""`liaison advisories list | show | export`: as a team sees them, or as the operator does."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from bot.advisories import acknowledging, keeping
from bot.advisories.document import Document
from bot.advisories.states import BEFORE, State
from bot.custody import memberships, numbering
from bot.custody.audit import OPERATOR, Act, Action, named, record
from bot.custody.doors import Doors, circles_of
from bot.custody.effective import Markings
from bot.delivery.lanes import utc_now
from bot.delivery.report import rfc3339
from bot.sharing.gate import Allowed, Door, judge
from bot.sharing.marking import Label
from bot.sharing.teams import Team, TeamKey
from bot.store.tables.advisories import Advisory
from bot.terminal.indicating.naming import known_team
from bot.terminal.inspection import opened_store
from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Eyes:
    """Who looks: a team, or None for the operator, who sees all."""

    team: Team | None
    markings: Markings

    def sees(self, row: Advisory) -> bool:
        """Whether an advisory exists for them: before it is out for its authors alone."""
        if self.team is None or self.owns(row):
            return True
        if State(row.state) in BEFORE or row.state == State.CANCELLED:
            return False
        if row.taken_back is not None or self.team.key not in keeping.roster_of(row):
            return False
        own = frozenset({self.team.key})
        door = Door(Label.AMBER_STRICT, own, own, lowest=self.team.clearance)
        matter = self.markings.effective(keeping.marked_as(row)).matter
        return isinstance(judge(matter, door), Allowed)

    def owns(self, row: Advisory) -> bool:
        """Whether it is theirs, so that they see what each team says of it."""
        return self.team is None or self.team.key in keeping.authors_of(row)


def list_advisories(settings: Settings, team: str | None, *, as_json: bool) -> int:
    """Print them, the newest first; 0 whether or not there are any."""
    lines = _gathered(settings, team, None, whole=False)
    if not lines and not as_json:
        print("liaison: there is no advisory", file=sys.stderr)
    for line in lines:
        print(json.dumps(line) if as_json else _line(line))
    return 0


def show(settings: Settings, ref: str, team: str | None, *, as_json: bool) -> int:
    """Print one; 1 where there is none, or none that the team may know of."""
    lines = _gathered(settings, team, ref, whole=True)
    if not lines:
        print(f"liaison: there is no advisory {ref!r}", file=sys.stderr)
        return 1
    print(json.dumps(lines[0]) if as_json else _text(lines[0]))
    return 0


def export(settings: Settings, team: str | None, *, as_json: bool) -> int:
    """Print all of all of them: JSON Lines, or as Markdown, each with its label first."""
    for line in _gathered(settings, team, None, whole=True):
        print(json.dumps(line) if as_json else _text(line) + "\n")
    return 0


def _gathered(
    settings: Settings, team: str | None, ref: str | None, *, whole: bool
) -> Sequence[dict[str, object]]:
    if team is not None:
        known_team(settings, team)

    def work(session: Session) -> list[dict[str, object]]:
        eyes = eyes_of(session, settings, team)
        one = None if ref is None else keeping.find(session, ref)
        rows = keeping.everyone(session) if ref is None else [] if one is None else [one]
        return [_shown(session, row, eyes, whole=whole) for row in rows if eyes.sees(row)]

    with opened_store(settings) as database:
        if team is None:  # the operator sees all, and that is written down
            act = Act(OPERATOR, None, Action.EXPORTED, named("advisories"))
            database.run_now(lambda session: record(session, act, utc_now()))
        return database.read_now(work)


def eyes_of(session: Session, settings: Settings, team: str | None) -> Eyes:
    """What markings mean by these settings, and by who has joined what."""
    now, directory = utc_now(), settings.directory
    doors = Doors(circles_of(settings.channels), directory, now)
    doors.join(memberships.standing(session, doors.members(), now), now)
    return Eyes(None if team is None else directory.teams[TeamKey(team)], doors.markings)


def _shown(session: Session, row: Advisory, eyes: Eyes, *, whole: bool) -> dict[str, object]:
    reference, document = keeping.reference_of(session, row), keeping.document_of(row)
    said = acknowledging.stand(session, row)
    if not eyes.owns(row):
        said = {team: each for team, each in said.items() if eyes.team and team == eyes.team.key}
    line: dict[str, object] = {
        "ref": row.ref,
        "number": None if reference.number is None else numbering.shown(reference),
        "title": document.title,
        "severity": document.severity,
        "marking": str(document.marking),
        "state": row.state,
        "released": rfc3339(row.released),
        "acknowledgements": {team: each.ack for team, each in said.items()},
    }
    return line | _rest(row, document) if whole else line


def _rest(row: Advisory, document: Document) -> dict[str, object]:
    return {
        "summary": document.summary,
        "body": document.body,
        "cves": document.cves,
        "due": document.due,
        "references": document.references,
        "contact": document.contact,
        "channels": keeping.channels_of(row),
        "team": row.team,
        "sealing": keeping.sealing_of(row),
        "at": rfc3339(row.at),
        "hash": row.digest.hex(),
        "updates": [
            {"at": rfc3339(each.at), "text": each.text} for each in document.updates
        ],
        "superseded": row.superseded,
        "reason": row.reason,
    }  # fmt: skip


def _line(line: dict[str, object]) -> str:
    name = line["number"] or line["ref"]
    return f"{line['marking']}  {line['severity']}  {name}  {line['state']}  {line['title']}"


def _text(line: dict[str, object]) -> str:
    said = line["acknowledgements"]
    assert isinstance(said, dict)
    lines = [_line(line), "", *(str(line[each]) for each in ("summary", "body") if line[each])]
    return "\n".join([*lines, "", *(f"{team}: {ack}" for team, ack in said.items())]).rstrip()
