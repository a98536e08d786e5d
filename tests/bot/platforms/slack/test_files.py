"""Slack's file objects."""

from __future__ import annotations

from typing import Any

import pytest

from bot.events import AccountId, File, FileKind, Ignored, MessagePosted
from bot.platforms.slack import files
from bot.richtext import Link, Paragraph, plain
from tests.bot.platforms.slack.said import message, read

ALPHA = AccountId("slack:alpha")
ADDRESS = "https://files.slack.com/files-pri/T1-F1/download/a.png"
PICTURE = {
    "id": "F1", "name": "a.png", "title": "A", "mimetype": "image/png", "size": 10,
    "mode": "hosted",
    "original_w": "640", "original_h": 480, "alt_txt": "a cat", "file_access": "visible",
    "url_private": "https://files.slack.com/files-pri/T1-F1/a.png",
    "url_private_download": ADDRESS,
}  # fmt: skip


def of(*found: Any) -> tuple[File, ...]:
    return files.files_of({"files": list(found)}, ALPHA)


def test_a_file_is_what_slack_tells_of_it() -> None:
    assert of(PICTURE) == (
        File(
            ALPHA,
            f"F1 {ADDRESS}",
            "a.png",
            FileKind.IMAGE,
            "image/png",
            10,
            640,
            480,
            alt="a cat",
            title="A",
        ),
    )
    assert files.place_of(of(PICTURE)[0].handle) == ("F1", ADDRESS)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"mimetype": "video/mp4"}, FileKind.VIDEO),
        ({"mimetype": "audio/mp3"}, FileKind.AUDIO),
        ({"mimetype": "audio/mp4", "subtype": "slack_audio"}, FileKind.VOICE),
        ({"mimetype": "application/pdf"}, FileKind.FILE),
        ({"mimetype": None}, FileKind.FILE),
    ],
)
def test_a_file_is_shown_as_what_it_is(fields: dict[str, Any], kind: FileKind) -> None:
    assert of({**PICTURE, **fields})[0].kind is kind


def test_a_voice_message_lasts() -> None:
    assert of({**PICTURE, "duration_ms": 1500})[0].seconds == 1.5


def test_of_a_file_that_must_be_asked_for_the_id_is_known() -> None:
    bare = {"id": "F2", "file_access": "check_file_info"}
    untold = {key: value for key, value in PICTURE.items() if key != "mimetype"} | {"id": "F4"}
    assert files.unknown({"files": [bare, PICTURE, untold]}) == ("F2", "F4")
    assert files.unknown({"files": [untold | {"mode": "tombstone"}]}) == ()
    (file,) = of(bare)
    assert (files.place_of(file.handle), file.name, file.size) == (("F2", ""), "F2", None)
    told = files.known({"files": [bare, PICTURE], "text": "x"}, {"F2": {**PICTURE, "id": "F2"}})
    assert [file.name for file in files.files_of(told, ALPHA)] == ["a.png", "a.png"]
    assert told["text"] == "x"


def test_of_a_file_that_is_older_than_its_message_it_is_asked_where_it_was_shown() -> None:
    old, ts = {**PICTURE, "timestamp": 1_600_000_000}, "1600000061.000100"
    assert files.unknown({"files": [old], "ts": ts}) == (old["id"],)
    assert files.unknown({"files": [old], "ts": "1600000060.000000"}) == ()
    assert files.unknown({"files": [{**old, "shares": {}}], "ts": ts}) == ()
    assert files.unknown({"files": [{**old, "timestamp": "then"}], "ts": ts}) == ()


def test_what_was_deleted_is_no_file_and_what_lies_elsewhere_a_link() -> None:
    assert of({"id": "F1", "mode": "tombstone"}) == ()
    document = {
        "id": "F3",
        "mode": "external",
        "title": "Plan",
        "external_url": "https://d.example/1",
    }
    assert of(document) == ()
    event = read(message(channel="C1", text="see", files=[document]))
    assert isinstance(event, MessagePosted)
    assert event.body.blocks[-1] == Paragraph((Link("https://d.example/1", "Plan"),))
    evil = {**document, "external_url": "javascript:x", "permalink": 7}
    assert list(files.links_of({"files": [evil]})) == []


def test_what_the_plan_hides_is_a_file_that_cannot_be_opened() -> None:
    (file,) = of({"id": "F4", "mode": "hidden_by_limit"})
    assert files.place_of(file.handle) == ("F4", "")


def test_a_message_may_be_nothing_but_files_and_is_nothing_without_them() -> None:
    event = read(message(channel="C1", subtype="file_share", text="", files=[PICTURE, PICTURE]))
    assert isinstance(event, MessagePosted)
    assert (len(event.files), plain(event.body)) == (2, "")
    gone = read(message(channel="C1", text="", files=[{"id": "F1", "mode": "tombstone"}]))
    assert gone == Ignored("message.empty")


def test_a_caption_and_its_files_are_one_message() -> None:
    event = read(message(channel="C1", subtype="file_share", text="look", files=[PICTURE]))
    assert isinstance(event, MessagePosted)
    assert (plain(event.body), [file.name for file in event.files]) == ("look", ["a.png"])


@pytest.mark.parametrize(
    "found", [7, None, {}, {"id": 7}, {"id": "a b"}, {"id": "F1", "size": True, "name": 7}]
)
def test_malformed_files_are_passed_over(found: Any) -> None:
    assert [file.name for file in of(found)] in ([], ["F1"])
    assert files.files_of({"files": found}, ALPHA) == ()
    assert files.share_of({"shares": found}, "C1") is None


def test_the_message_that_shows_a_file_is_the_first_of_its_room() -> None:
    shares = {"private": {"C1": [{"ts": "17.2"}, {"ts": "17.1"}, 7], "C2": 7}, "public": 7}
    assert files.share_of({"shares": shares}, "C1") == "17.1"
    assert files.share_of({"shares": shares}, "C2") is None


@pytest.mark.parametrize("mode", [{}, ["external"], 7])
def test_a_file_whose_mode_is_no_word_does_not_end_the_reading(mode: object) -> None:
    found = read(message(channel="C1", text="x", files=[{"id": "F1", "mode": mode}]))
    assert isinstance(found, MessagePosted)
