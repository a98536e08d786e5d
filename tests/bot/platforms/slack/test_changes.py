"""What became of messages."""

from __future__ import annotations

from typing import Any

import pytest

from bot.events import Manner, MessageDeleted, MessageEdited, Undeliverable, Unreadable
from bot.platforms.slack.changes import SAME
from bot.richtext import plain
from tests.bot.platforms.slack.said import EDITED, FIRST, LATER, Fields, changed, message, read

EDIT = {"user": "U1", "ts": EDITED}
PREVIEW = {"from_url": "https://x.example", "title": "A page"}
CARD = {"title": "Build 7", "fallback": "Build 7"}
FILE = {"id": "F1", "name": "a.txt", "mode": "hosted"}


def edit(now: Fields, before: Fields | None = None) -> MessageEdited:
    event = changed(now, before)
    assert isinstance(event, MessageEdited), event
    return event


def test_other_words_are_an_edit_that_its_own_time_orders() -> None:
    event = edit({"text": "ho", "edited": EDIT}, {"text": "hi"})
    assert (event.room, event.message, event.version) == ("slack:alpha/C1", FIRST, EDITED)
    assert (plain(event.body), event.author.name, event.own) == ("ho", "Ada", False)
    assert event.said.timestamp() == 1700000050
    assert event.files is None


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ({"attachments": [PREVIEW]}, {}),
        ({"attachments": [PREVIEW], "edited": EDIT}, {"edited": EDIT}),
        ({"edited": EDIT}, {"attachments": [PREVIEW]}),  # its author took the preview away
        ({"reply_count": 3, "latest_reply": LATER, "thread_ts": FIRST}, {}),
        ({"reply_count": 3, "edited": EDIT}, {"edited": EDIT}),
        ({"pinned_to": ["C1"], "pinned_info": {}}, {}),
        ({"language": {"locale": "en"}, "text": "hi"}, {}),
        ({"text": "changed, they say"}, {"text": "hi"}),  # nobody edited it
        ({"text": "changed, they say", "edited": {"ts": "x"}}, {"text": "hi"}),
        ({"edited": EDIT, "blocks": [{"type": "b", "block_id": "1"}]},
         {"blocks": [{"type": "b", "block_id": "2"}]}),
        ({"subtype": "thread_broadcast", "root": {}}, {}),
        ({"subtype": "huddle_thread", "room": {"has_ended": True}}, {"subtype": "huddle_thread"}),
        ({}, None),
    ],
)  # fmt: skip
def test_what_nobody_wrote_is_no_edit(now: Fields, before: Fields | None) -> None:
    assert changed(now, before) == SAME


@pytest.mark.parametrize(
    ("now", "before"),
    [
        ({"text": "ho"}, {}),
        ({"text": "ho"}, None),
        ({"text": "ho"}, {"edited": {"user": "U1", "ts": "1700000040.000000"}}),
        ({"blocks": [{"type": "rich_text", "elements": []}]}, {}),
        ({"bot_id": "B1", "attachments": [CARD]}, {"bot_id": "B1"}),
        ({"text": "ho", "attachments": [PREVIEW]}, {}),
    ],
)
def test_whatever_its_author_changed_is_an_edit(now: Fields, before: Fields | None) -> None:
    assert edit({**now, "edited": EDIT}, before).version == EDITED


def test_an_edit_in_a_thread_and_of_a_broadcast_is_of_that_message() -> None:
    now = {"text": "ho", "edited": EDIT, "thread_ts": "1600000000.000001"}
    assert edit(now, {}).message == FIRST
    assert edit({**now, "subtype": "thread_broadcast"}, {}).message == FIRST


@pytest.mark.parametrize("fields", [{"bot_id": "BBOT"}, {"user": "UBOT"}])
def test_our_own_edit_is_ours(fields: Fields) -> None:
    assert edit({"text": "ho", "edited": EDIT, **fields}, fields).own


def test_an_edit_keeps_its_manner() -> None:
    assert edit({"text": "x", "edited": EDIT, "subtype": "me_message"}, {}).manner is Manner.EMOTE
    assert edit({"text": "x", "edited": EDIT, "bot_id": "B1"}, {}).manner is Manner.NOTICE


def test_an_edit_tells_the_files_that_are_left() -> None:
    event = edit({"text": "ho", "edited": EDIT, "files": [FILE]}, {"files": [FILE]})
    assert event.files is not None
    assert [file.name for file in event.files] == ["a.txt"]


def test_a_file_that_was_deleted_is_an_edit_of_the_moment() -> None:
    gone = {"id": "F1", "mode": "tombstone"}
    event = edit({"files": [gone]}, {"files": [FILE]})
    assert (event.files, event.version) == ((), LATER)


def test_an_edit_too_long_is_told_to_its_author() -> None:
    now = {"text": "x" * 1_000_000, "edited": EDIT}
    assert isinstance(changed(now, {}), Undeliverable)


def test_a_deleted_message_is_named() -> None:
    event = read({"type": "message", "subtype": "message_deleted", "channel": "C1", "hidden": True,
                  "ts": LATER, "deleted_ts": FIRST, "previous_message": message()})  # fmt: skip
    assert isinstance(event, MessageDeleted)
    assert (event.room, event.message, event.by) == ("slack:alpha/C1", FIRST, None)
    assert event.said.timestamp() == pytest.approx(1700000060.0002)


def test_a_deletion_without_its_stamp_takes_that_of_the_message() -> None:
    event = read({"type": "message", "subtype": "message_deleted", "channel": "C1", "ts": LATER,
                  "previous_message": message()})  # fmt: skip
    assert isinstance(event, MessageDeleted)
    assert event.message == FIRST


def test_a_tombstone_is_a_deletion_in_every_place() -> None:
    tomb = {"subtype": "tombstone", "hidden": True, "user": "USLACKBOT", "text": "deleted"}
    deleted = changed(tomb, {"reply_count": 2})
    assert isinstance(deleted, MessageDeleted)
    assert deleted.message == FIRST
    assert isinstance(read(message(channel="C1", **tomb)), MessageDeleted)


@pytest.mark.parametrize(
    "fields",
    [{"message": None}, {"message": {}}, {"message": {"ts": "x"}}, {"channel": None},
     {"message": {"ts": FIRST, "text": "x", "edited": EDIT}}],
)  # fmt: skip
def test_a_change_of_nothing_is_a_value(fields: dict[str, Any]) -> None:
    assert isinstance(changed({}, None, **fields), Unreadable)


def test_a_deletion_of_nothing_is_a_value() -> None:
    event = {"type": "message", "subtype": "message_deleted", "channel": "C1", "ts": LATER}
    assert isinstance(read(event), Unreadable)
    assert isinstance(read({**event, "previous_message": 7, "deleted_ts": 7}), Unreadable)
