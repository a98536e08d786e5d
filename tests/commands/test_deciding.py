"""Deciding by what people type: proposals, voices, rulings, and who may know of any of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from bot.custody.frozen import Kind, Order
from bot.decisions import context
from bot.decisions.agreeing import disagreement
from bot.decisions.ledger.verifying import verify
from bot.delivery import outbox, report
from bot.events import Answer, Delete, Edit, MessageId, Outgoing, Post, RoomId
from bot.richtext import plain, say
from bot.sharing.teams import Directory, TeamKey
from bot.store.tables import Base, Message, Roster
from bot.store.tables.decisions import Decision, Ledger, Task
from tests.commands.assembly import HOUR, MINUTE, Assembly, assembled, linking
from tests.commands.house import NOW
from tests.custody import ROOMS

A, B, C = ROOMS
ENDS = NOW + 72 * HOUR


@pytest.fixture
def three() -> Iterator[Assembly]:
    with assembled() as found:
        yield found
        for series in ("C", "INN"):
            assert disagreement(found.session, series) is None


def test_what_all_in_a_room_know_can_be_shown_to_them_and_nothing_else(three: Assembly) -> None:
    known = three.propose("Block it.")
    hidden = three.propose("Among us.", "--silence 72h --group inner")
    assert "Block it." in three.ask("c/ada", f"share show {known}")
    assert three.refused("c/ada", f"share show {hidden}") == "I know of no such decision."
    assert "Among us." in three.ask("b/ada", f"share show {hidden}")


def test_what_is_decided_is_traced_by_its_number_and_handle_for_those_who_know_of_it(
    three: Assembly,
) -> None:
    ref = three.propose()
    nothing = three.refused("c/ada", "trace p-zzzzz")
    assert three.ask("b/ada", f"trace {ref}").splitlines() == [
        f"{ref}: posted, landed in 3 of 3 rooms.",
        *(f"• {room}: delivered {NOW:%H:%M} UTC" for room in sorted(ROOMS)),
    ]
    three.pass_to(ENDS)  # what came of it is posted, and has not landed
    outcome = three.ask("b/ada", f"trace {ref}")
    assert "landed in 0 of 3 rooms" in outcome
    assert three.ask("b/ada", "trace C-2026-001") == outcome
    hidden = three.propose("Among us.", "--silence 72h --group inner")
    assert three.refused("c/ada", f"trace {hidden}") == nothing
    assert f"{hidden}: posted" in three.ask("b/ada", f"trace {hidden}")


def test_the_operators_trace_what_is_decided_and_see_ids_and_states_alone(three: Assembly) -> None:
    ref = three.propose("Block it at 18:00.")
    found = report.trace(three.session, ref)
    assert found is not None
    assert (found["ref"], found["number"], found["kind"]) == (ref, None, "decision")
    assert [(each["room"], each["state"]) for each in found["copies"]] == [  # type: ignore[attr-defined]  # a list
        (room, "delivered") for room in ROOMS
    ]
    three.pass_to(ENDS)
    numbered = report.trace(three.session, "C-2026-001")
    assert numbered is not None
    assert (numbered["ref"], numbered["number"]) == (ref, "C-2026-001")
    assert "18:00" not in json.dumps(numbered)


def test_what_nobody_objects_to_is_adopted_and_every_room_is_told(three: Assembly) -> None:
    ref = three.propose()
    assert three.row(ref).expires == ENDS
    assert all(f"TLP:GREEN · {ref} · proposal under silence" in three.posts(room)[0]
               for room in ROOMS)  # fmt: skip
    three.pass_to(ENDS)
    assert three.row(ref).state == "adopted"
    for room in ROOMS:
        assert [line for line in three.posts(room) if "adopted" in line] == [
            "TLP:GREEN · C-2026-001 · adopted · Block it at 18:00."
        ]
    assert three.row("C-2026-001").ref == ref


def test_an_objection_breaks_it_when_it_was_confirmed(three: Assembly) -> None:
    ref = three.propose()
    answer = three.ask("b/ada", f"voice {ref} object Not on a Friday.")
    assert "Break the silence" in answer
    assert three.row(ref).state == "open"
    assert three.ask("b/ada", f"voice {ref} object Not on a Friday.", confirmed=three.asked)
    assert three.row(ref).state == "broken"
    for room in ROOMS:
        assert [ref in line for line in three.posts(room) if "broken" in line] == [True]
    assert "Not on a Friday." in three.ask("c/ada", f"show {ref}")


@pytest.mark.parametrize("space", ["\n", "\N{NO-BREAK SPACE}", "  ", "\u202f"])
def test_an_objection_is_read_whatever_space_a_phone_puts_between(
    three: Assembly, space: str
) -> None:
    ref = three.propose()
    three.twice("b/ada", f"voice {ref}{space}object{space}Not on a Friday.")
    assert three.row(ref).state == "broken"
    assert "Not on a Friday." in three.ask("c/ada", f"show {ref}")


def test_who_types_a_word_wrongly_is_shown_how_it_is_typed(three: Assembly) -> None:
    ref, usage = three.propose(), "Usage: voice [--for TEAM] [--channel NAME] REF agree|object|"
    assert usage in three.refused("b/ada", f"voice {ref}")
    assert usage in three.refused("b/ada", f"voice {ref} dunno")
    assert "Usage: vote" in three.refused("b/ada", f"vote {ref} maybe")
    assert "Usage: extend [--channel NAME] REF T" in three.refused("a/ada", f"extend {ref}")
    assert "Usage: correct [--channel NAME] REF TEXT" in three.refused("a/ada", f"correct {ref}")
    assert "Usage: propose" in three.refused("a/ada", "propose Block it.")
    assert "Usage" not in three.refused("b/ada", "voice p-zzzzz object No.")


def test_what_is_said_behind_the_text_to_be_for_a_group_is_for_that_group(three: Assembly) -> None:
    ref = three.propose("Block it. --group inner --silence 48h", "")
    assert three.row(ref).expires == NOW + 48 * HOUR
    assert three.ask("a/ada", f"show {ref}").count("--") == 0
    assert three.refused("c/ada", f"show {ref}") == "I know of no such decision."


def test_the_unconfirmed_word_is_on_record_and_is_for_the_chair(three: Assembly) -> None:
    ref = three.propose()
    three.now = ENDS - MINUTE
    three.ask("b/ada", f"voice {ref} object No.")
    three.pass_to(ENDS)
    assert three.row(ref).waiting == "confirmation"
    three.pass_to(ENDS + 15 * MINUTE)
    assert three.row(ref).waiting == "chair"
    assert "Only a delegate" in three.refused("b/ada", f"rule {ref} void A slip.")
    assert "counts WHY" in three.refused("a/ada", f"rule {ref} It rains.")
    assert "on record" in three.ask("a/ada", f"rule {ref} void A slip of the finger.")
    assert three.row(ref).state == "adopted"


@pytest.mark.parametrize(
    ("who", "said", "again"),
    [
        ("b/ada", "object No.", "object"),
        ("b/ada", "amend At 20:00.", "amend as before"),
        ("a/ada", "object They called. --for c", "object --for c"),
    ],
)
def test_who_did_not_confirm_is_asked_again_and_then_the_chair_is(
    three: Assembly, who: str, said: str, again: str
) -> None:
    ref = three.propose()
    three.ask(who, f"voice {ref} {said}")
    for reminder in (NOW + 36 * HOUR, ENDS - HOUR):
        three.outgoing.clear()
        three.pass_to(reminder)
        assert [f"voice {ref} {again}" in each for each in three.told(who)] == [True]
    assert f"voice {ref} {again}" in three.ask(f"{'c' if who == 'a/ada' else 'b'}/ada", "todo")
    three.outgoing.clear()
    three.pass_to(ENDS)
    three.pass_to(ENDS + MINUTE)
    (asked,) = three.told(who)
    assert (
        "Your word is awaited until 2026-03-07 14:45 UTC" in asked
        and f"voice {ref} {again}" in asked
    )
    three.outgoing.clear()
    three.pass_to(ENDS + 15 * MINUTE)
    three.pass_to(ENDS + 16 * MINUTE)
    (told,) = three.told("a/ada")
    assert f"rule {ref} counts WHY" in told
    three.twice(who, f"voice {ref} {again}")
    assert three.row(ref).state == "broken"
    found = three.session.execute(select(Ledger.kind).order_by(Ledger.entry)).scalars()
    assert list(found) == ["opened", "voice", "confirmed", "broken"]


def test_a_ruling_in_ones_own_words_is_read_back_first(three: Assembly) -> None:
    ref = three.propose()
    three.now = ENDS - MINUTE
    three.ask("b/ada", f"voice {ref} object No.")
    three.pass_to(ENDS)
    three.twice("a/ada", f"rule {ref} What Bravo said does count.")
    assert three.row(ref).state == "broken"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("propose Block it.", "Say until when"),
        ("propose --until 2020-01-01T00:00 Block it.", "gone by"),
        ("propose --silence 10m Block it.", "at least 1h"),
        ("propose --silence soon Block it.", "Write a duration"),
        (f"propose --silence 72h {'x' * 40_000}", "40000 characters"),
        ("propose --silence 72h --method dice Block it.", "I know these ways"),
        ("propose --silence 72h --marking TLP:RED Block it.", "not circulated"),
        ("propose --silence 72h Block it. TLP:RED", "not circulated"),
        ("propose --silence 72h --group nobody Block it.", "Nothing here is numbered"),
        ("propose --silence 72h --secret Block it.", "no ballot"),
    ],
)
def test_what_cannot_be_proposed_is_said_and_nothing_recorded(
    three: Assembly, text: str, why: str
) -> None:
    assert why in three.refused("a/ada", text)
    assert three.session.execute(select(func.count(Decision.ref))).scalar() == 0
    assert three.session.execute(select(func.count(Ledger.entry))).scalar() == 0


def test_who_may_not_propose_is_told_so(three: Assembly) -> None:
    assert "Only a delegate" in three.refused("a/ben", "propose --silence 72h Block it.")
    assert "for members of a team" in three.refused("x/eve", "propose --silence 72h Block it.")
    with assembled(teams=("a", "b"), observers=("c",)) as found:
        assert "observes here" in found.refused("c/ada", "propose --silence 72h Block it.")
    with assembled(teams=("a",), observers=("a",)) as found:
        assert "No team here has a voice" in found.refused("a/ada", "propose --silence 72h It.")


@pytest.mark.parametrize(
    ("who", "room", "why"),
    [
        ("b/ben", B, "only your team's delegates"),
        ("x/eve", C, "you are of no team"),
    ],
)
def test_an_objection_that_does_not_count_is_answered_and_the_chair_hears_of_it(
    three: Assembly, who: str, room: str, why: str
) -> None:
    ref = three.propose()
    answer = three.ask(who, f"voice {ref} object No.", room=C if room == C else B)
    assert answer.startswith("It does not count") and why in answer
    assert three.row(ref).state == "open"
    assert ("spoke", "no delegate" if who == "b/ben" else "no team", "refused") in three.audited()
    (told,) = three.told("a/ada")
    assert "objects. It does not count" in told
    three.pass_to(ENDS)
    assert three.row(ref).state == "adopted"


def test_the_chair_enters_what_was_said_by_telephone(three: Assembly) -> None:
    ref = three.propose()
    assert "Only who presides" in three.refused("b/ada", f"voice {ref} object No. --for c")
    three.twice("a/ada", f"voice {ref} object They called. --for c")
    assert three.row(ref).state == "broken"
    (told,) = three.told("c/ada")
    assert f"voice {ref} object" in told
    assert "confirms that it said so" in three.ask("c/ada", f"voice {ref} object")


def test_a_voice_by_telephone_completes_nothing_until_its_team_confirms_it(
    three: Assembly,
) -> None:
    ref = three.propose(options="--silence 72h --method two-person")
    three.ask("a/ada", f"approve {ref}")
    three.ask("a/ada", f"voice {ref} agree --for b")
    assert three.row(ref).state == "open"
    three.ask("b/ada", f"voice {ref} agree")
    three.pass_to(ENDS)
    assert three.row(ref).state == "adopted"


def test_in_answer_to_the_proposal_no_reference_is_needed(three: Assembly) -> None:
    ref = three.propose()
    (post,) = [each for each in three.outgoing if each.room == B]
    answer = three.ask(
        "b/ada", "voice reserve Our law says otherwise.", answers=MessageId(str(post.id))
    )
    assert "has a reservation" in answer
    three.pass_to(ENDS)
    assert "Our law says otherwise." in three.ask("c/ada", f"show {ref}")


def test_a_link_to_its_post_says_which_proposal_is_meant(
    three: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.custody.pointing.networks", linking)
    ref = three.propose()
    (post,) = [each for each in three.outgoing if each.room == B]
    link = f"https://chat.test/{post.id}"
    assert ref in three.ask("b/ada", f"show {link}")
    assert "has a reservation" in three.ask("b/ada", f"voice {link} reserve Our law.")
    assert three.refused("b/ada", "show https://chat.test/none") == "I know of no such decision."
    hidden = three.propose(options="--silence 72h --group inner")
    post = next(
        each
        for each in reversed(three.outgoing)
        if isinstance(each.content, Post) and hidden in plain(each.content.body)
    )
    unknown = three.refused("c/ada", f"show https://chat.test/{post.id}")
    assert unknown == "I know of no such decision."


def test_it_is_extended_and_never_shortened(three: Assembly) -> None:
    ref = three.propose()
    assert "never shortens" in three.refused("a/ada", f"extend {ref} 1h")
    assert "Only who presides" in three.refused("b/ada", f"extend {ref} 96h")
    assert "more than a year away" in three.refused("a/ada", f"extend {ref} 36500d")
    three.ask("a/ada", f"extend {ref} 96h")
    assert three.row(ref).expires == NOW + 96 * HOUR
    three.pass_to(ENDS)
    assert three.row(ref).state == "open"


def test_only_its_proposer_withdraws_it(three: Assembly) -> None:
    ref = three.propose()
    assert "Only who proposed" in three.refused("b/ada", f"withdraw {ref}")
    three.ask("a/ada", f"withdraw {ref}")
    assert three.row(ref).state == "withdrawn"
    assert "on record" in three.refused("a/ada", f"withdraw {ref}")


def test_a_closed_ballot_shows_who_voted_and_not_how(three: Assembly) -> None:
    ref = three.propose(options="--silence 72h --method majority --secret")
    three.ask("b/ada", f"vote {ref} no I have my reasons.")
    shown = three.ask("a/ada", f"show {ref}")
    assert "CERT B: has voted" in shown
    assert "object" not in shown.lower().replace("objects", "")
    assert "my reasons" not in shown
    bodies = three.session.execute(select(Ledger.body).where(Ledger.kind == "ballot")).scalars()
    assert all('"voice":null' in body for body in bodies)
    three.pass_to(ENDS)
    assert "CERT B: objects" in three.ask("a/ada", f"show {ref}")
    assert verify(three.session, "C").wrong is None


def test_the_later_word_of_a_team_stands_in_a_vote_and_both_who_spoke_are_told() -> None:
    with assembled(delegates=("ada", "ben")) as three:
        ref = three.propose(options="--silence 72h --method majority")
        assert "another delegate" not in three.ask("b/ada", f"vote {ref} agree")
        assert "another delegate" in three.ask("b/ben", f"vote {ref} object")
        (told,) = three.told("b/ada")
        assert "Ben has voted for your team" in told and ref in told
        assert {each.content.team for each in three.outgoing
                if isinstance(each.content, Answer)} == {"b"}  # fmt: skip
        assert "another delegate" not in three.ask("b/ben", f"vote {ref} abstain"), "his own word"
        assert "CERT B: abstains" in three.ask("a/ada", f"show {ref}")


def test_what_is_for_a_group_does_not_exist_for_the_others(three: Assembly) -> None:
    ref = three.propose(options="--silence 72h --group inner")
    assert not three.posts(C)
    unknown = three.refused("c/ada", "show p-zzzzz")
    assert three.refused("c/ada", f"show {ref}") == unknown
    assert three.refused("c/ada", f"voice {ref} agree") == unknown
    assert three.ask("c/ada", f"voice {ref} object No.") == unknown
    assert ("spoke", "not on the roster", "refused") in three.audited()
    assert len(three.told("a/ada")) == 1
    assert three.ask("c/ada", "decisions") == "There is no decision here that you may know of."
    three.pass_to(ENDS)
    assert three.refused("c/ada", "show INN-2026-001") == unknown
    assert "INN-2026-001" in three.ask("b/ada", "decisions")
    assert "INN-2026-001" in three.operator("decisions")


def test_decisions_are_found_by_their_words_and_by_how_they_stand(three: Assembly) -> None:
    first, second = three.propose("Block the address."), three.propose("Publish the advisory.")
    three.ask("a/ada", f"withdraw {first}")
    assert second in three.ask("b/ada", "decisions advisory")
    assert first not in three.ask("b/ada", "decisions advisory")
    assert first in three.ask("b/ada", "decisions withdrawn")
    assert three.ask("b/ada", "decisions nothing of it") == "I know of no such decision."
    assert first in three.ask("b/ada", f"decisions {first}")
    assert second in three.ask("b/ada", "decisions cert a")
    for options, found in (
        ("--state open", [second]),
        ("--state withdrawn", [first]),
        ("--team a", [first, second]),
        ("--team b", []),
        ("--since 2026-03-04T14:30Z", [first, second]),
        ("--until 2026-03-04T14:00Z", []),
    ):
        answer = three.ask("b/ada", f"decisions {options}")
        assert [ref for ref in (first, second) if ref in answer] == found, options
    assert "I know no team" in three.refused("b/ada", "decisions --team nobody")
    assert "I know these: open, adopted" in three.refused("b/ada", "decisions --state perhaps")


def test_what_is_for_others_is_in_no_count_and_in_no_search(three: Assembly) -> None:
    known = three.propose("Block it.")
    hidden = three.propose("Block it among us.", "--silence 72h --group inner")
    assert "2 decisions" in three.ask("b/ada", "decisions block")
    for search in ("decisions", "decisions block", "decisions --state open"):
        answer = three.ask("c/ada", search)
        assert answer.startswith("1 decision, the newest first:")
        assert known in answer
    for search in ("among", hidden, "INN"):
        assert three.ask("c/ada", f"decisions {search}") == "I know of no such decision."


def test_what_was_redacted_is_found_by_its_number_alone(three: Assembly) -> None:
    ref = three.propose("Block zanzibar.")
    assert ref in three.ask("b/ada", "decisions zanzibar")
    three.twice("a/ada", f"redact {ref} A law")
    assert three.ask("b/ada", "decisions zanzibar") == "I know of no such decision."
    assert ref in three.ask("b/ada", f"decisions {ref}")


def test_what_was_decided_is_recorded_unless_somebody_objects(three: Assembly) -> None:
    answer = three.ask("a/ada", "decide We publish on Friday.")
    ref = answer.split(" ")[3].rstrip(".")
    three.land()
    assert three.row(ref).state == "open"
    three.pass_to(NOW + 10 * MINUTE)
    assert three.row(ref).state == "agreed"
    assert any("C-2026-001 · agreed" in line for line in three.posts(C))


@pytest.mark.parametrize(("stance", "state"), [("object", "disputed"), ("reserve", "reserved")])
def test_what_the_others_say_to_what_was_decided_stands_with_it(
    three: Assembly, stance: str, state: str
) -> None:
    three.ask("a/ada", "decide We publish on Friday.")
    three.land()
    ref = three.session.execute(select(Decision.ref)).scalar_one()
    three.ask("c/ada", f"voice {ref} {stance} Our press office is closed.")
    three.pass_to(NOW + 10 * MINUTE)
    assert three.row(ref).state == state


def test_an_action_has_an_owner_and_a_time_and_is_done_once(three: Assembly) -> None:
    three.ask("a/ada", 'decide --action "@b 2026-03-05T09:00 block the address" We block it.')
    ref = three.session.execute(select(Decision.ref)).scalar_one()
    listed = three.ask("c/ada", "actions")
    assert f"{ref}.1" in listed and "block the address" in listed and "CERT B" in listed
    assert "Only who is to do it" in three.refused("c/ada", f"done {ref}.1")
    assert "written down" in three.ask("b/ada", f"done {ref}")
    assert three.ask("c/ada", "actions") == "Nothing is left to do."


@pytest.mark.parametrize(
    ("who", "owner"),
    [
        ("@CERT B", "b"),
        ("CERT B", "b"),
        ('""CERT B""', "b"),
        ("@Ada Lovelace", "fake:b/lovelace"),
        ("@ada lovelace", "fake:b/lovelace"),
        ("@lovelace", "fake:b/lovelace"),
    ],
)
def test_who_is_to_do_it_is_called_as_people_are_called(
    three: Assembly, who: str, owner: str
) -> None:
    someone = "fake:b/lovelace"
    three.session.add(
        Roster(room=B, person=someone, name="Ada Lovelace", team="b", standing="member", since=NOW)
    )
    three.ask("a/ada", f'decide --action "{who} 2026-03-05T09:00 block it" We block it.')
    assert tuple(three.session.execute(select(Task.owner, Task.team)).one()) == (owner, "b")
    assert three.ask("c/ada", "actions").endswith(" · block it")


def test_options_that_end_the_first_line_of_a_decision_are_options(three: Assembly) -> None:
    """Taken for words, what is meant for some teams would have gone to all."""
    three.ask("a/ada", "decide We block it --group inner\nat noon, and tell nobody.")
    ref = three.session.execute(select(Decision.ref)).scalar_one()
    assert "--group" not in three.ask("b/ada", f"show {ref}")
    assert not three.posts(C)


def test_an_action_is_done_by_a_link_to_the_decisions_post(
    three: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.custody.pointing.networks", linking)
    three.ask("a/ada", 'decide We block it. --action "@b 2026-03-05T09:00 block the address"')
    three.land()
    post = next(each for each in three.outgoing if isinstance(each.content, Post))
    assert "written down" in three.ask("b/ada", f"done https://chat.test/{post.id}")


def test_a_note_is_on_record_without_a_decision(three: Assembly) -> None:
    answer = three.ask("b/ben", "note --at 2026-03-04T09:00 The first host was encrypted.")
    first, second = answer.splitlines()
    assert first.startswith("Noted as n-")
    assert second == "It happened 09:00 UTC.", "what stands there cannot be changed"
    (entry,) = three.session.execute(select(Ledger)).scalars()
    assert (entry.kind, entry.text) == ("note", "The first host was encrypted.")
    assert "2026-03-04T09:00:00" in entry.body


def test_they_are_reminded_once_and_the_chair_hears_who_was_not_reached(three: Assembly) -> None:
    three.ask("a/ada", "propose --silence 72h Block it.")
    three.land([A, B])
    three.pass_to(NOW + 36 * HOUR)
    three.pass_to(NOW + 37 * HOUR)
    assert len(three.posts(B)) == 2
    three.pass_to(ENDS - HOUR)
    assert len(three.posts(B)) == 3
    (told,) = three.told("a/ada")
    assert "not every team has been reached" in told and "CERT C" in told


def test_a_new_proposal_shows_what_is_other_than_in_the_old_one(three: Assembly) -> None:
    old = three.propose("Block it at 18:00 today.")
    three.twice("b/ada", f"voice {old} object Too early.")
    three.propose("Block it at 20:00 today.", f"--silence 72h --instead {old}")
    (told,) = [
        plain(each.content.body)
        for each in three.outgoing
        if isinstance(each.content, Post)
        and each.room == B
        and "Other than" in plain(each.content.body)
    ]
    assert f"Other than in {old}:" in told
    assert "18:00" in told and "20:00" in told


def test_a_redaction_by_law_erases_the_texts_and_the_chain_holds(three: Assembly) -> None:
    ref = three.propose("Call Eve Example at home.")
    assert "Only the operators" in three.refused("b/ada", f"redact {ref} GDPR Art. 17")
    assert "Say which law" in three.refused("a/ada", f"redact {ref}")
    three.twice("a/ada", f"redact {ref} GDPR Art. 17")
    kept = list(three.session.execute(select(Ledger.text, Ledger.salt)).all())
    assert [row.text for row in kept] == [None, "GDPR Art. 17"]
    assert kept[0].salt is None
    assert verify(three.session, "C").wrong is None
    assert "Eve" not in three.ask("b/ada", f"show {ref}")


def test_nothing_of_what_a_law_erased_is_left_in_the_store(three: Assembly) -> None:
    ref = three.propose("Call Zanzibar Example at home.\nOr Zanzibar's sister.")
    three.ask("b/ada", f"voice {ref} reserve Zanzibar Example is one of ours.")
    three.ask("a/ada", f"correct {ref} Zanzibar Example moved.")
    three.now += MINUTE
    three.propose("Call nobody at home.", f"--silence 72h --instead {ref}")
    three.land()
    assert "Zanzibar" in _everything(three)
    three.twice("a/ada", f"redact {ref} GDPR Art. 17")
    assert "Zanzibar" not in _everything(three)
    three.land()
    assert "Zanzibar" not in _everything(three)
    taken = {each.room for each in three.outgoing if isinstance(each.content, Delete)}
    assert taken == set(ROOMS), "what is other in the next one says what was in this one"


def _everything(three: Assembly) -> str:
    tables = Base.metadata.sorted_tables
    rows = (row for table in tables for row in three.session.execute(select(table)))
    return "\n".join(str(tuple(row)) for row in rows)


def test_a_correction_stands_beside_what_was_decided(three: Assembly) -> None:
    ref = three.propose("Block 198.51.100.7.")
    assert "Only who presides" in three.refused("b/ada", f"correct {ref} It is 198.51.100.8.")
    three.ask("a/ada", f"correct {ref} It is 198.51.100.8.")
    kinds = three.session.execute(select(Ledger.kind).order_by(Ledger.entry)).scalars()
    assert list(kinds) == ["opened", "corrected"]


def test_nobody_speaks_for_a_frozen_team(three: Assembly) -> None:
    ref = three.propose()
    three.house.ice.hold([Order(Kind.TEAM, "b", NOW)])
    assert "your team is frozen" in three.ask("b/ada", f"voice {ref} object No.")
    three.ask("a/ada", f"voice {ref} object They called. --for b")
    three.pass_to(ENDS)
    assert three.row(ref).state != "broken"


def test_what_a_team_voted_before_it_was_frozen_does_not_count_while_it_is(three: Assembly) -> None:
    ref = three.propose(options="--silence 72h --method majority")
    three.ask("b/ada", f"vote {ref} agree")
    three.house.ice.hold([Order(Kind.TEAM, "b", NOW)])
    three.pass_to(ENDS)
    assert three.row(ref).state == "failed"
    said = [plain(each.content.body) for each in three.outgoing if isinstance(each.content, Post)]
    (told,) = {each for each in said if "not adopted" in each}
    assert "their voices do not count: CERT B" in told


def test_what_a_team_objects_to_by_telephone_is_not_recorded_as_agreed(three: Assembly) -> None:
    three.ask("b/ada", "decide We publish on Friday.")
    three.land()
    ref = three.session.execute(select(Decision.ref)).scalar_one()
    three.ask("a/ada", f"voice {ref} object They called. --for c")
    three.pass_to(NOW + 10 * MINUTE)
    assert three.row(ref).state == "disputed"


def test_a_later_word_says_that_the_objection_still_waits(three: Assembly) -> None:
    ref = three.propose()
    three.ask("b/ada", f"voice {ref} object No.")
    assert "not confirmed" in three.ask("b/ada", f"voice {ref} agree")
    assert "not confirmed" not in three.ask("c/ada", f"voice {ref} agree")


def test_who_is_not_at_work_for_most_of_the_period_is_named(three: Assembly) -> None:
    assert "mostly night" not in three.ask("a/ada", "propose --silence 48h Block it.")
    working = replace(three.house.teams.teams[TeamKey("b")], workdays=frozenset(range(7)))
    others = [each for each in three.house.teams.teams.values() if each.key != "b"]
    three.house.teams = Directory([*others, working], home_of=lambda each: each.partition("/")[0])
    three.now = datetime(2026, 3, 6, 20, tzinfo=UTC)  # a Friday evening
    answer = three.ask("a/ada", "propose --silence 48h Block it.")
    assert "mostly night or holidays until then: CERT A, CERT C" in answer


def test_what_can_be_pressed_on_a_proposal_is_what_could_be_typed(three: Assembly) -> None:
    ref = three.propose()
    post = next(each.content for each in three.outgoing if isinstance(each.content, Post))
    assert [each.call for each in post.controls] == [
        f"voice {ref} agree", f"voice {ref} reserve", f"voice {ref} object",
    ]  # fmt: skip
    three.ask("b/ada", post.controls[2].call)
    assert three.asked and three.row(ref).state == "open"


def test_in_a_direct_room_a_channel_exists_for_its_teams_alone() -> None:
    with assembled(teams=("a", "b")) as found:
        for who, answer in (("c/ada", "no such channel"), ("b/ben", "Only a delegate")):
            typed = "propose --channel c --silence 72h Block it."
            assert answer in found.refused(who, typed, room=RoomId("fake:c/direct"))


def test_the_post_says_how_much_time_is_left_and_keeps_that_true(three: Assembly) -> None:
    ref = three.propose()
    assert "Time left: 3 d at most." in _head(three)
    three.outgoing.clear()
    three.pass_to(NOW + 13 * HOUR)
    assert three.outgoing == []
    three.pass_to(NOW + 24 * HOUR)
    assert "Time left: 2 d at most." in _head(three)
    three.pass_to(ENDS - 4 * MINUTE)
    assert "Time left: 5 min at most." in _head(three)
    three.ask("a/ada", f"extend {ref} 2026-03-08T14:30Z")
    assert "Time left: 2 d at most." in _head(three)
    three.ask("a/ada", f"withdraw {ref}")
    assert "Time left" not in _head(three)


def _head(three: Assembly) -> str:
    """What the post of a proposal says now."""
    said = [each.content for each in three.outgoing if each.room == B]
    heads = [plain(each.body) for each in said if isinstance(each, Edit | Post)]
    return next(each for each in reversed(heads) if "Proposed by" in each)


def _said(three: Assembly, words: str, message: str, **more: object) -> Message:
    """Somebody said something in the room of team b, and it was copied to that of team a."""
    row = Message(
        room=B, message=message, channel="c", author="fake:b/ben", said=NOW, received=NOW,
        known="said", originator="b", label="TLP:GREEN", **more,
    )  # fmt: skip
    three.session.add(row)
    three.session.flush()
    outbox.put(three.session, [Outgoing(A, Post(say(words)), source=row.id)], NOW)
    return row


def _on_record(three: Assembly) -> list[str]:
    kept = select(Ledger.text).where(Ledger.kind == "context", Ledger.text.is_not(None))
    return [str(each) for each in three.session.execute(kept.order_by(Ledger.entry)).scalars()]


def _return(three: Assembly) -> None:
    markings = three.house.custody().markings
    back = context.to_return(three.session, markings)
    context.give_back(three.session, back, three.now)


def test_the_words_of_the_thread_are_on_record_until_their_author_takes_them_back(
    three: Assembly,
) -> None:
    root = _said(three, "The portal is down.", "m1")
    _said(three, "So is the zanzibar.", "m2", root=root.id, thread="m1")
    three.land()
    three.ask("b/ada", "decide Restart both.", answers=MessageId("m1"))
    assert _on_record(three) == ["The portal is down.", "So is the zanzibar."]
    assert "1 decision" in three.ask("a/ada", "decisions zanzibar")
    _return(three)
    assert len(_on_record(three)) == 2
    root.recalled = NOW
    three.session.flush()
    _return(three)
    assert _on_record(three) == ["So is the zanzibar."]
    root.recalled = None
    root.label = "TLP:AMBER"
    three.session.flush()
    _return(three)
    assert _on_record(three) == []  # what is said in a thread is marked as its root is
    assert three.ask("a/ada", "decisions zanzibar") == "I know of no such decision."
    assert verify(three.session, "C").wrong is None


def test_what_is_marked_higher_than_the_decision_is_not_kept_with_it(three: Assembly) -> None:
    row = _said(three, "The portal is down.", "m1")
    three.land()
    three.ask("b/ada", "decide Restart it.", answers=MessageId("m1"))
    assert len(_on_record(three)) == 1
    row.label = "TLP:AMBER"
    three.session.flush()
    three.ask("b/ada", "decide --marking TLP:GREEN Restart it.", answers=MessageId("m1"))
    matters = three.session.execute(select(Decision.matter)).scalars()
    labels = [json.loads(each)[0] for each in matters]
    assert sorted(labels) == ["TLP:AMBER", "TLP:GREEN"]
    _return(three)
    kept = three.session.execute(
        select(Ledger.ref).where(Ledger.kind == "context", Ledger.text.is_not(None))
    ).scalars()
    assert len(list(kept)) == 1
