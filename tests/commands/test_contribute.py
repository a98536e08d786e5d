"""`contribute`, `sighting`, `harmless`, `watch`: what is kept, and who hears of it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select

from bot.events import Answer, Post
from bot.indicators import people
from bot.richtext import plain
from bot.sharing.marking import Label, Marking
from bot.store.database import Database
from bot.store.tables import Outbox, Roster
from bot.tasks.lapsing import Lapses
from bot.words import words_for
from commands.registry import Reply
from tests.bot.indicators.test_people import put_on_a_list
from tests.clock import Clock
from tests.commands.house import SmallHouse
from tests.commands.indicators import answered, context_of, person, said
from tests.custody import BEGINNING, ROOMS, Alliance
from tests.indicators import ADDRESS, NOW, A, B, C, at, feed, one, sees, take_in, thing

GREEN, AMBER = Marking(Label.GREEN), Marking(Label.AMBER)


def alliance(**clearances: Label) -> Alliance:
    made = Alliance(clearances=clearances)
    made.open()
    return made


def seat(database: Database, *teams: str) -> None:
    """The delegates of these teams are in their rooms."""
    for team, room in zip("abc", ROOMS, strict=True):
        if team in teams:
            row = Roster(room=room, person=person(team).person, name="Ada", standing="member",
                         team=team, since=BEGINNING)  # fmt: skip
            database.run_now(lambda s, row=row: s.add(row))  # type: ignore[misc]


def told(reply: Reply) -> dict[str, str]:
    """Who is told what beside the asker."""
    found = {}
    for each in reply.also:
        assert isinstance(each.content, Answer | Post)
        who = each.content.person if isinstance(each.content, Answer) else each.room
        found[str(who)] = plain(each.content.body)
    return found


def test_a_sighting_is_told_by_team_with_its_time_and_number(database: Database) -> None:
    there = context_of(alliance())
    text = said(database, there, "sighting 198.51.100[.]7 --at 08:00 --where mail --count 3")
    assert text.startswith("TLP:GREEN Noted: 198[.]51[.]100[.]7 was seen.\n")
    (seen,) = one(database, ADDRESS, sees(B)).sightings
    assert (seen.team, seen.times, seen.last) == (A, 3, at(NOW - timedelta(hours=1)))
    said(database, there, "sighting 198.51.100.7 --where evil.example")
    text = said(database, there, "ioc 198.51.100.7")
    assert "👀 Seen 4 times by CERT A, last 09:00 UTC. (evil[.]example, mail)" in text


def test_an_anonymous_sighting_says_nowhere_whose_it_is(database: Database) -> None:
    text = said(database, context_of(alliance()), "sighting 198.51.100.7 --anonymous")
    assert "Nothing that is kept says that it was your team." in text
    (seen,) = one(database, ADDRESS, sees(B)).sightings
    assert seen.team is None


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("sighting 198.51.100.7 --count 0", "Say how often as a number"),
        ("sighting 198.51.100.7 --at 2027-01-01T00:00", "still to come"),
        ("sighting 198.51.100.7 --marking TLP:RED", "TLP:RED"),
        ("sighting 198.51.100.7 --group nowhere", "I know no team, group or country"),
        ("sighting", "VALUE… is missing"),
        ("contribute 198.51.100.300", "four numbers from 0 to 255"),
        ("watch 198.51.100.300", "four numbers from 0 to 255"),
        ("unwatch 198.51.100.7", "You do not watch that."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_kept(
    database: Database, typed: str, wrong: str
) -> None:
    assert wrong in said(database, context_of(alliance()), typed)
    assert not one(database, ADDRESS).known


def test_a_false_positive_is_said_with_its_reason_and_can_be_taken_back(database: Database) -> None:
    there = context_of(alliance())
    assert "is harmless" in said(database, there, 'harmless 198.51.100.7 --note "our scanner"')
    (found,) = one(database, ADDRESS, sees(B)).harmless
    assert (found.team, found.note) == (A, "our scanner")
    assert "Taken back" in said(database, there, "harmless 198.51.100.7 --undo")
    assert not one(database, ADDRESS).harmless


def test_a_contribution_is_the_teams_own_at_its_marking_and_group(database: Database) -> None:
    there = context_of(alliance())
    text = said(
        database, there, 'contribute 198.51.100.7 --marking amber --group inner --note "c2 of Cat"'
    )
    assert text.startswith("TLP:AMBER Added: 198[.]51[.]100[.]7\n")
    (found,) = one(database, ADDRESS, sees(B)).statements
    assert (found.team, found.source, found.name) == (A, "a", "c2 of Cat")
    assert found.marking == Marking(Label.AMBER, (frozenset({"inner"}),))
    assert not one(database, ADDRESS, sees(C)).known


@pytest.mark.parametrize("typed", ["contribute 198.51.100.7", "sighting 198.51.100.7",
                                   "harmless 198.51.100.7", "watch 198.51.100.7"])  # fmt: skip
def test_nothing_answers_whether_others_have_said_it(database: Database, typed: str) -> None:
    there = context_of(alliance(b=Label.GREEN), "b")
    alone = answered(database, there, typed)
    take_in(database, feed("strict", Label.AMBER, A), thing(1, ADDRESS))
    context = context_of(alliance(b=Label.GREEN), "c")
    beside = answered(database, context, typed)
    assert plain(alone.body).replace("CERT B", "CERT C") == plain(beside.body)


def test_what_is_on_a_warning_list_needs_a_second_team(database: Database) -> None:
    put_on_a_list(database, ADDRESS)
    seat(database, "a", "b", "c")
    there = alliance(c=Label.GREEN)
    asked = answered(database, context_of(there), "contribute 198.51.100.7 --marking amber")
    assert "needs a second team" in plain(asked.body)
    assert not one(database, ADDRESS).known
    words = told(asked)
    assert list(words) == ["fake:b/ada"], "team c may not see what is TLP:AMBER"
    handle = words["fake:b/ada"].split("“contribute ")[1].split("”")[0]
    own = said(database, context_of(there), f"contribute {handle}")
    assert own == "Another team than yours has to agree."
    hidden = said(database, context_of(there, "c"), f"contribute {handle}")
    assert hidden == said(database, context_of(there, "c"), "contribute c-222222")
    agreed = answered(database, context_of(there, "b"), f"contribute {handle}")
    assert plain(agreed.body).startswith("TLP:AMBER Added:")
    assert "CERT B agrees" in told(agreed)["fake:a/ada"]
    assert one(database, ADDRESS, sees(B)).statements[0].team == A
    assert "no such contribution" in said(database, context_of(there, "b"), f"contribute {handle}")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("198.48.0.0/13", "it is a very large network"),
        ("198.51.0.0/16", None),
        ("2001:db8::/31", "it is a very large network"),
        ("co[.]uk", "others register their names under it"),
        ("com.au", "others register their names under it"),
        ("evil.co.uk", None),
        ("https://github.io/x", None),
    ],
)
def test_what_stands_for_very_many_needs_a_second_team(
    sqlite: Database, value: str, why: str | None
) -> None:
    answer = said(sqlite, context_of(alliance()), f"contribute {value}")
    assert ("needs a second team" in answer) is (why is not None)
    assert why is None or f"Why: {why}." in answer


def test_what_waits_for_a_second_team_says_what_it_is(sqlite: Database) -> None:
    """`todo` had its handle alone: whoever did not find the question again agreed unseen."""
    there = alliance(c=Label.GREEN)
    handle = said(
        sqlite,
        context_of(there),
        "contribute 198.48.0.0/13 --marking amber --note http://evil.example/x",
    )
    handle = handle.split("“contribute ")[1].split("”")[0]
    listed = said(sqlite, context_of(there, "b", direct=True), "todo")
    assert f"TLP:AMBER · {handle} · a second team for an indicator" in listed
    assert "CERT A · 198[.]48[.]0[.]0/13: http[:]//evil[.]example/x" in listed
    assert "198" not in said(sqlite, context_of(there, "c", direct=True), "todo")
    assert "198" not in said(sqlite, context_of(there, "a", direct=True), "todo")


def test_who_may_not_know_of_a_stricter_word_before_is_not_asked(database: Database) -> None:
    """They were asked by the marking that was wanted, and told that it had become another."""
    there = alliance(b=Label.GREEN)
    said(database, context_of(there), "contribute 198.51.100.7 --marking amber")
    put_on_a_list(database, ADDRESS)
    seat(database, "a", "b", "c")
    asked = answered(database, context_of(there), "contribute 198.51.100.7 --marking green")
    first, _, last = plain(asked.body).split("\n")
    assert first == "TLP:AMBER Not yet: 198[.]51[.]100[.]7 needs a second team."
    assert last.startswith("Your team marked it so before")
    assert list(told(asked)) == ["fake:c/ada"]


def test_who_agrees_hears_nothing_of_a_stricter_word_meanwhile(database: Database) -> None:
    there = alliance(b=Label.GREEN)
    put_on_a_list(database, ADDRESS)
    seat(database, "a", "b", "c")
    handles = []
    for marking in ("green", "amber"):
        asked = answered(
            database, context_of(there), f"contribute 198.51.100.7 --marking {marking}"
        )
        handles.append(told(asked)["fake:c/ada"].split("“contribute ")[1].split("”")[0])
    said(database, context_of(there, "c"), f"contribute {handles[1]}")
    agreed = answered(database, context_of(there, "b"), f"contribute {handles[0]}")
    assert "AMBER" not in plain(agreed.body)
    assert told(agreed)["fake:a/ada"].startswith("TLP:AMBER CERT B agrees")


def asked_for(database: Database, there: Alliance) -> str:
    """Team a wants to add what is on a warning list; what that is called."""
    put_on_a_list(database, ADDRESS)
    seat(database, "a", "b", "c")
    asked = answered(database, context_of(there), "contribute 198.51.100.7 --marking amber")
    (outgoing,) = asked.also
    assert isinstance(outgoing.content, Answer)
    assert [each.label for each in outgoing.content.controls] == ["Agree", "Refuse"]
    return outgoing.content.controls[0].call.removeprefix("contribute ")


def test_a_second_team_can_refuse_and_who_wanted_it_hears_why(database: Database) -> None:
    there = alliance(c=Label.GREEN)
    handle = asked_for(database, there)
    refusing = f'contribute {handle} --refuse --note "it is our resolver"'
    hidden = said(database, context_of(there, "c"), refusing)
    assert hidden == "I know of no such contribution."
    refused = answered(database, context_of(there, "b"), refusing)
    assert plain(refused.body).startswith("TLP:AMBER Refused: 198[.]51[.]100[.]7\n")
    assert told(refused) == {
        "fake:a/ada": "TLP:AMBER CERT B refuses: 198[.]51[.]100[.]7 is not added.\n"
        "Their note: it is our resolver"
    }
    assert not one(database, ADDRESS).known
    again = said(database, context_of(there, "b"), f"contribute {handle}")
    assert again == "I know of no such contribution."


def test_a_team_takes_its_own_contribution_back(database: Database) -> None:
    there = alliance(c=Label.GREEN)
    handle = asked_for(database, there)
    own = answered(database, context_of(there), f"contribute {handle} --refuse")
    assert (plain(own.body), own.also) == ("TLP:AMBER Taken back: 198[.]51[.]100[.]7", ())
    assert "no such contribution" in said(database, context_of(there, "b"), f"contribute {handle}")
    wrong = said(database, context_of(there), "contribute 198.51.100.7 --refuse")
    assert wrong.startswith("Say which: ")


def test_what_nobody_answers_lapses_and_who_wanted_it_hears_so_once(database: Database) -> None:
    there = alliance(c=Label.GREEN)
    handle = asked_for(database, there)
    clock, woken = Clock(NOW + people.LASTS - timedelta(seconds=1)), list[str]()
    house = SmallHouse(teams=there.directory, gate=there.custody)
    lapses = Lapses(database, house, woken.extend, words_for("en"), clock=clock)
    asyncio.run(lapses.look())
    assert woken == []
    clock.advance(1)
    for _ in range(2):
        asyncio.run(lapses.look())
    assert woken == ["person:fake:a/ada"]
    (row,) = database.read_now(lambda s: list(s.scalars(select(Outbox.content))))
    text = plain(msgspec.json.decode(row or b"", type=Answer).body)
    assert text.startswith("TLP:AMBER Not added: 198[.]51[.]100[.]7\nNo second team has agreed")
    assert "no such contribution" in said(database, context_of(there, "b"), f"contribute {handle}")


def test_who_left_their_team_is_not_told_what_became_of_what_they_wanted(
    database: Database,
) -> None:
    there = alliance(c=Label.GREEN)
    handle = asked_for(database, there)
    database.run_now(lambda s: s.query(Roster).filter_by(team="a").update({"until": NOW}))
    assert told(answered(database, context_of(there, "b"), f"contribute {handle}")) == {}


def test_watches_are_listed_and_ended(database: Database) -> None:
    there = context_of(alliance())
    assert said(database, there, "watch") == "You watch nothing. “watch VALUE” begins."
    for what in ("198.51.100[.]0/24", "*.evil.example", "Cosy Bear", "198.51.100.7"):
        assert said(database, there, f"watch {what}").startswith("You watch ")
    assert said(database, there, "watch *[.]evil[.]example").endswith("already.")
    assert said(database, there, "watch").split("\n") == [
        "You watch 4 things:", "• 198[.]51[.]100[.]0/24", "• *[.]evil[.]example", "• “cosy bear”",
        "• 198[.]51[.]100[.]7",
    ]  # fmt: skip
    assert said(database, there, "unwatch “cosy bear”") == "You watch “cosy bear” no more."
    assert said(database, there, "unwatch *[.]evil[.]example").endswith("no more.")
    assert len(database.read_now(people.watches)) == 2


def test_what_only_those_online_are_shown_is_said_to_be_so(database: Database) -> None:
    there = alliance()
    hint = "watch it in our direct room to find it later."
    assert said(database, context_of(there), "watch 192.0.2.1").endswith(hint)
    assert hint not in said(database, context_of(there, direct=True), "watch 192.0.2.2")


def test_who_watches_hears_of_a_sighting_that_they_may_see(database: Database) -> None:
    there = alliance(c=Label.GREEN)
    seat(database, "a", "b", "c")
    said(database, context_of(there, "b"), "watch 198.51.100.0/24")
    said(database, context_of(there, "c"), "watch 198.51.100.7")
    said(database, context_of(there, "a"), "watch 198.51.100.7")
    heard = told(answered(database, context_of(there), "sighting 198.51.100.7 --marking amber"))
    assert heard == {
        "fake:b/ada": "TLP:AMBER 🔔 New about 198[.]51[.]100[.]0/24\n"
        "• 198[.]51[.]100[.]7: TLP:AMBER; seen once by CERT A\n"
        "“unwatch cidr:198[.]51[.]100[.]0/24” ends this."
    }
    anonymous = told(answered(database, context_of(there), "sighting 198.51.100.7 --anonymous"))
    assert sorted(anonymous) == ["fake:b/ada", "fake:c/ada"]
    assert "CERT A" not in str(anonymous)


@pytest.mark.parametrize(
    "typed",
    [
        "sighting 198.51.100.7 --anonymous --where gateway",
        "sighting 198.51.100.7 --count 3",
        "harmless 198.51.100.7",
        "contribute 198.51.100.7 --note ours",
    ],
)
def test_what_others_hear_does_not_tell_which_language_its_author_reads(
    database: Database, typed: str
) -> None:
    there = alliance()
    seat(database, "a", "b", "c")
    put_on_a_list(database, ADDRESS)
    said(database, context_of(there, "b"), "watch 198.51.100.0/24")
    asker = context_of(there)
    plainly = answered(database, asker, typed)
    in_french = answered(database, replace(asker, words=words_for("fr")), typed)
    handle = re.compile(r"c-[a-z0-9]+")
    assert plainly.also
    assert plain(plainly.body) != plain(in_french.body)
    assert handle.sub("", str(told(plainly))) == handle.sub("", str(told(in_french)))


def test_who_left_their_team_hears_no_more(database: Database) -> None:
    there = alliance()
    seat(database, "b")
    said(database, context_of(there, "b"), "watch 198.51.100.7")
    database.run_now(
        lambda s: s.query(Roster).update({"until": NOW})  # the room is left
    )
    assert told(answered(database, context_of(there), "sighting 198.51.100.7")) == {}
