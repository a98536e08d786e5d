"""What is shown of decisions is what the ledger says, or the entry is named that says other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.decisions import proposals, tasks, voicing
from bot.decisions.agreeing import disagreement
from bot.decisions.ledger.verifying import verify
from bot.decisions.voices import Ruling, Stance
from bot.events import PersonId
from bot.sharing.teams import TeamKey
from tests.bot.decisions.council import EXPIRES, MINUTE, OPENED, SmallCouncil, council

CHAIR = PersonId("fake:a/ada")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SmallCouncil]:
    """One adopted with a reservation (entries 1 to 3), one broken (4 to 7), and one that is open
    with an objection that the chair has ruled void (8 to 10).
    """
    with council(tmp_path) as found:
        adopted = found.propose()
        found.land(OPENED)
        found.speak(adopted, "b", Stance.RESERVE, OPENED + MINUTE, text="Our law says otherwise.")
        found.read(EXPIRES)
        found.look(adopted, EXPIRES)
        broken = found.propose()
        found.land(EXPIRES)
        found.speak(broken, "b", Stance.OBJECT, EXPIRES - 2 * MINUTE, confirmed=False)
        found.speak(broken, "b", Stance.OBJECT, EXPIRES - MINUTE)
        opened = found.propose()
        found.speak(opened, "c", Stance.OBJECT, OPENED + MINUTE, confirmed=False)
        (voice,) = proposals.voices_of(found.session, opened)
        voicing.rule(found.session, found, opened, voice, Ruling.VOID, "A slip.", CHAIR, EXPIRES)
        found.session.flush()
        yield found


def test_what_was_written_together_agrees(house: SmallCouncil) -> None:
    assert verify(house.session, "RTF").entries == 10
    assert disagreement(house.session, "RTF") is None


FIRST = "(SELECT ref FROM ledger WHERE entry = 1)"
_INSERT = """
    INSERT INTO voice (ref, team, person, stance, said, received, entered, counted, entry)
    SELECT ref, 'c', 'fake:c/ada', 'agree', said, received, 0, 1, 3 FROM voice WHERE entry = 2
"""
CHANGES = [
    (f"UPDATE decision SET state = 'broken' WHERE ref = {FIRST}", 3),
    ("UPDATE decision SET state = 'adopted' WHERE state = 'open'", 8),
    (f"UPDATE decision SET method = 'majority' WHERE ref = {FIRST}", 1),
    (f"UPDATE decision SET team = 'c' WHERE ref = {FIRST}", 1),
    (f"UPDATE decision SET chair = NULL WHERE ref = {FIRST}", 1),
    (f"UPDATE decision SET proposer = 'fake:c/ada' WHERE ref = {FIRST}", 1),
    (f"UPDATE decision SET channel = 'd' WHERE ref = {FIRST}", 1),
    (f"UPDATE decision SET expires = expires + 1 WHERE ref = {FIRST}", 1),
    (f"UPDATE decision SET roster = '{{}}' WHERE ref = {FIRST}", 1),
    (f"UPDATE decision SET excluded = '[\"c\"]' WHERE ref = {FIRST}", 1),
    (f"UPDATE decision SET matter = replace(matter, 'GREEN', 'CLEAR') WHERE ref = {FIRST}", 1),
    (f"UPDATE reference SET number = 7 WHERE handle = {FIRST}", 3),
    ("UPDATE voice SET stance = 'agree' WHERE entry = 2", 2),
    ("UPDATE voice SET team = 'c' WHERE entry = 2", 2),
    ("UPDATE voice SET person = 'fake:c/ada' WHERE entry = 2", 2),
    ("UPDATE voice SET said = said + 1 WHERE entry = 2", 2),
    ("UPDATE voice SET counted = 0 WHERE entry = 2", 2),
    ("UPDATE voice SET entered = 1 WHERE entry = 2", 2),
    ("UPDATE voice SET affirmed = 1 WHERE entry = 2", 2),
    ("UPDATE voice SET entry = 3 WHERE entry = 2", 2),
    ("UPDATE voice SET confirmed = NULL WHERE entry = 5", 6),
    ("UPDATE voice SET ruling = NULL WHERE entry = 9", 10),
    ("UPDATE voice SET ruling = 'void' WHERE entry = 2", 2),
    ("DELETE FROM voice WHERE entry = 2", 2),
    (_INSERT, 3),
]


@pytest.mark.parametrize(("change", "entry"), CHANGES)
def test_whatever_is_shown_otherwise_is_found_though_the_chain_holds(
    house: SmallCouncil, change: str, entry: int
) -> None:
    house.session.execute(text(change))
    house.session.expire_all()
    assert verify(house.session, "RTF").wrong is None
    assert disagreement(house.session, "RTF") == entry


def test_a_decision_that_is_not_shown_any_more_is_found(house: SmallCouncil) -> None:
    house.session.execute(text("PRAGMA defer_foreign_keys = ON"))
    house.session.execute(text(f"DELETE FROM decision WHERE ref = {FIRST}"))
    house.session.expire_all()
    assert disagreement(house.session, "RTF") == 1


@pytest.mark.parametrize("method", ["majority", "recorded"])
def test_votes_and_what_was_recorded_agree_too(house: SmallCouncil, method: str) -> None:
    row = house.propose(method, secret=method == "majority")
    house.land(OPENED)
    house.speak(row, "b", Stance.AGREE, OPENED + MINUTE, text="Yes.")
    house.speak(row, "c", Stance.OBJECT, OPENED + 2 * MINUTE)
    assert disagreement(house.session, "RTF") is None
    house.read(EXPIRES + timedelta(hours=1))
    house.look(row, EXPIRES)
    assert row.state != "open"
    assert disagreement(house.session, "RTF") is None


@pytest.mark.parametrize(
    ("change", "entry"),
    [
        ("UPDATE task SET owner = 'c' WHERE entry = 12", 12),
        ("UPDATE task SET team = NULL WHERE entry = 12", 12),
        ("UPDATE task SET due = due + 1 WHERE entry = 13", 13),
        ("UPDATE task SET done = NULL, done_by = NULL WHERE entry = 12", 14),
        ("UPDATE task SET done_by = 'fake:c/ada' WHERE entry = 12", 14),
        ("UPDATE task SET done = 1, done_by = 'fake:c/ada' WHERE entry = 13", 13),
        ("DELETE FROM task WHERE entry = 13", 13),
    ],
)
def test_what_is_to_be_done_is_what_was_decided(
    house: SmallCouncil, change: str, entry: int
) -> None:
    row, b = house.propose("recorded"), TeamKey("b")
    for what in ("Block it.", "Tell them."):
        last = tasks.begin(house.session, row, "b", b, what, EXPIRES, OPENED)
    first, _ = tasks.of(house.session, row)
    tasks.finish(house.session, row, first, PersonId("fake:b/ada"), EXPIRES)
    assert (first.entry, last.entry, disagreement(house.session, "RTF")) == (12, 13, None)
    house.session.execute(text(change))
    house.session.expire_all()
    assert disagreement(house.session, "RTF") == entry
