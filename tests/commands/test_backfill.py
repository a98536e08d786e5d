"""`backfill`: who may ask, how far back, and what it answers at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bot.bridge.jobs import MOST, Job, job_in
from bot.errors import UserError
from bot.richtext import plain
from bot.store.tables import Base
from commands.backfill import Amount, amount
from commands.grammar import Call
from commands.registry import Context, Registry
from tests.commands.house import ADMIN_ROOM, MATRIX_ROOM, NOW, SLACK_ROOM, context_in


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("3d", Amount(age=timedelta(days=3))),
        ("1d12h", Amount(age=timedelta(days=1, hours=12))),
        ("200", Amount(messages=200)),
        ("STOP", Amount()),
    ],
)
def test_how_far_back(typed: str, meant: Amount) -> None:
    assert amount(typed) == meant


@pytest.mark.parametrize("typed", ["0", "999999", "400d", "yesterday", "-3", "3 d"])
def test_what_is_no_amount(typed: str) -> None:
    with pytest.raises(UserError):
        amount(typed)


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


@pytest.fixture
def admin(session: Session) -> Context:
    """Somebody in an admin room."""
    return replace(context_in(ADMIN_ROOM), session=session)


def ask(context: Context, text: str) -> str:
    return plain(Registry.load().run(Call("backfill", text), context).body)


WHERE = f"--channel ransomware --room {SLACK_ROOM}"


def test_an_admin_room_names_channel_and_room(admin: Context) -> None:
    assert ask(admin, f"3d {WHERE}").startswith("I bring over what was said since")
    job = Job("ransomware", NOW - timedelta(days=3), NOW, MOST)
    assert job_in(admin.session, SLACK_ROOM) == job
    with pytest.raises(UserError, match="under way"):
        ask(admin, f"3d {WHERE}")
    assert ask(admin, f"stop {WHERE}") == "Stopped after 0 messages."
    assert job_in(admin.session, SLACK_ROOM) is None


def test_without_an_amount_it_is_as_far_as_is_caught_up(admin: Context) -> None:
    ask(admin, WHERE)
    job = Job("ransomware", NOW - timedelta(days=7), NOW, 1000)
    assert job_in(admin.session, SLACK_ROOM) == job


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("3d", "which channel"),
        ("3d --channel ransomware", "room that is to be filled"),
        ("3d --channel ransomware --room slack:alpha/C9", "room that is to be filled"),
        ("3d --channel ports --room slack:alpha/C02PORT", "no other room"),
    ],
)
def test_what_cannot_be_filled_is_refused(admin: Context, text: str, wrong: str) -> None:
    with pytest.raises(UserError, match=wrong):
        ask(admin, text)


def test_who_administers_no_team_may_not(session: Session) -> None:
    context = replace(context_in(MATRIX_ROOM), session=session)
    with pytest.raises(UserError):
        ask(context, "3d")
    assert job_in(session, MATRIX_ROOM) is None
