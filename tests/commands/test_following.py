"""What follows once an advisory is out says no more, and to nobody else, than it was sealed for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from bot.advisories import keeping
from bot.advisories.publishing.shelf import may_read
from bot.errors import UserError
from bot.events import Delete, Post
from bot.richtext import plain
from bot.store.tables import Base
from config.series import Run
from tests.bot.sharing.allies import BRAVO
from tests.commands.newsdesk import ADA, ALF, EVE, Newsdesk


@pytest.fixture
def desk() -> Iterator[Newsdesk]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        found = Newsdesk(session)
        found.house.runs = [Run("INN", ("ransomware",), "inner")]
        yield found
    engine.dispose()


def confirmed(desk: Newsdesk, text: str) -> None:
    desk.run(ADA, text, confirmed=desk.run(ADA, text).asks)


@pytest.mark.parametrize("label", ["TLP:AMBER", "TLP:RED"])
@pytest.mark.parametrize("word", ["update", "withdraw"])
def test_words_that_bear_a_higher_label_are_added_to_nothing(
    desk: Newsdesk, word: str, label: str
) -> None:
    name = desk.posted()
    with pytest.raises(UserError, match=label):
        desk.ask(ADA, f"{word} {name} {label}\nThe source is Kranich.")
    row = keeping.find(desk.session, name)
    assert row is not None
    assert (row.pending, row.state) == (None, "released")


@pytest.mark.parametrize("end", ["withdraw {name} It was wrong.", "supersede {name} {other}"])
def test_an_update_that_waited_is_not_added_to_what_holds_no_more(desk: Newsdesk, end: str) -> None:
    name, other = desk.posted(), desk.posted()
    desk.ask(ADA, f"update {name} It is worse.")
    confirmed(desk, end.format(name=name, other=other))
    with pytest.raises(UserError, match="There is nothing to seal"):
        desk.ask(ALF, f"seal {name}")


def test_what_was_posted_to_the_wrong_rooms_is_taken_back(desk: Newsdesk) -> None:
    ref = desk.sealed("draft Kranich\nAt the gates.")
    name = desk.ask(ADA, f"post {ref} now")[0].partition(" ")[0]
    with pytest.raises(UserError, match=f"advisory withdraw --take-back {name}"):
        desk.ask(ADA, name, command="recall")
    text = f"withdraw --take-back {name} The wrong room."
    answer = desk.run(ADA, text, confirmed=desk.run(ADA, text).asks)
    gone = [each for each in answer.also if isinstance(each.content, Delete)]
    said = [each for each in answer.also if isinstance(each.content, Post)]
    assert sorted(each.room for each in gone) == sorted(each.room for each in said)
    assert len(gone) == 2
    for each in said:
        assert isinstance(each.content, Post)
        text = plain(each.content.body)
        assert text.startswith(f"TLP:GREEN · {name} is withdrawn, and its posts were taken back.")
        assert "The wrong room." in text
        assert "Kranich" not in text
    assert "Kranich" in "".join(desk.ask(ADA, f"show {name}"))
    with pytest.raises(UserError, match="I know of no such advisory"):
        desk.ask(EVE, f"show {name}")
    row = keeping.find(desk.session, name)
    assert row is not None
    bravo = desk.house.teams.teams[BRAVO]
    assert not may_read(row, bravo, desk.house.custody().markings)


def test_an_update_that_takes_the_place_of_another_says_so(desk: Newsdesk) -> None:
    name = desk.posted()
    desk.ask(ADA, f"update {name} It is worse.")
    lines = desk.ask(ADA, f"update {name} It is better.")
    assert "It takes the place of the update that waited." in lines


def test_what_takes_the_place_of_another_has_the_same_readers(desk: Newsdesk) -> None:
    """Else its number would be told to who may know of none of its series."""
    wide = desk.posted()
    inner = desk.sealed("draft --group inner Inner\nNow.")
    with pytest.raises(UserError, match="of another series"):
        desk.ask(ADA, f"supersede {wide} {inner}")
    answer = desk.ask(ADA, f"post {inner} now")[0]
    with pytest.raises(UserError, match="of another series"):
        desk.ask(ADA, f"supersede {wide} {answer.partition(' ')[0]}")
