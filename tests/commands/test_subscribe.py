"""`subscribe`: who hears of what, where, and of nothing that their team may not read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from bot.advisories import keeping
from bot.errors import UserError
from bot.events import Answer, Author, Outgoing
from bot.richtext import plain
from commands.grammar import Call
from tests.commands.house import MATRIX_ROOM, SLACK_ROOM, context_in
from tests.commands.newsdesk import ADA, ALF, CYD, EVE, Newsdesk


def ask(desk: Newsdesk, who: Author, text: str) -> str:
    from dataclasses import replace

    room = SLACK_ROOM if who.person.startswith("slack") else MATRIX_ROOM
    context = replace(context_in(room, desk.house, asker=who), session=desk.session)
    answer = desk.registry.run(Call("subscribe", text), context)
    desk.session.flush()
    return plain(answer.body)


def told(outgoing: Sequence[Outgoing]) -> list[tuple[str, str]]:
    """Who is told alone, and the first line."""
    return [
        (each.content.person, plain(each.content.body).split("\n")[0])
        for each in outgoing
        if isinstance(each.content, Answer)
    ]


def release(desk: Newsdesk, text: str = "draft Patch the VPN\nNow.") -> list[tuple[str, str]]:
    ref = desk.sealed(text)
    return told(desk.run(ADA, f"post {ref} now").also)


def test_a_release_is_told_to_who_asked_for_it_alone(desk: Newsdesk) -> None:
    ask(desk, EVE, "all")
    ((person, line),) = release(desk)
    assert person == EVE.person
    assert line == "TLP:GREEN · MEDIUM · RANSOMWARE-2026-001 · Patch the VPN"


def test_what_is_told_is_for_who_is_of_that_team_still_when_it_is_sent(desk: Newsdesk) -> None:
    ask(desk, EVE, "all")
    outgoing = desk.run(ADA, f"post {desk.sealed()} now").also
    (answer,) = [each.content for each in outgoing if isinstance(each.content, Answer)]
    assert answer.team == "bravo"


def test_what_is_less_grave_or_of_another_kind_is_not_told(desk: Newsdesk) -> None:
    ask(desk, EVE, "advisories --severity high")
    ask(desk, EVE, "alerts")
    ask(desk, EVE, "--product Gate")
    assert release(desk) == []
    assert len(release(desk, "draft --severity critical Patch the VPN\nNow.")) == 1
    assert len(release(desk, "draft Patch the gate\nNow.")) == 1


def test_who_may_not_read_it_hears_nothing(desk: Newsdesk) -> None:
    ask(desk, CYD, "all")
    assert release(desk) == [], "charlie is not in the channel"


def test_a_team_hears_in_its_own_room_and_only_who_speaks_for_it_asks(desk: Newsdesk) -> None:
    for who, why in ((ADA, "no room of its own"), (CYD, "speak for a team")):
        with pytest.raises(UserError, match=why):
            ask(desk, who, "all --team")


def test_subscriptions_are_listed_and_ended(desk: Newsdesk) -> None:
    assert "subscribed to nothing" in ask(desk, ADA, "")
    said = ask(desk, ADA, "advisories feeds --severity high --vendor ACME --ransomware")
    assert said.split("\n")[0] == (
        "Subscribed: advisory, feeds · high or graver · vendor: ACME · used by ransomware"
    )
    assert "1. advisory, feeds · high or graver" in ask(desk, ADA, "list")
    assert "subscribed to nothing" in ask(desk, ALF, "list")
    with pytest.raises(UserError, match="no such subscription"):
        ask(desk, ALF, "end 1")
    assert "Ended" in ask(desk, ADA, "end 1")
    assert "subscribed to nothing" in ask(desk, ADA, "")


@pytest.mark.parametrize("typed", ["nonsense", "all --severity awful", "end", "end x"])
def test_what_cannot_be_meant_is_told(desk: Newsdesk, typed: str) -> None:
    with pytest.raises(UserError):
        ask(desk, ADA, typed)


def test_a_draft_is_made_of_an_attached_csaf_document(desk: Newsdesk) -> None:
    from tests.bot.advisories.sources.documents import document, written

    answer = desk.run(ADA, "draft", file=written(document()).decode())
    ref = plain(answer.body).partition(" ")[0]
    row = keeping.find(desk.session, ref)
    assert row is not None
    made = keeping.document_of(row)
    assert (made.title, made.label, made.severity) == (
        "A gate that opens for everybody", "TLP:CLEAR", "critical",
    )  # fmt: skip
    assert made.affected == ("ACME Gate 1.0",)
    with pytest.raises(UserError, match="no title, no tracking id"):
        desk.run(ADA, "draft", file=written(document(title="")).decode())
