"""Releasing decisions: a series keeps its one audience, and its chain holds."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from bot.decisions.agreeing import disagreement
from bot.decisions.ledger.verifying import verify
from bot.events import MessageId, Post
from bot.richtext import plain
from bot.sharing.marking import Label
from bot.store.tables import Audit
from bot.store.tables.decisions import Ledger
from tests.commands.assembly import HOUR, Assembly, assembled, linking
from tests.commands.house import NOW
from tests.custody import ROOMS

A, B, C = ROOMS
ENDS = NOW + 72 * HOUR
NOTHING = "I know of no such decision."


@pytest.fixture
def low() -> Iterator[Assembly]:
    """Team c observes, and may read no more than TLP:GREEN."""
    with assembled(clearances={"c": Label.GREEN}, observers=("c",)) as found:
        yield found
        _check_what_is_shown(found)


@pytest.fixture
def three() -> Iterator[Assembly]:
    with assembled() as found:
        yield found
        _check_what_is_shown(found)


def _check_what_is_shown(three: Assembly) -> None:
    assert [disagreement(three.session, series) for series in ("C", "INN")] == [None, None]


def entries(three: Assembly, series: str) -> list[Ledger]:
    found = select(Ledger).where(Ledger.series == series).order_by(Ledger.entry)
    return list(three.session.execute(found).scalars())


def adopted(three: Assembly, options: str, text: str = "Block it at 18:00.") -> str:
    """A proposal that nobody objected to, with a word of team b's. Its handle."""
    ref = three.propose(text, f"--silence 72h {options}")
    three.ask("b/ada", f"voice {ref} reserve Our own law.")
    three.pass_to(ENDS)
    three.land()
    three.now = ENDS + HOUR
    return ref


def test_a_lower_label_is_an_entry_and_the_old_ones_stay_as_they_are(low: Assembly) -> None:
    ref = adopted(low, "--marking amber")
    assert not low.posts(C)
    assert low.refused("c/ada", "show C-2026-001") == NOTHING
    before = [(each.kind, each.hash) for each in entries(low, "C")]
    question = low.ask("a/ben", "release C-2026-001 --marking green")
    assert question.startswith("Release it as TLP:GREEN?")
    assert "It goes to: fake:c/room, CERT C" in question
    answer = low.ask("a/ben", "release C-2026-001 --marking green", confirmed=low.asked)
    assert answer == "Released as TLP:GREEN.\nIt goes to: fake:c/room, CERT C"
    *old, new = entries(low, "C")
    assert [(each.kind, each.hash) for each in old] == before
    assert (new.kind, new.text, json.loads(new.body)["marking"]) == ("released", None, "TLP:GREEN")
    assert verify(low.session, "C").wrong is None
    assert low.row(ref).state == "adopted"
    assert low.ask("c/ada", "show C-2026-001").startswith("TLP:GREEN · C-2026-001 · adopted")
    assert "C-2026-001" in low.ask("c/ada", "decisions")
    assert low.posts(C) == ["TLP:GREEN · C-2026-001 · adopted"]
    assert ("released", "one person", "ok") in low.audited()


def test_what_other_teams_said_before_stays_with_those_who_might_read_it(low: Assembly) -> None:
    adopted(low, "--marking amber")
    low.twice("a/ada", "release C-2026-001 --marking green")
    for who, knows in (("b", True), ("c", False)):
        shown = low.ask(f"{who}/ada", "show C-2026-001")
        assert ("Our own law." in shown) == knows
        assert ("CERT B" in shown) == knows
    assert "C-2026-001" in low.ask("c/ada", "decisions block")
    assert low.ask("c/ada", "decisions law") == NOTHING
    (post,) = [each.content for each in low.outgoing if each.room == C]
    assert isinstance(post, Post)
    assert "CERT B" not in plain(post.body)
    assert "Released 2026-03-07" in plain(post.body)


