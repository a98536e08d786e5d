"""The heads of each series, told at the fixed hour to those whom it is for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.custody import heads
from bot.decisions import heralding
from bot.decisions.ledger import writing
from bot.decisions.ledger.verifying import verify
from bot.events import Post, RoomId
from bot.richtext import plain
from tests.bot.decisions.council import OPENED, SmallCouncil, council
from tests.custody import ROOMS

DAY = timedelta(days=1)
A, B, C = ROOMS


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SmallCouncil]:
    with council(tmp_path) as found:
        yield found


def test_a_head_is_told_once_a_day_changed_or_not_and_then_bears_witness(
    house: SmallCouncil,
) -> None:
    house.propose()
    assert heralding.tell(house.session, house, OPENED) == []
    for day in (1, 2):
        assert heralding.is_due(house.session, house, OPENED + day * DAY)
        posts = heralding.tell(house.session, house, OPENED + day * DAY)
        assert [each.room for each in posts] == list(ROOMS)
        house.left(posts, OPENED + day * DAY)
        assert heralding.tell(house.session, house, OPENED + day * DAY) == []
    _, own = writing.head(house.session, "RTF")
    assert isinstance(posts[0].content, Post)
    assert f"--series RTF --head {own.hex()}" in plain(posts[0].content.body)
    assert verify(house.session, "RTF").vouched is None
    house.land(OPENED + 2 * DAY, [B])
    assert verify(house.session, "RTF").vouched == 1


def test_the_series_of_a_group_is_told_to_nobody_else(house: SmallCouncil) -> None:
    house.propose(series="INN")
    heralding.tell(house.session, house, OPENED)
    posts = heralding.tell(house.session, house, OPENED + DAY)
    assert [each.room for each in posts] == [A, B]
    assert all(each.matter is not None for each in posts)


def test_homes_of_its_teams_are_told(house: SmallCouncil) -> None:
    home = RoomId("fake:a/home")
    house.alliance.homes = {"a": home}
    house.alliance.__post_init__()
    house.alliance.open()
    house.propose()
    heralding.tell(house.session, house, OPENED)
    posts = heralding.tell(house.session, house, OPENED + DAY)
    assert [each.room for each in posts] == [*ROOMS, home]
    assert heads.told_heads(house.session, "RTF")[0].deliveries == tuple(
        str(each.id) for each in posts
    )
