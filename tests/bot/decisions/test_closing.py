"""A proposal from its opening to its end, in the store, once and told once in every room."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.custody import numbering
from bot.decisions import closing, proposals, voicing
from bot.decisions.agreeing import disagreement
from bot.decisions.ledger.verifying import verify
from bot.decisions.ledger.writing import history
from bot.decisions.proposals import OUTCOME
from bot.decisions.silence import LAG, Unreached
from bot.decisions.view import shown
from bot.decisions.voices import Ruling, Stance
from bot.decisions.voicing import Refused, Speaker
from bot.events import Edit, PersonId, Post
from bot.richtext import RichText, plain
from bot.sharing.teams import TeamKey
from bot.store.tables.decisions import Decision
from tests.bot.decisions.council import EXPIRES, MINUTE, OPENED, SmallCouncil, council
from tests.custody import ROOMS

A, B, C = ROOMS


@pytest.fixture
def house(tmp_path: Path) -> Iterator[SmallCouncil]:
    with council(tmp_path) as found:
        yield found
        assert disagreement(found.session, "RTF") is None


def opened(house: SmallCouncil, **terms: object) -> Decision:
    """A proposal that has reached everybody."""
    row = house.propose(**terms)  # type: ignore[arg-type]
    house.land(OPENED)
    return row


def kinds(house: SmallCouncil, row: Decision) -> list[str]:
    return [
        each.kind for each in history(house.session, proposals.reference_of(house.session, row))
    ]


def first_lines(house: SmallCouncil, row: Decision) -> list[str]:
    """The first lines of what came of it, in every room."""
    told = set(house.posts(row, OUTCOME))
    lines = [
        plain(each.content.body).partition("\n")[0]
        for each in house.outgoing
        if isinstance(each.content, Post) and each.room in told
    ]
    ended = ("adopted", "broken")
    return [line for line in lines if any(word in line for word in ended)]


def test_unbroken_silence_adopts_it_once_and_gives_it_a_number(house: SmallCouncil) -> None:
    row = opened(house)
    house.look(row, EXPIRES - MINUTE)
    assert row.state == "open"
    house.look(row, EXPIRES)
    assert (row.state, row.waiting) == ("open", "reading")
    house.read(EXPIRES)
    house.look(row, EXPIRES)
    assert row.state == "adopted"
    house.look(row, EXPIRES)
    assert house.posts(row, OUTCOME) == sorted(ROOMS)
    assert kinds(house, row) == ["opened", "adopted"]
    lines = first_lines(house, row)
    assert len(lines) == 3
    assert all("RTF-2026-001" in line and "adopted" in line for line in lines)
    assert all(len(line) <= 80 and line.startswith("TLP:GREEN") for line in lines)
    assert verify(house.session, "RTF").wrong is None


def test_it_has_no_number_before_it_is_adopted(house: SmallCouncil) -> None:
    row = opened(house)
    assert numbering.shown(proposals.reference_of(house.session, row)) == row.ref
    house.speak(row, "b", Stance.OBJECT, EXPIRES - MINUTE, text="Not on a Friday.")
    assert row.state == "broken"
    assert proposals.reference_of(house.session, row).number is None


def test_an_objection_takes_a_second_step_and_then_breaks_it_at_once(house: SmallCouncil) -> None:
    row = opened(house)
    asked = house.speak(row, "b", Stance.OBJECT, OPENED + MINUTE, confirmed=False, text="No.")
    assert asked.asks
    assert row.state == "open"
    house.speak(row, "b", Stance.OBJECT, OPENED + 2 * MINUTE, text="No.")
    assert row.state == "broken"
    assert kinds(house, row) == ["opened", "voice", "confirmed", "broken"]
    assert [line.count("broken") for line in first_lines(house, row)] == [1, 1, 1]


def test_an_objection_is_confirmed_by_any_account_of_who_said_it(
    house: SmallCouncil,
) -> None:
    row = opened(house)
    house.speak(row, "b", Stance.OBJECT, EXPIRES - MINUTE, confirmed=False)
    house.read(EXPIRES)
    house.look(row, EXPIRES)
    elsewhere = PersonId("fake:elsewhere/ada")
    mine = Speaker(elsewhere, frozenset({"fake:b/ada", str(elsewhere)}), TeamKey("b"))
    spoken = voicing.speak(
        house.session, house, row, mine, Stance.OBJECT, "", EXPIRES, EXPIRES, confirmed=True
    )
    house.left(spoken.outgoing, EXPIRES)
    assert row.state == "broken"
    assert kinds(house, row) == ["opened", "voice", "confirmed", "broken"]


def test_an_objection_that_nobody_confirms_is_for_the_chair(house: SmallCouncil) -> None:
    row = opened(house)
    house.speak(row, "b", Stance.OBJECT, EXPIRES - MINUTE, confirmed=False)
    house.read(EXPIRES)
    house.look(row, EXPIRES)
    assert row.waiting == "confirmation"
    house.look(row, EXPIRES + timedelta(minutes=15))
    assert (row.state, row.waiting) == ("open", "chair")
    assert shown(house.session, house, row).expires is None
    (voice,) = voicing.to_rule_on(house.session, row)
    chair = PersonId("fake:a/ada")
    house.left(
        voicing.rule(house.session, house, row, voice, Ruling.VOID, "A slip.", chair, EXPIRES),
        EXPIRES,
    )
    assert row.state == "adopted"
    assert kinds(house, row) == ["opened", "voice", "ruled", "adopted"]


def test_what_was_said_before_the_expiry_counts_though_it_is_read_later(
    house: SmallCouncil,
) -> None:
    row = opened(house)
    house.look(row, EXPIRES + LAG)
    assert row.waiting == "outage"
    house.speak(row, "b", Stance.OBJECT, EXPIRES + 5 * MINUTE, said=EXPIRES - MINUTE)
    assert row.state == "broken"


def test_an_outage_across_the_expiry_extends_it_and_all_are_told(house: SmallCouncil) -> None:
    row = opened(house)
    house.look(row, EXPIRES + LAG)
    back = EXPIRES + 10 * MINUTE
    house.read(back)
    house.look(row, back)
    assert row.expires == back + timedelta(minutes=15)
    assert house.posts(row, "word") == sorted(ROOMS)
    house.read(row.expires)
    house.look(row, row.expires)
    assert row.state == "adopted"
    assert kinds(house, row) == ["opened", "extended", "adopted"]


def test_a_frozen_room_is_not_silent(house: SmallCouncil) -> None:
    row = opened(house)
    house.frozen.add(B)
    house.read(EXPIRES)
    house.look(row, EXPIRES + LAG)
    assert row.waiting == "outage"


@pytest.mark.parametrize(
    ("rule", "state", "kind"),
    [
        (Unreached.EXTEND, "open", None),
        (Unreached.EXCLUDE, "adopted", "excluded"),
        (Unreached.FAIL, "failed", "failed"),
    ],
)
def test_a_team_that_it_has_not_reached_is_not_silent(
    house: SmallCouncil, rule: Unreached, state: str, kind: str | None
) -> None:
    row = house.propose(unreached=rule)
    house.land(OPENED, [A, B])
    house.read(EXPIRES)
    house.look(row, EXPIRES)
    assert row.state == state
    assert kind is None or kind in kinds(house, row)
    if rule is Unreached.EXTEND:
        assert row.waiting == "delivery"
        assert "CERT C" in plain(proposal_head(house))
        house.land(EXPIRES + MINUTE, [C])
        due = closing.due(house.session, EXPIRES + MINUTE)
        assert due.refs == (row.ref,), "nothing but a look tells that it has landed"
        house.look(row, EXPIRES + MINUTE)
        assert row.expires == EXPIRES + MINUTE + timedelta(hours=1)


def proposal_head(house: SmallCouncil) -> RichText:
    """The newest words of the proposal's own post."""
    edits = [each.content for each in house.outgoing if isinstance(each.content, Edit)]
    return edits[-1].body