def test_what_is_open_is_released_lower_and_goes_on(low: Assembly) -> None:
    ref = low.propose(options="--silence 72h --marking amber")
    low.ask("b/ada", f"voice {ref} reserve Our own law.")
    low.now += HOUR
    low.twice("a/ada", f"release {ref} --marking green")
    low.land()
    assert f"TLP:GREEN · {ref} · proposal under silence" in low.posts(C)[0]
    low.ask("b/ada", f"voice {ref} reserve And for all to know.")
    shown = low.ask("c/ada", f"show {ref}")
    assert "for all to know" in shown
    assert "Our own law" not in shown
    low.pass_to(ENDS)
    assert low.row(ref).state == "adopted"


def test_others_get_a_copy_with_a_number_of_their_own_and_no_trace_of_the_group(
    three: Assembly,
) -> None:
    ref = adopted(three, "--group inner")
    assert three.row(ref).state == "adopted"
    before = [(each.kind, each.hash) for each in entries(three, "INN")]
    three.ask("a/ada", "release INN-2026-001")
    assert "Release it as TLP:GREEN?" in three.ask("a/ada", "release INN-2026-001")
    answer = three.ask("a/ada", "release INN-2026-001", confirmed=three.asked)
    assert answer.startswith("Released as TLP:GREEN, as C-2026-001.")
    *old, released = entries(three, "INN")
    assert [(each.kind, each.hash) for each in old] == before
    (copy,) = entries(three, "C")
    assert (released.kind, json.loads(released.body)["copy"]) == ("released", copy.ref)
    assert (copy.kind, copy.number, copy.text) == ("copy", "C-2026-001", "Block it at 18:00.")
    shown = three.ask("c/ada", "show C-2026-001")
    assert shown.startswith("TLP:GREEN · C-2026-001 · adopted · Block it at 18:00.")
    everything = shown + three.ask("c/ada", "decisions") + copy.body + "".join(three.posts(C))
    assert not any(each in everything for each in ("INN", ref, "inner", "CERT B", "Our own law"))
    assert three.refused("c/ada", "show INN-2026-001") == NOTHING
    assert three.posts(C) == ["TLP:GREEN · C-2026-001 · adopted"]
    assert "as C-2026-001" in three.refused("a/ada", "release INN-2026-001")
    for series in ("C", "INN"):
        assert verify(three.session, series).wrong is None


def test_without_a_label_it_is_marked_no_lower_than_all_in_the_channel_need(
    low: Assembly,
) -> None:
    low.propose("Block it.", "--silence 72h --marking amber --group inner")
    low.pass_to(ENDS)
    assert "Release it as TLP:GREEN?" in low.ask("a/ada", "release INN-2026-001")


def test_the_copy_is_a_decision_like_any_other(three: Assembly) -> None:
    adopted(three, "--group inner")
    three.twice("a/ada", "release INN-2026-001")
    copy = three.row("C-2026-001")
    three.twice("a/ada", "release C-2026-001 --marking clear")
    assert three.ask("c/ada", f"show {copy.ref}").startswith("TLP:CLEAR")
    assert three.ask("c/ada", "voice C-2026-001 object No.").startswith("It does not count")


def test_what_is_open_goes_to_no_others(three: Assembly) -> None:
    ref = three.propose(options="--silence 72h --group inner")
    assert "It is still open" in three.refused("a/ada", f"release {ref}")


def test_what_was_put_right_is_right_in_the_copy(three: Assembly) -> None:
    ref = adopted(three, "--group inner", "Block 198.51.100.7.")
    three.ask("a/ada", f"correct {ref} It is 198.51.100.8.")
    three.twice("a/ada", f"release {ref}")
    kinds = [(each.kind, each.text) for each in entries(three, "C")]
    assert kinds == [("copy", "Block 198.51.100.7."), ("corrected", "It is 198.51.100.8.")]


