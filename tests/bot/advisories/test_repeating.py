"""What is posted again and again: in its channel's rooms, its label first, as long as it holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bot.advisories import keeping, releasing, repeating
from bot.advisories.keeping import Draft
from bot.custody.effective import Marked, stored_marked
from bot.events import Outgoing, PersonId, Post, RoomId
from bot.richtext import plain
from bot.schedules.kinds import Due, Handler
from bot.sharing.marking import Label, Marking
from bot.store.database import Database
from bot.store.tables.advisories import Advisory
from tests.bot.advisories.newsroom import BEGUN, DOCUMENT, TEAMS, Newsroom, person
from tests.custody import ROOMS

DAY = timedelta(days=1)
GREEN = stored_marked(Marked(Marking(Label.GREEN), TEAMS[0], BEGUN))


class TwoChannels(Newsroom):
    """A and B meet in one channel, C in another."""

    def rooms_of(self, channel: str) -> Sequence[RoomId]:
        return {"c": ROOMS[:2], "d": ROOMS[2:]}.get(channel, ())


@pytest.fixture
def house(sqlite: Database) -> Iterator[TwoChannels]:
    with Session(sqlite.engine) as session:
        found = TwoChannels(session=session)
        found.alliance.open()
        yield found


def out(house: TwoChannels) -> Advisory:
    """It is out in both."""
    row = keeping.begin(
        house.session, house, Draft(DOCUMENT, ("c", "d")), person("a"), TEAMS[0], BEGUN
    )
    house.seal(row, "a", "ben")
    house.left(releasing.release(house.session, house, row, BEGUN), BEGUN)
    return row


def happen(
    house: TwoChannels, handler: Handler, what: str, channel: str, *, late: bool = False
) -> Sequence[Outgoing]:
    due = Due("s-1", what, BEGUN + DAY, "UTC", late, PersonId(""), None, channel, GREEN)
    return handler(house.session, due, BEGUN + DAY)


def test_an_advisory_is_posted_again_in_the_channel_where_that_was_asked_for(
    house: TwoChannels,
) -> None:
    """It was posted in all of its channels, though the answer had named one."""
    row = out(house)
    for channel, rooms in (("c", ROOMS[:2]), ("d", ROOMS[2:])):
        found = happen(house, repeating.advisories(house), row.ref, channel)
        assert [each.room for each in found] == list(rooms)


def test_what_holds_no_more_is_not_posted_again(house: TwoChannels) -> None:
    row = out(house)
    releasing.withdraw(house.session, house, row, "It was wrong.", BEGUN)
    assert not happen(house, repeating.advisories(house), row.ref, "c")


@pytest.mark.parametrize(("late", "first"), [(False, "TLP:GREEN"), (True, "TLP:GREEN · late, due")])
def test_a_text_bears_its_label_first_and_says_that_it_is_late(
    house: TwoChannels, late: bool, first: str
) -> None:
    found = happen(house, repeating.texts(house), "Good *morning*.", "c", late=late)
    assert [each.room for each in found] == list(ROOMS[:2])
    for each in found:
        assert isinstance(each.content, Post)
        assert plain(each.content.body).startswith(first)
        assert each.matter is not None
        assert "TLP:GREEN" in each.matter


def test_of_a_channel_that_the_settings_name_no_more_nothing_is_posted(house: TwoChannels) -> None:
    assert not happen(house, repeating.texts(house), "Good morning.", "gone")