def test_who_comes_late_is_on_record_and_does_not_count(house: SmallCouncil) -> None:
    row = opened(house)
    house.read(EXPIRES)
    house.look(row, EXPIRES)
    late = house.speak(row, "b", Stance.OBJECT, EXPIRES + MINUTE, text="Too late.")
    assert late.refused is Refused.LATE
    dated = house.speak(
        row, "c", Stance.OBJECT, EXPIRES + 20 * MINUTE, said=EXPIRES - MINUTE, text="In time!"
    )
    assert dated.refused is Refused.DISPUTED
    assert row.state == "adopted"
    assert kinds(house, row) == ["opened", "adopted", "late voice", "late voice"]
    assert [each.team for each in voicing.to_rule_on(house.session, row)] == ["c"]


@pytest.mark.parametrize(
    ("team", "who", "why"),
    [("b", "ben", Refused.NO_DELEGATE), ("d", "ada", Refused.NOT_ON_ROSTER)],
)
def test_who_has_no_voice_changes_nothing(
    house: SmallCouncil, team: str, who: str, why: Refused
) -> None:
    row = opened(house)
    spoken = house.speak(row, team, Stance.OBJECT, EXPIRES - MINUTE, who=who)
    assert (spoken.refused, spoken.voice) == (why, None)
    assert kinds(house, row) == ["opened"]


def test_a_reservation_is_on_record_and_the_rest_is_silent(house: SmallCouncil) -> None:
    row = opened(house)
    house.speak(row, "b", Stance.RESERVE, OPENED + MINUTE, text="Our law says otherwise.")
    house.read(EXPIRES)
    house.look(row, EXPIRES)
    assert row.state == "adopted"
    whole = "\n".join(
        plain(each.content.body) for each in house.outgoing if isinstance(each.content, Post)
    )
    assert "Silent: CERT A, CERT C" in whole
    assert "CERT B: has a reservation" in whole


def test_a_clock_that_is_set_back_opens_nothing(house: SmallCouncil) -> None:
    row = opened(house)
    house.read(EXPIRES)
    house.look(row, EXPIRES)
    house.look(row, OPENED)
    assert row.state == "adopted"
    spoken = house.speak(row, "b", Stance.OBJECT, OPENED + MINUTE)
    assert spoken.refused is Refused.DISPUTED
    assert row.state == "adopted"


def test_a_vote_ends_when_it_is_settled(house: SmallCouncil) -> None:
    row = opened(house, method="majority", expires=None)
    house.speak(row, "a", Stance.AGREE, OPENED)
    assert row.state == "open"
    house.speak(row, "b", Stance.AGREE, OPENED + MINUTE)
    assert row.state == "adopted"
    assert kinds(house, row) == ["opened", "voice", "voice", "adopted"]


def test_the_later_word_of_a_team_stands_until_the_vote_ends(house: SmallCouncil) -> None:
    row = opened(house, method="unanimity")
    house.speak(row, "a", Stance.AGREE, OPENED)
    house.speak(row, "a", Stance.ABSTAIN, OPENED + MINUTE)
    assert row.state == "failed"