def test_what_a_law_erases_is_erased_in_the_copy_too(three: Assembly) -> None:
    ref = adopted(three, "--group inner", "Call Eve Example at home.")
    three.twice("a/ada", f"release {ref}")
    three.land()
    three.twice("a/ada", f"redact {ref} GDPR Art. 17")
    texts = [each.text for series in ("C", "INN") for each in entries(three, series)]
    assert not any(text and "Eve" in text for text in texts)
    assert "Eve" not in three.ask("c/ada", "show C-2026-001")
    assert verify(three.session, "C").wrong is None


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("--marking amber+strict", "Releasing only lowers"),
        ("--group inner", "Releasing only widens"),
        ("--group atlantis", "no team, group or country"),
        ("--marking clear --group a,b", "one group with a series of its own"),
        ("--marking clear --group c", "Nothing here is numbered for “c” alone"),
        ("--marking green", "Nothing would follow"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_changes(three: Assembly, typed: str, why: str) -> None:
    ref = three.propose()
    assert why in three.refused("a/ada", f"release {ref} {typed}")
    assert [each.kind for each in entries(three, "C")] == ["opened"]


def test_only_the_team_that_put_it_releases_it(three: Assembly) -> None:
    ref = three.propose()
    refused = three.refused("b/ada", f"release {ref} --marking clear")
    assert refused.startswith("Only the team that it came from releases it.")


@pytest.mark.parametrize("command", ["release", "ask-release"])
def test_whoever_may_not_know_of_it_hears_what_is_said_of_nothing(
    three: Assembly, command: str
) -> None:
    ref = adopted(three, "--group inner")
    for typed in (ref, "INN-2026-001", "p-22222", "INN-2026-999"):
        assert three.refused("c/ada", f"{command} {typed}") == NOTHING


def test_its_team_is_asked_and_may_release_it(three: Assembly) -> None:
    ref = adopted(three, "--group inner")
    asked = three.ask("b/ada", f"ask-release {ref}")
    assert asked.startswith("I have asked those whom it came from.")
    told = three.told("a/ada")[-1]
    assert told.startswith("Ada of CERT B asks you to release INN-2026-001, which your team put.")
    wish = told.rsplit("refuse ", 1)[-1].split("”")[0]
    three.twice("a/ada", f"release {wish}")
    assert three.row("C-2026-001").state == "adopted"
    assert "was released" in three.told("b/ada")[-1]
    objects = three.session.execute(select(Audit.object).where(Audit.action == "released"))
    assert list(objects.scalars()) == [f"decision:{ref}"]


def test_a_refusal_of_it_is_told(three: Assembly) -> None:
    ref = three.propose()
    three.ask("b/ada", f"ask-release {ref}")
    wish = three.told("a/ada")[-1].rsplit("refuse ", 1)[-1].split("”")[0]
    foreign = three.refused("b/ada", f"refuse {wish}")
    assert foreign == three.refused("b/ada", "refuse w-zzzzz")
    three.ask("a/ada", f"refuse {wish}")
    assert "is not released" in three.told("b/ada")[-1]


def test_in_answer_to_its_post_no_reference_is_needed(three: Assembly) -> None:
    three.propose()
    (post,) = [each for each in three.outgoing if each.room == A]
    answer = three.ask("a/ada", "release --marking clear", answers=MessageId(str(post.id)))
    assert "Release it as TLP:CLEAR?" in answer


def test_a_link_to_its_post_is_its_reference(
    three: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.custody.pointing.networks", linking)
    ref = adopted(three, "--group inner")
    post = next(each for each in three.outgoing if isinstance(each.content, Post))
    assert three.ask("a/ada", f"release https://chat.test/{post.id}") == three.ask(
        "a/ada", f"release {ref}"
    )


def test_two_persons_release_it_where_their_team_says_so() -> None:
    with assembled(needs=2) as three:
        ref = three.propose()
        waits = three.twice("a/ada", f"release {ref} --marking clear")
        handle = waits.rsplit(" ", 1)[-1]
        assert "another person" in three.twice("a/ada", f"release {handle}")
        assert three.twice("a/ben", f"release {handle}").startswith("Released as TLP:CLEAR.")
        assert three.ask("c/ada", f"show {ref}").startswith("TLP:CLEAR")
