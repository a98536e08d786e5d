"""An advisory from its draft to what takes its place: states, seals, hash, posts, who read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.advisories import acknowledging, keeping, posts, releasing, sealing, showing, view
from bot.advisories.document import Document, Kind, Update, digest
from bot.advisories.keeping import Draft
from bot.advisories.states import SAYABLE, Ack, State, may_follow
from bot.errors import UserError
from bot.events import Edit, Outgoing, Post
from bot.richtext import RichText, plain
from bot.sharing.marking import Label
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from bot.store.tables.advisories import Advisory
from bot.times.working import Severity
from bot.words import words_for
from tests.bot.advisories.newsroom import BEGUN, DOCUMENT, HOUR, TEAMS, Newsroom, newsroom, person
from tests.custody import ROOMS
from tests.fake_platform import BARE

EN = words_for("en")


@pytest.fixture
def house(database: Database) -> Iterator[Newsroom]:
    with newsroom(database) as found:
        yield found


def released(house: Newsroom, document: Document = DOCUMENT) -> Advisory:
    row = house.sealed(document)
    house.left(releasing.release(house.session, house, row, BEGUN), BEGUN)
    return row


def texts(outgoing: list[Outgoing]) -> list[str]:
    return [plain(each.content.body) for each in outgoing if isinstance(each.content, Post | Edit)]


@pytest.mark.parametrize("state", State)
def test_what_has_ended_stays_as_it_is_and_nothing_out_becomes_a_draft(state: State) -> None:
    after = {then for then in State if may_follow(state, then)}
    if state in {State.WITHDRAWN, State.CANCELLED}:
        assert not after
    if state in {State.RELEASED, State.SUPERSEDED}:
        assert not after & {State.DRAFT, State.SEALING, State.SCHEDULED, State.CANCELLED}
    assert State.RELEASED not in after or state in {State.SEALING, State.SCHEDULED}


@pytest.mark.parametrize(
    ("team", "who", "speaks", "why"),
    [
        ("a", "ada", True, "Nobody approves what they wrote"),
        ("a", "ben", False, "Only who speaks"),
        ("b", "ada", True, "not among those"),
        ("a", "ben", True, None),
    ],
)
def test_where_no_team_is_named_another_delegate_of_the_authors_seals(
    house: Newsroom, team: str, who: str, speaks: bool, why: str | None
) -> None:
    row = house.draft()
    if why is None:
        assert house.seal(row, team, who, speaks=speaks)
        return
    with pytest.raises(UserError, match=why):
        house.seal(row, team, who, speaks=speaks)
    assert row.state == State.DRAFT


def test_each_named_team_seals_once_and_nothing_is_released_before_all_have(
    house: Newsroom,
) -> None:
    row = house.draft(DOCUMENT, "b", "c")
    with pytest.raises(UserError, match="not among those"):
        house.seal(row, "a", "ben")
    assert not house.seal(row, "b")
    assert row.state == State.SEALING
    with pytest.raises(UserError, match="already"):
        house.seal(row, "b", "ben")
    with pytest.raises(UserError, match="not sealed yet"):
        releasing.release(house.session, house, row, BEGUN)
    assert house.seal(row, "c")
    assert releasing.release(house.session, house, row, BEGUN)


def test_a_change_asks_all_again_and_who_changed_it_seals_it_no_more(house: Newsroom) -> None:
    row = house.sealed()
    other = replace(keeping.draft_of(row), document=Document("Patch it now", Label.GREEN))
    assert keeping.change(house.session, house, row, other, person("a", "ben"), BEGUN)
    assert row.state == State.DRAFT
    assert not sealing.is_sealed(house.session, row)
    for who in ("ada", "ben"):
        with pytest.raises(UserError, match="Nobody approves what they wrote"):
            house.seal(row, "a", who)
    assert house.seal(row, "a", "cleo")
    assert not keeping.change(house.session, house, row, other, person("a"), BEGUN)
    assert row.state == State.SEALING


@given(st.data())
def test_the_hash_changes_with_every_field(data: st.DataObject) -> None:
    changed = {
        "title": "Other", "label": Label.AMBER, "group": "inner", "severity": Severity.CRITICAL,
        "summary": "x", "body": "x", "cves": ("CVE-2026-1234",), "due": "2026-11-25T00:00:00+00:00",
        "references": ("x",), "contact": "x", "kind": Kind.ALERT, "affected": ("x",),
        "indicators": ("x",), "techniques": ("T1190",), "actions": "x",
        "updates": (Update("x", "y", BEGUN),),
    }  # fmt: skip
    assert changed.keys() == {each.name for each in msgspec.structs.fields(Document)}
    name = data.draw(st.sampled_from(sorted(changed)))
    other = msgspec.structs.replace(DOCUMENT, **{name: changed[name]})
    assert digest(other, ["c"]) != digest(DOCUMENT, ["c"])
    whole = [
        digest(DOCUMENT, ["c"]), digest(DOCUMENT, ["c", "d"]), digest(DOCUMENT, ["c"], ["a"]),
        digest(DOCUMENT, ["c"], [], "x"), digest(DOCUMENT, [], ["c"]),
    ]  # fmt: skip
    assert len(set(whole)) == len(whole)


def test_numbers_of_a_series_have_no_gaps_whatever_is_cancelled(house: Newsroom) -> None:
    rows = [house.sealed() for _ in range(4)]
    releasing.cancel(house.session, rows[1], BEGUN)
    for row in (rows[3], rows[0], rows[2]):
        releasing.release(house.session, house, row, BEGUN)
    names = [keeping.name_of(house.session, row) for row in rows]
    assert names == ["RTF-2026-002", rows[1].ref, "RTF-2026-003", "RTF-2026-001"]
    inner = house.sealed(msgspec.structs.replace(DOCUMENT, group="inner"))
    releasing.release(house.session, house, inner, BEGUN)
    assert keeping.name_of(house.session, inner) == "INN-2026-001"
    assert keeping.roster_of(inner) == TEAMS[:2]
    with pytest.raises(UserError, match="No series is for"):
        house.draft(msgspec.structs.replace(DOCUMENT, group="nobody"))


def test_every_room_gets_it_once_marked_and_its_label_stands_first(house: Newsroom) -> None:
    row = released(house)
    assert [each.room for each in house.outgoing] == list(ROOMS)
    assert all(each.matter and "TLP:GREEN" in each.matter for each in house.outgoing)
    for text in texts(house.outgoing):
        assert text.startswith("TLP:GREEN · MEDIUM · RTF-2026-001 · Patch the VPN\n")
        assert "Acknowledged: 0 of 3" in text
    with pytest.raises(UserError, match="already"):
        releasing.release(house.session, house, row, BEGUN)


def test_a_long_body_stands_in_posts_of_its_own_each_with_its_label(house: Newsroom) -> None:
    row = released(house, msgspec.structs.replace(DOCUMENT, body="All of it. " * 400))
    said = [
        (each.room, text) for each, text in zip(house.outgoing, texts(house.outgoing), strict=True)
    ]
    assert len(said) == 9
    assert all("All of it." not in text for _, text in said[:3])
    house.land(BEGUN + HOUR)
    acknowledging.say(house.session, row, TEAMS[1], Ack.FIXED, person("b"), BEGUN + HOUR)
    assert all("All of it." not in text for text in texts(posts.refresh(house.session, house, row)))


@given(st.text(min_size=1, max_size=200), st.sampled_from(Severity), st.sampled_from(State))
def test_the_first_line_has_at_most_80_characters(
    title: str, severity: Severity, state: State
) -> None:
    document = Document(title, Label.AMBER_STRICT, severity=severity)
    shown = showing.Shown("RANSOMWARE-2026-1234", state, document, "CERT A")
    for words in (EN, words_for("fr")):
        for what in (None, words("update")):
            line = showing.first_line(shown, words, what)
            assert len(line) <= 80
            assert line.startswith("TLP:AMBER+STRICT · ")
            assert "\n" not in line


def test_who_was_not_reached_is_not_called_silent(house: Newsroom) -> None:
    row = released(house)
    house.land(BEGUN + HOUR, ROOMS[:2])
    acknowledging.say(house.session, row, TEAMS[1], Ack.CHECKING, person("b"), BEGUN + 2 * HOUR)
    stand = acknowledging.stand(house.session, row)
    assert {team: said.ack for team, said in stand.items()} == {
        "a": Ack.SILENT, "b": Ack.CHECKING, "c": Ack.NOT_REACHED,
    }  # fmt: skip
    board = showing.board(view.shown(house.session, house, row), EN, BEGUN + 5 * HOUR)
    assert [line.partition(";")[0] for line in board] == [
        "• CERT C: not reached", "• CERT A: silent, for 4 h", "• CERT B: checking, for 3 h",
    ]  # fmt: skip
    edits = posts.refresh(house.session, house, row)
    assert all("Acknowledged: 1 of 3 · CERT B: checking" in text for text in texts(edits))
    assert all(len(each.content.controls) == len(SAYABLE) for each in edits)  # type: ignore[union-attr]


def test_an_update_is_sealed_too_answers_in_the_threads_and_asks_again(house: Newsroom) -> None:
    row = released(house)
    house.land(BEGUN + HOUR)
    acknowledging.say(house.session, row, TEAMS[1], Ack.FIXED, person("b"), BEGUN + HOUR)
    later = BEGUN + 2 * HOUR
    releasing.add(row, Update("Also **that**.", person("a"), later))
    assert not sealing.is_sealed(house.session, row)
    assert house.seal(row, "a", "ben")
    outgoing = releasing.publish(house.session, house, row, later)
    edits = [each for each in outgoing if isinstance(each.content, Edit)]
    posts = [each.content for each in outgoing if isinstance(each.content, Post)]
    assert (len(edits), len(posts)) == (3, 3)
    assert all("Also that." in text for text in texts(outgoing))
    assert all(post.thread for post in posts)
    assert acknowledging.stand(house.session, row)[TEAMS[1]].ack is Ack.SILENT
    minor = Update("A typo.", person("a"), later, minor=True)
    acknowledging.say(house.session, row, TEAMS[1], Ack.FIXED, person("b"), later + HOUR)
    releasing.add(row, minor)
    house.seal(row, "a", "ben")
    releasing.publish(house.session, house, row, later + 2 * HOUR)
    assert acknowledging.stand(house.session, row)[TEAMS[1]].ack is Ack.FIXED


def test_what_is_superseded_says_so_on_its_posts_and_is_acknowledged_no_more(
    house: Newsroom,
) -> None:
    old, new = released(house), house.sealed(Document("Patch again", Label.GREEN))
    house.land(BEGUN + HOUR)
    new.supersedes = old.ref
    outgoing = releasing.release(house.session, house, new, BEGUN + HOUR)
    assert (old.state, new.state) == (State.SUPERSEDED, State.RELEASED)
    about = [text for text in texts(outgoing) if "SUPERSEDED · RTF-2026-001" in text]
    assert len(about) == 6
    assert all("In its place: RTF-2026-002" in text for text in about)
    with pytest.raises(UserError, match="superseded"):
        acknowledging.say(house.session, old, TEAMS[1], Ack.FIXED, person("b"), BEGUN)
    withdrawn = releasing.withdraw(house.session, house, new, "It was wrong.", BEGUN + HOUR)
    assert all("It was wrong." in text for text in texts(withdrawn))
    assert all(not each.content.controls for each in withdrawn if isinstance(each.content, Edit))


def test_red_and_what_has_no_title_become_no_draft(house: Newsroom) -> None:
    for document in (Document("A", Label.RED), Document(" ", Label.GREEN)):
        with pytest.raises(UserError):
            keeping.begin(
                house.session, house, Draft(document, ("c",)), person("a"), TeamKey("a"), BEGUN
            )


def test_a_body_is_made_and_measured_once_for_rooms_alike(house: Newsroom) -> None:
    """Each of 200 rooms had its own, for half a second in which nobody else could write."""
    measured = []

    def cost(body: RichText) -> int:
        measured.append(body)
        return len(plain(body))

    house.able = replace(BARE, cost=cost)
    released(house)
    assert len(house.outgoing) == len(ROOMS)
    assert len(measured) <= 2


def test_under_the_chatham_house_rule_its_posts_name_no_team_that_spoke(house: Newsroom) -> None:
    house.veiled = True
    row = released(house)
    acknowledging.say(house.session, row, TEAMS[1], Ack.FIXED, person("b"), BEGUN + HOUR)
    for text in texts(posts.refresh(house.session, house, row)):
        assert text.endswith("Acknowledged: 1 of 3")
    shown = view.shown(house.session, house, row)
    assert "CERT B: fixed" in "".join(showing.board(shown, EN, BEGUN + HOUR)), "its authors' alone"
