"""What follows from an event."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.advisories import writing
from bot.advisories.front_matter import Written
from bot.delivery import outbox
from bot.delivery.inlet import Handled
from bot.events import (
    Answer,
    Author,
    CommandTyped,
    DeliveryId,
    Event,
    FormFilled,
    Ignored,
    MessageId,
    MessagePosted,
    PersonId,
    Post,
    RoomId,
    Share,
    Undeliverable,
    Unreadable,
)
from bot.handler import Handler
from bot.handler.asked import decode_asked
from bot.richtext import Mention, Paragraph, RichText, Text, plain, say
from bot.store.database import Database
from bot.store.tables import Inbox, InboxState, Outbox
from bot.words import words_for
from commands.registry import Registry
from tests.clock import Clock
from tests.custody import open_house
from tests.small_bot import WORDS, places

R1, R2, R3 = (RoomId(f"fake:far/r{number}") for number in (1, 2, 3))
ADMIN, DIRECT, ELSEWHERE = (RoomId(f"fake:far/{name}") for name in ("adm", "dm", "x"))
ADA = Author(PersonId("fake:far/ada"), "Ada")
SAID = Clock()()
CHANNELS = {"c": [R1, R2, R3]}
HANDLER = Handler(
    places(CHANNELS, [ADMIN]), Registry.load().names, ("Liaison",), WORDS, open_house(CHANNELS)
)


def posted(text: str, room: RoomId = R1, *, message: str = "m1") -> MessagePosted:
    return MessagePosted(room, MessageId(message), ADA, say(text), SAID)


def handle(database: Database, event: Event) -> Handled:
    return database.run_now(lambda s: HANDLER(s, event, SAID))


def written(database: Database) -> list[tuple[str, str, object]]:
    """Lane, room and content of every delivery."""

    def work(session: Session) -> list[tuple[str, str, object]]:
        rows = session.execute(select(Outbox).order_by(Outbox.seq)).scalars()
        return [(row.lane, row.room, outbox.decoder.decode(row.content or b"")) for row in rows]

    return database.read_now(work)


def seen(database: Database) -> list[Inbox]:
    return database.read_now(lambda s: list(s.execute(select(Inbox)).scalars()))


def test_a_message_goes_to_every_other_room_of_its_channel(database: Database) -> None:
    handled = handle(database, posted("hello"))
    assert handled.lanes == {R2, R3}
    assert written(database) == [(r, r, Post(say("hello"), ADA)) for r in (R2, R3)]


def test_the_same_message_again_has_no_effect(database: Database) -> None:
    handle(database, posted("hello"))
    assert handle(database, posted("hello")) == Handled()
    assert len(written(database)) == 2
    handle(database, posted("hello", message="m2"))
    assert len(written(database)) == 4


@pytest.mark.parametrize(
    "event",
    [
        posted("x", ELSEWHERE),
        posted("x", ADMIN),
        replace(posted("x"), own=DeliveryId("")),
        replace(posted("x"), own=DeliveryId("dunknown")),
        Ignored("reaction"),
        Unreadable("nonsense"),
        Undeliverable(ELSEWHERE, MessageId("m1"), ADA, "too large", SAID),
    ],
)
def test_nothing_follows_from_what_is_not_for_us(sqlite: Database, event: Event) -> None:
    assert handle(sqlite, event) == Handled()
    assert written(sqlite) == []


@pytest.mark.parametrize("text", ["!ping", "!ping canary", "!pnig canary", "\uff01ping"])
def test_a_command_and_a_near_miss_are_kept_and_never_relayed(sqlite: Database, text: str) -> None:
    handled = handle(sqlite, posted(text))
    assert written(sqlite) == []
    (row,) = seen(sqlite)
    assert (handled.command, row.state) == (row.seq, InboxState.PENDING)
    assert decode_asked(row.content or b"").message == "m1"
    assert handle(sqlite, posted(text)).command is None, "it comes again: it is run once"


def test_a_mention_of_the_bot_is_a_command(sqlite: Database) -> None:
    mention = Mention("fake:far/bot", "Liaison")
    body = RichText((Paragraph((mention, Text(" ping"))),))
    event = replace(posted("x"), body=body, mentions_bot=True)
    assert handle(sqlite, event).command is not None
    assert written(sqlite) == []


def test_a_bots_command_is_neither_run_nor_relayed(sqlite: Database) -> None:
    event = replace(posted("!ping"), author=replace_bot())
    assert handle(sqlite, event) == Handled()
    assert written(sqlite) == []


def replace_bot() -> Author:
    return Author(ADA.person, "Robot", bot=True)


def test_commands_are_taken_in_admin_and_direct_rooms(sqlite: Database) -> None:
    assert handle(sqlite, posted("!ping", ADMIN)).command is not None
    direct = replace(posted("ping", DIRECT), direct=True)
    assert handle(sqlite, direct).command is not None


def test_who_is_asked_answers_in_their_direct_room_with_whatever_is_no_command(
    sqlite: Database,
) -> None:
    def said(text: str, message: str, room: RoomId = DIRECT, **more: object) -> str:
        event = replace(posted(text, room, message=message), direct=room == DIRECT, **more)  # type: ignore[arg-type]
        handle(sqlite, event)
        found = seen(sqlite)[-1]
        return "" if found.content is None else decode_asked(found.content).call.typed

    root = MessageId("root")
    assert said("Patch the VPN", "m1") == "patch", "nobody is asked yet"
    sqlite.run_now(lambda s: writing.begin(s, ADA.person, "c", Written(), "title", SAID))
    assert said("Patch the VPN\n\nnow", "m2") == "advisory answer Patch the VPN\n\nnow"
    assert said("status of the VPN", "m3") == "status of the VPN"
    assert said("status of the VPN", "m4", thread=root) == "advisory answer status of the VPN"
    assert said("!status", "m5", thread=root) == "status"
    assert said("Patch the VPN", "m6", R1) == "", "in a room it is said to all"
    sqlite.run_now(lambda s: writing.begin(s, ADA.person, "c", Written(), "", SAID))
    assert said("Patch the VPN", "m7") == "patch", "a form asks"


def test_what_is_typed_alone_opens_its_form_with_what_was_written_before(
    sqlite: Database,
) -> None:
    handler = Handler(
        places(CHANNELS, [ADMIN]), Registry.load().names, ("Liaison",), WORDS,
        open_house(CHANNELS), Registry.load(),
    )  # fmt: skip

    def opened(text: str, call: str, **more: object) -> Handled:
        typed = replace(CommandTyped(R1, call, ADA, text, SAID, opens=call), **more)  # type: ignore[arg-type]
        return sqlite.run_now(lambda s: handler(s, typed, SAID))

    before = Written({"title": ("Patch",)}, "Now.")
    sqlite.run_now(lambda s: writing.begin(s, ADA.person, "c", before, "", SAID))
    form = opened("advisory draft", "c1").form
    assert form is not None
    assert {each.name: each.value for each in form.fields if each.value} == {
        "title": "Patch", "text": "Now.",
    }  # fmt: skip
    pressed = {"pressed": DeliveryId("d" + "a" * 26), "answers": MessageId("m1")}
    assert opened("advisory draft", "c2", **pressed).form == form
    assert opened("advisory draft Patch", "c3").command is not None
    assert opened("ping", "c4").command is not None


def test_a_form_asks_in_the_words_of_its_readers_team(sqlite: Database) -> None:
    handler = Handler(
        places(CHANNELS, [ADMIN]), Registry.load().names, ("Liaison",), WORDS,
        open_house(CHANNELS), Registry.load(), lambda _team: words_for("fr"),
    )  # fmt: skip

    def handled(event: Event) -> Handled:
        return sqlite.run_now(lambda s: handler(s, event, SAID))

    form = handled(CommandTyped(R1, "c1", ADA, "advisory draft", SAID, opens="c1")).form
    assert form is not None
    assert form.title == "Rédiger un avis"
    filled = FormFilled(R1, "c2", ADA, "advisory draft", {"severity": "grave"}, SAID)
    told = handled(filled).mistakes
    assert told is not None
    assert "gravité" in str(told)


def test_a_slash_command_is_kept_once_by_its_call(sqlite: Database) -> None:
    typed = CommandTyped(R1, "call-1", ADA, "ping", SAID, reply="handle")
    number = handle(sqlite, typed).command
    assert number is not None
    assert handle(sqlite, typed).command is None
    (row,) = seen(sqlite)
    assert decode_asked(row.content or b"").reply == "handle"


def test_a_message_of_more_than_ten_parts_goes_as_a_file(sqlite: Database) -> None:
    handle(sqlite, posted("x" * 40_001))
    _, share, _ = (content for _, room, content in written(sqlite) if room == R2)
    assert isinstance(share, Share)
    assert share.file.handle == "x" * 40_001 + "\n"


def test_a_long_message_goes_in_parts(sqlite: Database) -> None:
    handle(sqlite, posted("x" * 4001))
    contents = [content for _, room, content in written(sqlite) if room == R2]
    assert len(contents) == 2
    assert "".join(plain(each.body) for each in contents if isinstance(each, Post)) == "x" * 4001


def test_what_cannot_be_carried_is_told_to_its_sender_once(sqlite: Database) -> None:
    event = Undeliverable(R1, MessageId("m1"), ADA, "Your message is too large.", SAID)
    handle(sqlite, event)
    handle(sqlite, event)
    ((lane, room, content),) = written(sqlite)
    assert (lane, room) == (f"person:{ADA.person}", R1)
    assert isinstance(content, Answer)


def test_what_failed_long_ago_is_told_to_each_person_once(sqlite: Database) -> None:
    for number in range(5):
        for name in ("ada", "ben"):
            who = Author(PersonId(f"fake:far/{name}"), name)
            message, said = MessageId(f"{name}{number}"), SAID - timedelta(hours=number + 1)
            handle(sqlite, Undeliverable(R1, message, who, "Too large.", said))
    assert [lane for lane, *_ in written(sqlite)] == ["person:fake:far/ada", "person:fake:far/ben"]
    handle(sqlite, Undeliverable(R1, MessageId("now"), ADA, "Too large.", SAID))
    assert len(written(sqlite)) == 3
