"""`team`: local time, duty, contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bot.errors import UserError
from bot.events import Author, Standing
from bot.richtext import Mention, Paragraph, plain
from bot.sharing.teams import Directory
from bot.store.tables import Base, Roster
from commands.grammar import Call
from commands.registry import Registry, Reply
from tests.bot.sharing.allies import ALLIES, slack
from tests.commands.house import NOW, SLACK_ROOM, SmallHouse, context_in

REGISTRY = Registry.load()
ADA = Author(slack("U5"), "Ada", standing=Standing.MEMBER)


def ask(
    text: str,
    hour: int = 14,
    *,
    now: datetime = NOW,
    language: str = "en",
    allies: Directory = ALLIES,
    there: Sequence[Roster] = (),
) -> Reply:
    context = context_in(house=SmallHouse(teams=allies), language=language, asker=ADA)
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    try:
        with Session(engine) as session:
            session.add_all(there)
            session.flush()
            context = replace(context, session=session, now=now.replace(hour=hour))
            return REGISTRY.run(Call("team", text), context)
    finally:
        engine.dispose()


@pytest.mark.parametrize("name", ["alpha", "ALPHA", "“CERT Alpha”"])
def test_a_team_is_told_by_its_key_or_name(name: str) -> None:
    answer = ask(name)
    assert not answer.public
    assert plain(answer.body).splitlines() == [
        "CERT Alpha: 2026-03-04 15:30 there, a workday",
        "Time zone: Europe/Paris",
        "Country: FRA",
        "On duty: @alpha/U3",
        "Speak for it: @alpha/U1",
        "Administer it: @alpha/U1 @alpha/U2",
    ]


def test_who_is_on_duty_is_mentioned_so_that_their_own_network_shows_the_name() -> None:
    (block,) = ask("alpha").body.blocks
    assert isinstance(block, Paragraph)
    assert Mention("slack:alpha/U3", "alpha/U3") in block.content


def test_who_is_there_is_called_by_name_in_the_other_networks_too() -> None:
    here = Roster(
        room=SLACK_ROOM, person=slack("U3"), name="Amélie", team="alpha", standing="member",
        since=NOW,
    )  # fmt: skip
    answer = ask("alpha", there=[here])
    assert "On duty: @Amélie" in plain(answer.body)
    assert "Speak for it: @alpha/U1" in plain(answer.body), "nobody knows what they are called"


@pytest.mark.parametrize(
    ("hour", "first"),
    [
        (20, "CERT Alpha: 2026-03-04 21:30 there, a workday"),
        (22, "CERT Alpha: 2026-03-04 23:30 there, quiet hours until 07:00"),
        (23, "CERT Alpha: 2026-03-05 00:30 there, quiet hours until 07:00"),
    ],
)
def test_it_says_whether_the_team_may_be_disturbed(hour: int, first: str) -> None:
    assert plain(ask("alpha", hour).body).splitlines()[0] == first


def test_a_public_holiday_of_its_country_is_no_workday() -> None:
    easter_monday = NOW.replace(month=4, day=6)
    assert easter_monday.weekday() == 0
    first = plain(ask("alpha", now=easter_monday).body).splitlines()[0]
    assert first == "CERT Alpha: 2026-04-06 16:30 there, a public holiday"


def test_a_team_without_duty_says_so() -> None:
    assert "Nobody is named for duty." in plain(ask("charlie").body)


def test_a_group_is_told_as_its_teams() -> None:
    assert plain(ask("partners").body).splitlines() == [
        "3 teams in the group:",
        "• CERT Alpha",
        "• CERT Bravo",
        "• CERT Charlie",
    ]


def test_an_unknown_team_is_said_with_what_was_meant() -> None:
    with pytest.raises(UserError, match=r"no team “alpah”\. Did you mean “alpha”"):
        ask("alpah")
    with pytest.raises(UserError, match="no team “zzzzzz”"):
        ask("zzzzzz")


def test_it_speaks_french() -> None:
    lines = plain(ask("alpha", language="fr").body).splitlines()
    assert lines[0] == "CERT Alpha : 2026-03-04 15:30 sur place, jour ouvré"
