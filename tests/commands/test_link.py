"""`link` and `unlink`: what each side is told, and that it takes both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bot.errors import UserError
from bot.events import Answer, Author, PersonId
from bot.richtext import plain
from bot.store.tables import Audit, Base
from bot.words import words_for
from commands.grammar import Call
from commands.registry import Context, Registry, Reply
from tests.commands.house import ADA, DIRECT_ROOM, MATRIX_ROOM, SLACK_ROOM, context_in

REGISTRY = Registry.load()
EVE = Author(PersonId("matrix:coalition/@eve:example.org"), "Eve\u202e\nDupont")


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def ada(session: Session) -> Context:
    """Ada, in a channel of Slack, by a slash-command."""
    return replace(context_in(SLACK_ROOM), session=session, handle="https://hooks/1")


@pytest.fixture
def eve(session: Session) -> Context:
    """Eve, in a room of Matrix."""
    return replace(context_in(MATRIX_ROOM), session=session, asker=EVE)


def ask(context: Context, what: str = "", command: str = "link") -> Reply:
    return REGISTRY.run(Call(command, what), context)


def told(context: Context, what: str = "", command: str = "link") -> str:
    return plain(ask(context, what, command).body)


def code_for(context: Context) -> str:
    found = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", told(context))
    assert found is not None
    return found[0]


def test_both_are_told_with_whom_and_both_say_yes(ada: Context, eve: Context) -> None:
    code = code_for(ada)
    answer = ask(eve, f"“{code.lower()}”")
    assert f"Ada ({ADA.person})" in plain(answer.body)
    assert (answer.public, answer.also) == (False, ())
    assert "Nobody has typed" in told(ada, "confirm")
    answer = ask(eve, "confirm")
    assert "go back to your other account" in plain(answer.body)
    (question,) = answer.also
    assert (question.room, question.lane) == (SLACK_ROOM, f"person:{ADA.person}")
    assert isinstance(question.content, Answer)
    assert (question.content.person, question.content.reply) == (ADA.person, "https://hooks/1")
    assert f"Eve Dupont ({EVE.person})" in plain(question.content.body)
    assert "Nobody has typed" in told(eve, "confirm")
    assert f"Eve Dupont ({EVE.person})" in told(ada)  # asked again, no new code
    answer = ask(ada, "Confirm")
    assert plain(answer.body).startswith("Your accounts are linked.")
    (notice,) = answer.also
    assert (notice.room, notice.lane) == (MATRIX_ROOM, f"person:{EVE.person}")
    assert f"• Eve Dupont ({EVE.person})" in told(ada)
    assert f"• Ada ({ADA.person})" in told(eve)


def test_who_does_not_know_the_claimant_says_no(ada: Context, eve: Context) -> None:
    ask(eve, code_for(ada))
    ask(eve, "confirm")
    assert told(ada, "cancel") == "Nothing waits to be linked any more."
    assert "Nobody has typed" in told(ada, "confirm")
    assert "no other account" in told(eve)


def test_a_wrong_code_is_counted_and_then_no_other_is_taken(ada: Context, eve: Context) -> None:
    code = code_for(ada)
    for _ in range(5):
        assert "I know no such code" in told(eve, "wrong")
    assert "Too many codes" in told(eve, code)


@pytest.mark.parametrize("account", ["", str(EVE.person), "@eve:example.org", "matrix:coalition"])
def test_unlink_ends_all_or_the_one_that_is_named(ada: Context, eve: Context, account: str) -> None:
    ask(eve, code_for(ada))
    ask(eve, "confirm")
    ask(ada, "confirm")
    assert told(ada, account, "unlink").endswith(f"• Eve Dupont ({EVE.person})")
    assert told(ada, "", "unlink") == "You are linked with no other account."


def test_the_audit_has_who_linked_and_unlinked_which_accounts(ada: Context, eve: Context) -> None:
    ask(eve, code_for(ada))
    ask(eve, "confirm")
    assert _audited(ada.session) == []
    ask(ada, "confirm")
    ask(eve, "", "unlink")
    assert _audited(ada.session) == [
        (ADA.person, "linked", f"person:{EVE.person}"),
        (EVE.person, "unlinked", f"person:{ADA.person}"),
    ]


def _audited(session: Session) -> list[tuple[str, str, str]]:
    rows = session.query(Audit).filter(Audit.action.in_(["linked", "unlinked"]))
    return [(row.who, row.action, row.object) for row in rows.order_by(Audit.seq)]


def test_unlink_of_what_is_not_linked_says_so(ada: Context) -> None:
    with pytest.raises(UserError, match="no such account"):
        ask(ada, "@mallory:x", "unlink")


def test_in_a_direct_room_the_question_comes_there(ada: Context, eve: Context) -> None:
    there = replace(ada, room=DIRECT_ROOM, direct=True, handle=None)
    ask(eve, code_for(there))
    (question,) = ask(eve, "confirm").also
    assert isinstance(question.content, Answer)
    assert (question.room, question.content.direct) == (DIRECT_ROOM, True)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_first_line_fits_a_phone(ada: Context, eve: Context, language: str) -> None:
    words = words_for(language)
    code = code_for(ada)
    asked = [(eve, "no code"), (eve, code), (eve, "confirm"), (ada, ""), (ada, "confirm")]
    for context, what in asked:
        first, *_ = told(replace(context, words=words), what).split("\n")
        assert 0 < len(first) <= 80
