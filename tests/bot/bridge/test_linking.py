"""Accounts are one human only where both have proved it, and for as long as both want it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from bot.bridge import humans, linking
from bot.bridge.linking import GOOD_FOR, MOST_TRIES, Agreed, Party, Place
from bot.errors import UserError
from bot.events import PersonId, RoomId
from bot.store.tables import LinkCode, LinkedAccount
from tests.bot.bridge.networks import START, empty_store, store_in_memory

SECOND = timedelta(seconds=1)


def party(person: str, name: str = "") -> Party:
    account = person.partition("/")[0]
    return Party(PersonId(person), name or person, Place(RoomId(f"{account}/room")))


ADA, EVE, CY = party("slack:a/U1", "Ada"), party("matrix:c/@eve:x", "Eve"), party("slack:b/U9")
MALLORY = party("matrix:c/@mallory:x")


def join(session: Session, one: Party, other: Party) -> None:
    code = linking.offer(session, one, START)
    linking.claim(session, other, code, START)
    assert linking.confirm(session, other.person, START) == Agreed(one, linked=False)
    assert linking.confirm(session, one.person, START) == Agreed(other, linked=True)


def linked(session: Session, who: Party) -> set[str]:
    return {each.person for each in humans.accounts_with(session, who.person)}


def refused(session: Session, who: Party, code: str, at: timedelta = timedelta(0)) -> str:
    with pytest.raises(UserError) as caught:
        linking.claim(session, who, code, START + at)
    return str(caught.value)


def test_a_code_typed_by_the_other_joins_once_both_say_yes(session: Session) -> None:
    code = linking.offer(session, ADA, START)
    assert linking.claim(session, EVE, code, START + SECOND) == ADA
    assert linking.waiting_for(session, ADA.person, START) is None
    assert linking.confirm(session, ADA.person, START + SECOND) is None  # not her turn
    assert linking.confirm(session, EVE.person, START + SECOND) == Agreed(ADA, linked=False)
    assert linking.confirm(session, EVE.person, START + SECOND) is None  # nor twice Eve's
    assert linked(session, ADA) == linked(session, EVE) == set()
    assert linking.waiting_for(session, ADA.person, START) == EVE
    assert linking.confirm(session, ADA.person, START + SECOND) == Agreed(EVE, linked=True)
    assert (linked(session, ADA), linked(session, EVE)) == ({EVE.person}, {ADA.person})
    assert linking.confirm(session, ADA.person, START + SECOND) is None


def test_a_code_is_stored_as_its_hash_alone(session: Session) -> None:
    code = linking.offer(session, ADA, START).replace("-", "")
    row = session.execute(select(LinkCode)).scalar_one()
    assert code not in {str(value) for value in vars(row).values()}


@pytest.mark.parametrize("late", [GOOD_FOR, GOOD_FOR * 10])
def test_a_code_and_a_consent_have_their_time(session: Session, late: timedelta) -> None:
    code = linking.offer(session, ADA, START)
    assert "know no such code" in refused(session, EVE, code, late)
    code = linking.offer(session, ADA, START)
    linking.claim(session, EVE, code, START)
    assert linking.confirm(session, EVE.person, START + late) is None
    linking.claim(session, EVE, linking.offer(session, ADA, START), START)
    linking.confirm(session, EVE.person, START)
    assert linking.confirm(session, ADA.person, START + late) is None
    assert linked(session, ADA) == set()


def test_a_code_is_used_up_by_who_types_it_first(session: Session) -> None:
    code = linking.offer(session, ADA, START)
    linking.claim(session, EVE, code, START)
    assert "know no such code" in refused(session, MALLORY, code)
    linking.confirm(session, EVE.person, START)
    assert linking.confirm(session, ADA.person, START) == Agreed(EVE, linked=True)


def test_a_new_code_ends_the_one_before(session: Session) -> None:
    before = linking.offer(session, ADA, START)
    linking.offer(session, ADA, START)
    assert "know no such code" in refused(session, EVE, before)


def test_who_was_tricked_into_typing_a_code_is_not_joined(session: Session) -> None:
    linking.claim(session, ADA, linking.offer(session, MALLORY, START), START)
    assert linking.confirm(session, MALLORY.person, START) is None
    linking.cancel(session, ADA.person)
    assert linking.confirm(session, MALLORY.person, START) is None
    assert linked(session, ADA) == set()


def test_one_consent_is_waited_for_at_a_time(session: Session) -> None:
    linking.claim(session, EVE, linking.offer(session, ADA, START), START)
    linking.confirm(session, EVE.person, START)
    linking.claim(session, ADA, linking.offer(session, CY, START), START)  # another dance
    assert linking.confirm(session, ADA.person, START) == Agreed(CY, linked=False)
    assert linking.confirm(session, ADA.person, START) is None
    linking.offer(session, ADA, START)  # and a third
    assert linking.confirm(session, CY.person, START) is None


@pytest.mark.parametrize("who", [ADA, EVE])
def test_either_side_can_say_no(session: Session, who: Party) -> None:
    linking.claim(session, EVE, linking.offer(session, ADA, START), START)
    linking.confirm(session, EVE.person, START)
    linking.cancel(session, who.person)
    assert linking.confirm(session, ADA.person, START) is None


def test_guessing_ends_after_a_few_tries_and_begins_anew_later(session: Session) -> None:
    code = linking.offer(session, ADA, START)
    for _ in range(MOST_TRIES):
        assert "know no such code" in refused(session, MALLORY, "00000-00000")
    assert "Too many" in refused(session, MALLORY, code)
    later = linking.offer(session, ADA, START + GOOD_FOR)
    assert linking.claim(session, MALLORY, later, START + GOOD_FOR + SECOND) == ADA


def test_a_new_code_does_not_forget_how_often_its_owner_guessed(session: Session) -> None:
    for _ in range(MOST_TRIES):
        refused(session, MALLORY, "00000-00000")
        linking.offer(session, MALLORY, START)
    assert "Too many" in refused(session, MALLORY, "00000-00000")


def test_ones_own_code_is_no_proof(session: Session) -> None:
    assert "your own code" in refused(session, ADA, linking.offer(session, ADA, START))


def test_a_third_account_joins_those_that_are_one_already(session: Session) -> None:
    join(session, ADA, EVE)
    join(session, CY, EVE)
    assert linked(session, ADA) == {EVE.person, CY.person}
    found = humans.others_of(session, [ADA.person, MALLORY.person])
    assert found == {ADA.person: (CY.person, EVE.person)}
    assert "already" in refused(session, ADA, linking.offer(session, CY, START))


def test_two_humans_do_not_become_one_by_a_code(session: Session) -> None:
    join(session, ADA, EVE)
    join(session, CY, MALLORY)
    assert "unlink" in refused(session, MALLORY, linking.offer(session, ADA, START))


def test_one_account_leaves_the_others_and_the_past_stays(session: Session) -> None:
    join(session, ADA, EVE)
    join(session, ADA, CY)
    ended = humans.part(session, ADA.person, START + SECOND, EVE.person)
    assert [each.person for each in ended] == [EVE.person]
    assert (linked(session, ADA), linked(session, EVE)) == ({CY.person}, set())
    humans.part(session, ADA.person, START + 2 * SECOND)
    assert linked(session, ADA) == set()
    rows = session.execute(select(LinkedAccount.person, LinkedAccount.since, LinkedAccount.until))
    assert {tuple(row) for row in rows} == {
        (ADA.person, START, START + 2 * SECOND),
        (CY.person, START, START + 2 * SECOND),
        (EVE.person, START, START + SECOND),
    }
    join(session, ADA, EVE)  # and again, anew
    assert linked(session, ADA) == {EVE.person}


def test_of_two_accounts_none_stays_linked_alone(session: Session) -> None:
    join(session, ADA, EVE)
    humans.part(session, EVE.person, START, EVE.person)
    assert linked(session, ADA) == set()
    assert humans.part(session, ADA.person, START) == []


@pytest.fixture(scope="module")
def store() -> Engine:
    return store_in_memory()


@given(typed=st.text(max_size=40))
def test_whatever_is_typed_is_a_code_or_none(store: Engine, typed: str) -> None:
    with empty_store(store) as session:
        linking.offer(session, ADA, START)
        with pytest.raises(UserError):
            linking.claim(session, EVE, typed, START)


@given(data=st.data())
def test_a_code_is_known_however_a_phone_writes_it(store: Engine, data: st.DataObject) -> None:
    with empty_store(store) as session:
        code = linking.offer(session, ADA, START)
        look = str.maketrans(data.draw(st.sampled_from([{}, {"0": "O", "1": "l"}, {"-": " "}])))
        typed = f" {code.lower()} " if data.draw(st.booleans()) else code
        assert linking.claim(session, EVE, typed.translate(look), START) == ADA
