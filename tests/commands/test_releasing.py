"""`release` and `ask-release` of what a team says of a value: who may, and what the others hear."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from bot.custody.effective import marked_of
from bot.events import Answer, Post
from bot.indicators.releasing import by_value
from bot.indicators.sight import Sight, of_operator
from bot.richtext import plain
from bot.sharing.marking import Label, Marking
from bot.store.database import Database
from bot.store.tables import Audit, Request
from commands.registry import Reply
from tests.commands.indicators import answered, context_of, person, said
from tests.commands.test_contribute import seat, told
from tests.custody import KEY, ROOMS, Alliance
from tests.indicators import ADDRESS, LATER, A, B, feed, one, sees, take_in, thing

AMBER = Marking(Label.AMBER)
INNER = Marking(Label.GREEN, (frozenset({"inner"}),))
NOTHING = "I know of no such indicator."


def alliance(**more: object) -> Alliance:
    made = Alliance(**more)  # type: ignore[arg-type]
    made.open()
    return made


def low() -> Sight:
    """What a team sees that may read no more than TLP:GREEN."""
    return sees(B, Label.GREEN)


def confirmed(
    database: Database, there: Alliance, typed: str, team: str = "a", name: str = "ada"
) -> tuple[Reply, Reply]:
    """A command with its second step: the question and the answer."""
    context = replace(context_of(there, team), asker=person(team, name))
    question = answered(database, context, typed)
    return question, answered(database, replace(context, confirmed=question.asks), typed)


def handle(database: Database, sight: Sight | None = None) -> str:
    seen = of_operator() if sight is None else sight
    return database.read_now(lambda s: by_value(s, seen, KEY, ADDRESS))[0].handle


def audited(database: Database) -> list[tuple[str, str, str | None]]:
    """Action, outcome and whose it was, of releases and wishes; the object says nothing."""
    rows = database.read_now(
        lambda s: [
            (each.action, each.outcome, each.originator, each.object) for each in s.query(Audit)
        ]
    )
    objects = [row[3] for row in rows]
    assert all(each.startswith("indicator:i-") for each in objects), objects
    return [row[:3] for row in rows]


def test_what_was_contributed_is_released_by_its_team_and_seen_at_once(database: Database) -> None:
    there = alliance(clearances={"b": Label.GREEN})
    said(database, context_of(there), "contribute 198.51.100.7 --marking amber")
    assert said(database, context_of(there, "b"), "ioc 198.51.100.7").startswith("TLP:CLEAR")
    question, answer = confirmed(database, there, "release 198.51.100[.]7 --marking green")
    assert plain(question.body).startswith("Release it as TLP:GREEN?\nIt is marked TLP:AMBER")
    assert "It goes to: CERT B\n" in plain(question.body)
    assert plain(answer.body) == "Released as TLP:GREEN.\nIt goes to: CERT B"
    assert said(database, context_of(there, "b"), "ioc 198.51.100.7").startswith("TLP:GREEN")
    assert audited(database) == [("released", "ok", "a")]


def test_nothing_is_released_before_it_was_confirmed(database: Database) -> None:
    there = alliance()
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    answered(database, context_of(there), "release 198.51.100.7 --marking green")
    assert not one(database, ADDRESS, low()).known
    assert audited(database) == []


def test_what_a_feed_of_a_team_gave_is_released_by_that_team(database: Database) -> None:
    there = alliance()
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=INNER))
    for typed in ("release 198.51.100.7", f"release {thing(1).id}"):
        question = said(database, context_of(there), typed)
        assert "Release it as TLP:GREEN?" in question
        assert "It goes to: CERT C" in question
    confirmed(database, there, f"release {handle(database)}")
    assert one(database, ADDRESS, low()).statements[0].marking == Marking(Label.GREEN)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("release 198.51.100.7 --marking amber+strict", "Releasing only lowers"),
        ("release 198.51.100.7 --group c", "Releasing only widens"),
        ("release 198.51.100.7 --group atlantis", "no team, group or country"),
        ("release 198.51.100.7 --marking amber", "Nothing would follow"),
        ("release 192.0.2.1", NOTHING),
        ("ask-release 198.51.100.7", "It came from your own team"),
    ],
)
def test_what_would_not_be_wider_is_refused(database: Database, typed: str, why: str) -> None:
    there = alliance()
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    assert why in said(database, context_of(there), typed)


def test_another_team_releases_nothing_and_asks_for_it(database: Database) -> None:
    there = alliance()
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    refused = said(database, context_of(there, "b"), "release 198.51.100.7 --marking green")
    assert refused.startswith("Only the team that it came from releases it.")
    take_in(database, feed("nobodys"), thing(2, ADDRESS))
    several = said(database, context_of(there, "b"), "ask-release 198.51.100.7")
    assert several.startswith("Several speak of it. Say which: i-")
    assert "(acme, TLP:AMBER)" in several
    nobody = said(database, context_of(there, "b"), f"ask-release {thing(2).id}")
    assert nobody == "It came from no team: nobody can be asked."


@pytest.mark.parametrize("command", ["release", "ask-release"])
def test_who_may_not_see_it_is_told_what_is_told_of_nothing(
    database: Database, command: str
) -> None:
    there = alliance(clearances={"b": Label.GREEN})
    before = [
        said(database, context_of(there, "b"), f"{command} {ref}")
        for ref in ("198.51.100.7", thing(1).id, "i-2222222222222")
    ]
    assert set(before) == {NOTHING}
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    for ref in ("198.51.100.7", thing(1).id, handle(database)):
        assert said(database, context_of(there, "b"), f"{command} {ref}") == NOTHING
    assert audited(database) == []


def test_its_team_is_asked_and_its_answer_is_told(database: Database) -> None:
    there = alliance()
    seat(database, "a", "b")
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    asked = answered(database, context_of(there, "b"), "ask-release 198.51.100.7")
    assert plain(asked.body).startswith("I have asked those whom it came from.")
    again = said(database, context_of(there, "b"), "ask-release 198.51.100.7")
    assert again.startswith("Your team has asked already")
    (text,) = told(asked).values()
    assert text.startswith(
        "TLP:AMBER Ada of CERT B asks you to release what you say of 198[.]51[.]100[.]7.\n"
    )
    (content,) = [each.content for each in asked.also]
    assert isinstance(content, Answer)
    yes, no = (each.call for each in content.controls)
    foreign = said(database, context_of(there, "b"), no)
    assert foreign == said(database, context_of(there, "b"), "refuse w-zzzzz")
    hidden = said(database, context_of(there, "c"), yes)
    assert hidden == said(database, context_of(there, "c"), "release w-zzzzz")
    _, answer = confirmed(database, there, yes)
    assert plain(answer.body).startswith("Released as TLP:GREEN.")
    assert "was released" in told(answer)["fake:b/ada"]
    assert audited(database) == [("asked", "waiting", "a"), ("released", "ok", "a")]


def test_a_refusal_is_told_and_nothing_changes(database: Database) -> None:
    there = alliance()
    seat(database, "a")
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    asked = answered(database, context_of(there, "b"), "ask-release 198.51.100.7")
    wish = next(iter(told(asked).values())).rsplit("refuse ", 1)[-1].split("”")[0]
    answer = answered(database, context_of(there), f"refuse {wish}")
    assert "is not released" in told(answer)["fake:b/ada"]
    assert not one(database, ADDRESS, low()).known
    assert audited(database)[-1] == ("released", "refused", "a")


def test_what_a_team_is_asked_in_a_channels_room_is_marked_as_what_it_speaks_of(
    database: Database,
) -> None:
    there = alliance(homes={"a": ROOMS[0]})
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    (post,) = answered(database, context_of(there, "b"), "ask-release 198.51.100.7").also
    assert isinstance(post.content, Post)
    assert post.matter is not None
    assert marked_of(post.matter).marking == AMBER


def test_two_persons_are_needed_and_for_the_same_version(database: Database) -> None:
    there = alliance(needs=2)
    seat(database, "a")
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    _, first = confirmed(database, there, "release 198.51.100.7 --marking green")
    waiting = plain(first.body).rsplit(" ", 1)[-1]
    assert f"“release {waiting}”" in told(first)["fake:a/ada"]
    _, same = confirmed(database, there, f"release {waiting}")
    assert "another person" in plain(same.body)
    changed = thing(1, ADDRESS, marking=AMBER, version=2)
    take_in(database, feed(originator=A), changed, now=LATER)
    ben = replace(context_of(there), asker=person("a", "ben"))
    assert said(database, ben, f"release {waiting}").startswith("It was changed since then")
    _, anew = confirmed(database, there, "release 198.51.100.7 --marking green", name="ben")
    waiting = plain(anew.body).rsplit(" ", 1)[-1]
    assert not one(database, ADDRESS, low()).known
    _, second = confirmed(database, there, f"release {waiting}")
    assert plain(second.body).startswith("Released as TLP:GREEN")
    assert one(database, ADDRESS, low()).known
    states = database.read_now(lambda s: [each.state for each in s.query(Request)])
    assert "open" not in states


def test_adding_it_again_never_lowers_it(database: Database) -> None:
    there = alliance()
    said(database, context_of(there), "contribute 198.51.100.7 --marking amber --group inner")
    text = said(database, context_of(there), "contribute 198.51.100.7 --marking green")
    assert text.splitlines()[1:] == [
        "Those see it who may read TLP:AMBER REL INNER.",
        "Your team marked it so before: “release VALUE” lowers and widens.",
    ]
    assert not one(database, ADDRESS, low()).known


def test_details_name_each_statement_so_that_it_can_be_released(database: Database) -> None:
    there = alliance()
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    shown = said(database, context_of(there, "b"), "ioc --details 198.51.100.7")
    assert handle(database, sees(B)) in shown


def test_in_a_direct_room_it_is_released_too(database: Database) -> None:
    there = alliance()
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    context = context_of(there, direct=True)
    question = answered(database, context, "release 198.51.100.7 --marking clear")
    answered(
        database, replace(context, confirmed=question.asks), "release 198.51.100.7 --marking clear"
    )
    assert one(database, ADDRESS, low()).statements[0].marking.label is Label.CLEAR


def test_who_calls_themselves_as_another_team_does_releases_nothing_of_it(
    database: Database,
) -> None:
    there = alliance()
    take_in(database, feed(originator=A), thing(1, ADDRESS, marking=AMBER))
    eve = structs.replace(person("b", "eve"), name="CERT A")
    context = replace(context_of(there, "b"), asker=eve)
    refused = said(database, context, "release 198.51.100.7 --marking green")
    assert refused.startswith("Only the team that it came from releases it.")
    assert "of CERT B" in said(database, context, "whoami")
