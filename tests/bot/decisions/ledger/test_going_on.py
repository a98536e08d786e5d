"""A chain that goes on after a restore: no place taken twice, what is lost is said, and a tail that
was cut off without that is still found.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from bot.custody import numbering
from bot.decisions.ledger import exporting, verify, writing
from bot.decisions.ledger.verifying import Wrong
from bot.decisions.ledger.verifying import verify as verified
from bot.store.tables.decisions import Ledger
from tests.bot.decisions.council import OPENED, SmallCouncil, council

LATER = OPENED + timedelta(days=1)
LOST = bytes([9]) * 32
"""The head that the rooms were told of, of which the copy knows nothing."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SmallCouncil]:
    with council(tmp_path) as found:
        yield found


def restored(house: SmallCouncil, told: tuple[int, bytes]) -> Ledger:
    """Two entries, and the one after the restore."""
    house.propose()
    reference = numbering.begin(house.session, numbering.LOST, "x", "RTF", LATER)
    writing.append(house.session, reference, "note", {}, LATER, "known to the copy")
    return writing.go_on(house.session, reference, told, {"numbers": []}, LATER)


def by_script(house: SmallCouncil) -> tuple[str, str] | None:
    heads: dict[str, tuple[int, str]] = {}
    for line in exporting.lines(house.session, ["RTF"]):
        fault = verify.wrong(line.decode(), heads)
        if fault is not None:
            return fault
    return None


def test_it_follows_the_head_that_the_rooms_were_told_of(house: SmallCouncil) -> None:
    row = restored(house, (7, LOST))
    assert (row.entry, row.previous) == (8, LOST)
    found = verified(house.session, "RTF", [LOST])
    assert (found.wrong, found.entries, found.lost, found.vouched) == (None, 8, ((3, 7),), 7)
    assert by_script(house) is None


@pytest.mark.parametrize("told", [0, 1, 2])
def test_where_nothing_is_lost_it_follows_the_last_entry(house: SmallCouncil, told: int) -> None:
    row = restored(house, (told, LOST))
    assert row.entry == 3
    assert verified(house.session, "RTF").lost == ()
    assert by_script(house) is None


def test_an_entry_that_is_removed_before_it_is_found(house: SmallCouncil) -> None:
    restored(house, (7, LOST))
    house.session.execute(delete(Ledger).where(Ledger.entry == 2))
    assert verified(house.session, "RTF").wrong is Wrong.MISSING
    assert by_script(house) == ("RTF entry 2", "it is missing")


def test_it_cannot_be_given_another_copy_to_go_on_from(house: SmallCouncil) -> None:
    row = restored(house, (7, LOST))
    altered = row.body.replace('"entry":2', '"entry":1')
    house.session.execute(update(Ledger).where(Ledger.entry == 8).values(body=altered))
    assert verified(house.session, "RTF").wrong is Wrong.MISSING
    assert by_script(house) is not None


def test_no_other_kind_of_entry_may_leave_a_gap(house: SmallCouncil) -> None:
    row = restored(house, (7, LOST))
    house.session.execute(update(Ledger).where(Ledger.entry == 8).values(kind="note"))
    assert verified(house.session, "RTF").wrong is Wrong.MISSING
    assert by_script(house) is not None
    assert row.entry == 8
