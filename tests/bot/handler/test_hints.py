"""Who objects in plain words is told, once and alone, how one objects; what they said is relayed as
ever and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from bot.custody import posting
from bot.decisions import proposals
from bot.delivery import outbox
from bot.events import (
    Answer,
    Author,
    MessageId,
    MessagePosted,
    PersonId,
    Post,
    RoomId,
    Standing,
)
from bot.handler import Handler
from bot.richtext import Quote, RichText, plain, say
from bot.store.tables import Outbox
from bot.words import words_for
from tests.commands.assembly import REGISTRY, Assembly, assembled
from tests.commands.house import NOW
from tests.custody import ROOMS
from tests.small_bot import places

A, B, C = ROOMS


@dataclass
class Talk:
    """What people say under a proposal."""

    three: Assembly
    said: int = 0

    def say(
        self,
        who: str,
        body: RichText | str,
        ref: str,
        *,
        thread: bool = False,
        language: str = "en",
    ) -> list[Answer]:
        """Somebody answers a proposal in their room; what they are told by that."""
        session, room = self.three.session, RoomId(f"fake:{who[0]}/room")
        head = posting.message_in(session, ref, "head", room)
        assert head is not None
        self.said += 1
        author = Author(PersonId(f"fake:{who}"), who[2:].title(), standing=Standing.MEMBER)
        event = MessagePosted(
            room, MessageId(f"m{self.said}"), author, say(body) if isinstance(body, str) else body,
            NOW, thread=head if thread else None, reply_to=None if thread else head,
        )  # fmt: skip
        handler = Handler(
            places({"c": list(ROOMS)}), REGISTRY.names, ("Liaison",), words_for(language),
            self.three.house.gate, REGISTRY,
        )  # fmt: skip
        before = self._written()
        handler(session, event, self.three.now)
        session.flush()
        new = [row for row in self._rows() if row.id not in before]
        held = [outbox.decoder.decode(row.content) for row in new if row.content]
        assert [each for each in held if isinstance(each, Post)], "it is relayed as ever"
        return [each for each in held if isinstance(each, Answer)]

    def _written(self) -> set[str]:
        return {row.id for row in self._rows()}

    def _rows(self) -> list[Outbox]:
        return list(self.three.session.execute(select(Outbox)).scalars())


@pytest.fixture
def talk() -> Iterator[Talk]:
    with assembled() as three:
        yield Talk(three)


@pytest.mark.parametrize("thread", [False, True])
@pytest.mark.parametrize("text", ["we object", "Nous nous opposons : trop tôt."])
def test_a_reply_that_objects_is_told_how_and_counts_for_nothing(
    talk: Talk, text: str, thread: bool
) -> None:
    ref = talk.three.propose()
    (answer,) = talk.say("b/ben", text, ref, thread=thread)
    lines = plain(answer.body).split("\n")
    assert lines[0] == f"{ref}: your reply does not count as an objection."
    assert f"voice {ref} object WHY" in lines[1]
    assert [each.call for each in answer.controls] == [f"voice {ref} object"]
    assert (answer.person, answer.team) == ("fake:b/ben", "b")
    row = talk.three.row(ref)
    assert row.state == proposals.State.OPEN
    assert proposals.voices_of(talk.three.session, row) == []


def test_it_is_said_once_to_each_person_of_each_proposal(talk: Talk) -> None:
    first, second = talk.three.propose(), talk.three.propose("Tell the press.")
    assert len(talk.say("b/ben", "we object", first)) == 1
    assert talk.say("b/ben", "We object!", first) == []
    assert len(talk.say("b/ada", "we object", first)) == 1
    assert len(talk.say("b/ben", "we object", second)) == 1


def test_it_is_said_in_french_too(talk: Talk) -> None:
    ref = talk.three.propose()
    (answer,) = talk.say("c/ben", "pas d'accord", ref, language="fr")
    first = plain(answer.body).split("\n")[0]
    assert first == f"{ref} : votre réponse ne compte pas comme une objection."


def test_in_a_vote_it_is_said_how_one_votes(talk: Talk) -> None:
    ref = talk.three.propose(options="--silence 72h --method majority")
    (answer,) = talk.say("b/ben", "we object", ref)
    assert f"vote {ref} object WHY" in plain(answer.body)
    assert answer.controls == ()


@pytest.mark.parametrize(
    "text",
    ["no objection", "Do we object?", "ok", "We object. " + "I say it at length. " * 20],
)
def test_other_words_are_answered_by_nothing(talk: Talk, text: str) -> None:
    assert talk.say("b/ben", text, talk.three.propose()) == []


def test_what_is_quoted_is_not_said(talk: Talk) -> None:
    ref = talk.three.propose()
    assert (
        talk.say("b/ben", RichText((Quote(say("we object").blocks), *say("who?").blocks)), ref)
        == []
    )


def test_whose_team_has_objected_or_has_no_voice_hears_nothing(talk: Talk) -> None:
    ref = talk.three.propose()
    talk.three.ask("b/ada", f"voice {ref} object Too short.")
    assert talk.say("b/ben", "we object", ref) == []
    with assembled(observers=("c",)) as three:
        other = Talk(three)
        assert other.say("c/ben", "we object", three.propose()) == []


def test_under_what_has_ended_nothing_is_said(talk: Talk) -> None:
    ref = talk.three.propose()
    talk.three.ask("a/ada", f"withdraw {ref}")
    assert talk.say("b/ben", "we object", ref) == []
