"""A team sees its own rows, and who could read what came from it; nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, update
from sqlalchemy.orm import Session

from bot.custody.audit import Act, Action, Outcome, named, record
from bot.custody.reading import configured
from bot.errors import UserError
from bot.events import Author, MessageId, Standing
from bot.richtext import plain
from bot.sharing.teams import TeamKey
from bot.store.tables import Base, Message, Roster
from bot.words import words_for
from commands.audit import audit
from commands.grammar import Call
from commands.registry import Context, Registry
from tests.bot.sharing.allies import ALLIES, matrix, slack
from tests.commands.house import MATRIX_ROOM, NOW, SLACK_ROOM, SmallHouse, context_in

MESSAGE = MessageId("1772634600.000100")
LINK = f"{SLACK_ROOM}/{MESSAGE}"
ALPHA, BRAVO = TeamKey("alpha"), TeamKey("bravo")
ADMIN = Author(slack("U1"), "Ada", standing=Standing.MEMBER)
PLAIN = Author(slack("U3"), "Ben", standing=Standing.MEMBER)
BEA = Author(matrix("@bea:bravo.example"), "Bea", standing=Standing.MEMBER)
GUEST = Author(slack("U9"), "Guy", standing=Standing.GUEST)


@pytest.fixture
def session() -> Iterator[Session]:
    """A store with a message of team alpha's in it."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(
            Message(
                room=SLACK_ROOM, message=MESSAGE, channel="ransomware", author=PLAIN.person,
                said=NOW, received=NOW, originator=ALPHA,
            )
        )  # fmt: skip
        session.flush()
        yield session
    engine.dispose()


def asked_by(session: Session, author: Author, language: str = "en") -> Context:
    room = MATRIX_ROOM if author is BEA else SLACK_ROOM
    house = SmallHouse(teams=ALLIES)
    return replace(context_in(room, house, language=language, asker=author), session=session)


def told(session: Session, author: Author, text: str = "", language: str = "en") -> list[str]:
    context = asked_by(session, author, language)
    answer = Registry([audit]).run(Call("audit", text), context)
    assert not answer.public
    return plain(answer.body).split("\n")


def do(
    session: Session, who: Author | str, team: TeamKey | None, action: Action, **more: object
) -> None:
    person = who if isinstance(who, str) else who.person
    values = {"object": named("command", "ping"), **more}
    record(session, Act(person, team, action, **values), NOW)  # type: ignore[arg-type]  # as given


def test_the_last_rows_of_the_own_team_are_shown_newest_first(session: Session) -> None:
    for number in range(12):
        act = Act(PLAIN.person, ALPHA, Action.COMMAND, named("command", f"c{number}"))
        record(session, act, NOW + timedelta(minutes=number - 20))
    first, *rows = told(session, PLAIN)
    assert first == "The last 10 rows of your team:"
    assert rows[0] == f"• 14:21 UTC, {PLAIN.person}: command, command c11: ok"
    assert len(rows) == 10
    assert rows[-1].endswith("command c2: ok")


def test_another_teams_rows_are_not_shown(session: Session) -> None:
    do(session, BEA, BRAVO, Action.COMMAND)
    do(session, "operator", None, Action.EXPORTED)
    assert told(session, PLAIN) == ["Nothing was written down about your team yet."]
    assert len(told(session, BEA)) == 2


def test_what_another_team_did_with_ones_own_is_shown_and_not_who_of_it(session: Session) -> None:
    thing = named("message", 1, "5f" * 32)
    do(session, BEA, BRAVO, Action.ASKED, object=thing, originator=ALPHA, rule="consent",
       outcome=Outcome.WAITING)  # fmt: skip
    (_, row) = told(session, PLAIN)
    assert row == "• 14:30 UTC, CERT Bravo: asked, message 1: waiting (consent)"


def test_what_a_team_looks_up_is_for_its_own_admins_alone(session: Session) -> None:
    do(session, PLAIN, ALPHA, Action.LOOKED_UP, object=named("lookup"), originator=BRAVO)
    assert len(told(session, ADMIN)) == 2
    assert len(told(session, PLAIN)) == 1
    assert told(session, BEA) == ["Nothing was written down about your team yet."]


def test_who_is_of_no_team_is_shown_nothing(session: Session) -> None:
    with pytest.raises(UserError, match="guest"):
        told(session, GUEST)
    nobody = replace(asked_by(session, ADMIN), house=SmallHouse())
    with pytest.raises(UserError, match="of none"):
        audit.function(nobody)


def test_the_originators_team_hears_who_could_read_a_message(session: Session) -> None:
    configured(session, "ab" * 32, NOW - timedelta(days=1))
    for name, team, until in (("Ben", "alpha", None), ("Eve", None, NOW + timedelta(minutes=5))):
        session.add(
            Roster(
                room=SLACK_ROOM, person=f"slack:alpha/{name}", name=name, standing="member",
                team=team, since=NOW - timedelta(minutes=30), until=until,
            )
        )  # fmt: skip
    session.flush()
    assert told(session, PLAIN, f"readers {LINK}") == [
        "Who could read it, from its landing until now:",
        f"{SLACK_ROOM}, there since 14:30 UTC:",
        "• Ben, CERT Alpha: since 14:00 UTC",
        "• Eve, of no team: 14:00 UTC to 14:35 UTC",
        "Under these settings, by their fingerprint:",
        "• since 2026-03-03 14:30 UTC: abababababababab",
    ]
    then = told(session, PLAIN, f"readers {LINK} --at 2026-03-04T15:40")
    assert then[0] == "Who could read it, 14:40 UTC:"
    assert "Eve" not in "".join(then)
    before = told(session, PLAIN, f"readers {LINK} --at 2026-03-04T14:00Z")
    assert before[1] == "No room had it then."


def test_nobody_else_hears_it(session: Session) -> None:
    with pytest.raises(UserError, match="came from"):
        told(session, BEA, f"readers {LINK}")
    session.execute(update(Message).values(originator=None))
    with pytest.raises(UserError, match="came from"):
        told(session, PLAIN, f"readers {LINK}")


def test_a_room_of_which_nobody_knows_the_members_is_said_to_be_one(session: Session) -> None:
    assert "• nobody has read who is in that room" in told(session, PLAIN, f"readers {LINK}")


@pytest.mark.parametrize("text", ["nonsense", "readers", "readers x --at soon", "readers nothing"])
def test_what_is_wrong_is_said(session: Session, text: str) -> None:
    with pytest.raises(UserError):
        told(session, PLAIN, text)


def test_it_speaks_french(session: Session) -> None:
    do(session, PLAIN, ALPHA, Action.DENIED, outcome=Outcome.DENIED)
    assert told(session, PLAIN, language="fr")[0] == "Dernière ligne de votre équipe (1) :"
    assert words_for("fr")("relayed") == "transmis"


def test_it_is_a_command() -> None:
    assert "audit" in Registry.load().names
