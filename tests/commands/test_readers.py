"""`audit readers` of what is no message: whom it reached, and who may ask for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.advisories import keeping, posts, view
from bot.advisories.states import State as Stage
from bot.custody.reading import configured
from bot.delivery import outbox
from bot.errors import UserError
from bot.events import MessageId
from bot.richtext import plain
from bot.sharing.marking import Label
from bot.store.database import Database
from bot.store.tables import Outbox, Posting, State
from commands.grammar import Call
from tests.commands.assembly import HOUR, assembled
from tests.commands.house import NOW, SLACK_ROOM, context_in
from tests.commands.indicators import context_of, said
from tests.commands.newsdesk import ADA, EVE, Newsdesk
from tests.commands.test_releasing import AMBER, alliance, confirmed
from tests.custody import ROOMS
from tests.indicators import ADDRESS, A, feed, take_in, thing

ROOM_A, ROOM_B, _ = ROOMS
FIRST = "Who could read it, from its landing until now:"


def test_whom_a_decision_reached_is_told_to_its_team_alone() -> None:
    with assembled() as three:
        configured(three.session, "ab" * 32, NOW - HOUR)
        ref = three.propose(options="--silence 72h --group inner")
        lines = three.ask("a/ada", f"audit readers {ref}").split("\n")
        assert lines == [
            FIRST,
            f"{ROOM_A}, there since 14:30 UTC:", "• Ada, CERT A: since 13:30 UTC",
            f"{ROOM_B}, there since 14:30 UTC:", "• Ada, CERT B: since 13:30 UTC",
            "Teams that may ask for it: CERT A, CERT B",
            "Under these settings, by their fingerprint:", "• since 13:30 UTC: abababababababab",
        ]  # fmt: skip
        assert "Only the team" in three.refused("b/ada", f"audit readers {ref}")
        assert three.refused("c/ada", f"audit readers {ref}") == "I know of no such decision."
        shown = select(Outbox.landed).join(Posting, Posting.delivery == Outbox.id)
        post = three.session.execute(shown.where(Outbox.room == ROOM_A)).scalars().first()
        answer = three.ask("a/ada", "audit readers", answers=MessageId(str(post)))
        assert answer.split("\n") == lines
        before = three.ask("a/ada", f"audit readers {ref} --at 2026-03-04T14:00Z").split("\n")
        assert before[1:3] == ["No room had it then.", "Teams that may ask for it: none"]


def test_who_might_ask_for_a_decision_before_it_was_released_is_told_as_of_then() -> None:
    with assembled(clearances={"c": Label.GREEN}, observers=("c",)) as low:
        ref = low.propose(options="--silence 72h --marking amber")
        low.now += 2 * HOUR
        low.twice("a/ada", f"release {ref} --marking green")
        low.land()
        now = low.ask("a/ada", f"audit readers {ref}")
        then = low.ask("a/ada", f"audit readers {ref} --at 2026-03-04T15:30Z")
        assert "Teams that may ask for it: CERT A, CERT B, CERT C" in now
        assert "Teams that may ask for it: CERT A, CERT B\n" in f"{then}\n"
        assert ("fake:c/room" in now, "fake:c/room" in then) == (True, False)


def test_whom_an_advisory_reached_is_told_to_its_authors_team_alone(desk: Newsdesk) -> None:
    ref = desk.sealed()
    row = keeping.find(desk.session, ref)
    assert row is not None

    def told(author: object = ADA) -> list[str]:
        context = replace(
            context_in(SLACK_ROOM, desk.house, asker=author),  # type: ignore[arg-type]
            session=desk.session, now=NOW + timedelta(hours=1),
        )  # fmt: skip
        return plain(desk.registry.run(Call("audit", f"readers {ref}"), context).body).split("\n")

    assert told() == [FIRST, "No room had it then.", "Teams that may ask for it: none"]
    row.state, row.released = Stage.RELEASED, NOW
    shown = view.shown(desk.session, desk.house, row)
    outbox.put(desk.session, posts.put(desk.session, desk.house, row, shown), NOW)
    landed = {"state": State.DELIVERED, "finished": NOW, "landed": "1"}
    desk.session.execute(update(Outbox).values(landed))
    lines = told()
    assert f"{SLACK_ROOM}, there since 14:30 UTC:" in lines
    assert lines[-1] == "Teams that may ask for it: CERT Alpha, CERT Bravo"
    with pytest.raises(UserError, match="Only the team"):
        told(EVE)


def test_who_may_know_what_is_said_of_a_value_is_told_by_its_marking(sqlite: Database) -> None:
    there = alliance(clearances={"b": Label.GREEN})
    take_in(sqlite, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    readers = "audit readers 198.51.100.7"
    asked = said(sqlite, context_of(there), readers)
    assert asked.split("\n")[1] == "Teams that may ask for it: CERT A, CERT C"
    confirmed(sqlite, there, "release 198.51.100.7 --marking green")
    released = said(sqlite, context_of(there), readers)
    assert released.split("\n")[1] == "Teams that may ask for it: CERT A, CERT B, CERT C"
    early = said(sqlite, context_of(there), f"{readers} --at 2026-11-23T09:00Z")
    assert "What it said before" in early
    said(sqlite, context_of(there), "sighting 192.0.2.1 --marking amber")
    seen = said(sqlite, context_of(there), "audit readers 192.0.2.1")
    assert seen.split("\n")[1] == "Teams that may ask for it: CERT A, CERT C"
    assert said(sqlite, context_of(there, "b"), "audit readers 192.0.2.1").startswith("I know of")


def test_what_is_decided_in_answer_to_a_post_is_marked_at_least_like_that() -> None:
    with assembled() as three:
        three.propose(options="--silence 72h --marking amber")
        shown = select(Outbox.landed).join(Posting, Posting.delivery == Outbox.id)
        post = three.session.execute(shown.where(Outbox.room == ROOM_B)).scalars().first()
        three.ask("b/ada", "decide We wait for that.", answers=MessageId(str(post)))
        assert three.posts()[-1].startswith("TLP:AMBER")
        three.ask("b/ada", "decide We wait.")
        assert three.posts()[-1].startswith("TLP:GREEN")
