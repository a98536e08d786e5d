"""What waits for a team, and what the next shift is told: by what each may know."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.bridge import pending as bridge_pending
from bot.bridge.recalling import Recall
from bot.bridge.requested import about
from bot.custody import consent
from bot.custody.consent import Kind, Said
from bot.custody.pending import Item, Reader, gathered, marked_together
from bot.events import PersonId
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from bot.store.tables import Message
from tests.commands.assembly import HOUR, MINUTE, Assembly, assembled
from tests.commands.house import NOW


@pytest.fixture
def three() -> Iterator[Assembly]:
    with assembled() as found:
        yield found


def test_a_voice_that_was_not_given_waits_and_one_that_was_does_not(three: Assembly) -> None:
    ref = three.propose()
    answer = three.ask("b/ada", "todo")
    assert answer.startswith("1 thing waits for CERT B:")
    assert f"TLP:GREEN · {ref} · a voice · by 2026-03-07 14:30 UTC · for 0 s" in answer
    assert f"voice {ref} agree" in answer
    three.ask("b/ada", f"voice {ref} agree")
    assert three.ask("b/ada", "todo") == "Nothing waits for CERT B."
    assert ref in three.ask("c/ada", "todo")


def test_what_is_for_others_waits_for_nobody_else(three: Assembly) -> None:
    ref = three.propose("Among us.", "--silence 72h --group inner")
    assert ref in three.ask("b/ada", "todo")
    assert three.ask("c/ada", "todo") == "Nothing waits for CERT C."
    assert ref not in three.ask("c/ada", "handover")
    assert ref in three.ask("b/ada", "handover")


def test_an_action_waits_for_its_team_until_it_is_done(three: Assembly) -> None:
    three.ask("a/ada", 'decide --action "b 2026-03-05T09:00 Pull the plug" Unplug it.')
    three.pass_to(NOW + 11 * MINUTE)
    answer = three.ask("b/ada", "todo")
    assert "an action · by 2026-03-05 09:00 UTC" in answer
    assert "Pull the plug" in answer
    three.now = NOW + 30 * HOUR
    assert "overdue since 09:00 UTC" in three.ask("b/ada", "todo")
    three.ask("b/ada", "done C-2026-001.1")
    assert three.ask("b/ada", "todo") == "Nothing waits for CERT B."


def test_what_the_chair_entered_waits_for_that_team_and_a_ruling_for_the_chair(
    three: Assembly,
) -> None:
    ref = three.propose("Block it.", "--silence 72h --method majority")
    three.ask("a/ada", f"voice {ref} agree By telephone. --for b")
    assert "whether your team said so" in three.ask("b/ada", "todo")
    other = three.propose("Block that.")
    three.now = NOW + 72 * HOUR - MINUTE
    three.ask("c/ada", f"voice {other} object No.")
    three.pass_to(NOW + 72 * HOUR)
    three.pass_to(NOW + 73 * HOUR)
    assert "a ruling of the chair" in three.ask("a/ada", "todo")
    assert "a ruling of the chair" not in three.ask("b/ada", "todo")


def test_releases_and_recalls_wait_without_a_word_of_the_message(three: Assembly) -> None:
    session = three.session
    row = Message(
        room="fake:a/room", message="m1", channel="c", author="fake:a/ben", said=NOW,
        known="said", received=NOW, originator="a", label="TLP:GREEN",
    )  # fmt: skip
    session.add(row)
    session.flush()
    ada = PersonId("fake:b/ada")
    consent.ask(session, Kind.WISH, about(row.id), ada, TeamKey("b"), {}, NOW)
    recall = Recall((TeamKey("b"), TeamKey("c")))
    asked = consent.ask(session, Kind.RECALL, about(row.id), ada, TeamKey("a"), recall, NOW)
    consent.note(asked, Said(PersonId("fake:c/ada"), TeamKey("c"), NOW))
    assert "an answer to a wish for release" in three.ask("a/ada", "todo")
    assert f"done {asked.handle}" in three.ask("b/ada", "todo")
    assert three.ask("c/ada", "todo") == "Nothing waits for CERT C."


def test_a_handover_says_what_is_due_soon_first_and_who_is_at_work(three: Assembly) -> None:
    later = three.propose("Block it.")
    soon = three.propose("Block that.", "--silence 2h")
    three.ask("b/ada", f"voice {soon} agree")
    lines = three.ask("a/ada", "handover").splitlines()
    assert lines[0] == "Handover of c: 2 things are open (14:30 UTC)"
    assert lines[1] == "Overdue, or due within twelve hours:"
    assert soon in lines[2]
    assert "waits for CERT A, CERT C" in lines[2]
    assert later in lines[4]
    assert lines[5].startswith("At work now: CERT A")
    assert soon not in three.ask("a/ada", "handover --team b")
    assert "I know no team" in three.refused("a/ada", "handover --team nobody")


def test_what_is_shared_is_what_all_in_the_room_may_know_and_is_marked_by_it(
    three: Assembly,
) -> None:
    known = three.propose("Block it.")
    hidden = three.propose("Among us.", "--silence 72h --group inner")
    answer = three.ask("c/ada", "share handover")
    assert known in answer
    assert hidden not in answer
    assert hidden in three.ask("b/ada", "share handover")
    inner = three.house.pending(three.session, _reader(three, "b"))
    together = marked_together(inner, NOW)
    assert together.marking == Marking(Label.GREEN, (frozenset({"inner"}),))
    assert marked_together([], NOW).marking == Marking(Label.CLEAR)


def _reader(three: Assembly, team: str) -> Reader:
    return Reader(three.house.custody(), three.house.directory().teams[TeamKey(team)], NOW)


def test_who_is_of_no_team_has_nothing_to_do(three: Assembly) -> None:
    three.propose()
    reader = Reader(three.house.custody(), None, NOW)
    assert list(bridge_pending.gather(three.session, reader)) == []
    assert three.house.pending(three.session, reader) == []


def test_what_is_due_is_before_what_is_not_and_the_oldest_first(three: Assembly) -> None:
    def source(_session: object, _reader: Reader) -> Iterator[Item]:
        yield Item("a voice", "new", NOW)
        yield Item("a voice", "old", NOW - HOUR)
        yield Item("a voice", "due", NOW, due=NOW + HOUR, channel="c")

    reader = Reader(three.house.custody(), None, NOW)
    every = gathered([source], three.session, reader)
    assert [each.name for each in every] == ["due", "old", "new"]
    assert [each.name for each in gathered([source], three.session, reader, "c")] == ["due"]
