from __future__ import annotations

from typing import Any

import pytest

from bot.events import FileKind, MessagePosted
from bot.platforms.matrix.attachments import (
    HIDDEN,
    Handle,
    Key,
    file_name,
    mxc_parts,
    read_handle,
)
from bot.platforms.matrix.wording import file_content
from bot.richtext import plain
from tests.bot.platforms.matrix.test_inbound import _event, _posted, _read

MXC = "mxc://example.org/abcDEF_-123"


def _file(content: dict[str, Any], **more: object) -> MessagePosted:
    return _posted(_event({"url": MXC, **content}, **more))


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"msgtype": "m.image"}, FileKind.IMAGE),
        ({"msgtype": "m.video"}, FileKind.VIDEO),
        ({"msgtype": "m.audio"}, FileKind.AUDIO),
        ({"msgtype": "m.file"}, FileKind.FILE),
        ({"msgtype": "m.audio", "m.voice": {}}, FileKind.VOICE),
        ({"msgtype": "m.audio", "org.matrix.msc3245.voice": {}}, FileKind.VOICE),
        ({"msgtype": "m.file", "org.matrix.msc3245.voice": {}}, FileKind.FILE),
    ],
)
def test_a_files_kind_is_how_it_is_shown(content: dict[str, Any], kind: FileKind) -> None:
    (file,) = _file({"body": "a.bin", **content}).files
    assert file.kind is kind


@pytest.mark.parametrize(
    ("content", "name", "caption"),
    [
        ({"body": "a.png"}, "a.png", ""),
        ({"body": "a.png", "filename": "a.png"}, "a.png", ""),
        ({"body": "look", "filename": "a.png"}, "a.png", "look"),
        ({"body": "", "filename": "a.png"}, "a.png", ""),
        ({"filename": "a.png"}, "a.png", ""),
        ({"body": "look", "filename": ""}, "look", ""),
        ({"body": "look", "filename": 7}, "look", ""),
        ({}, "image", ""),
        (
            {
                "body": "*look*",
                "filename": "a.png",
                "format": "org.matrix.custom.html",
                "formatted_body": "<em>look</em>",
            },
            "a.png",
            "look",
        ),
    ],
)
def test_a_body_beside_a_name_is_a_caption(
    content: dict[str, Any], name: str, caption: str
) -> None:
    read = _file({"msgtype": "m.image", **content})
    assert [file.name for file in read.files] == [name]
    assert plain(read.body) == caption


def test_what_is_known_of_a_file_is_told() -> None:
    info = {"mimetype": "Video/MP4; x=y", "size": 12, "w": 3.0, "h": 4, "duration": 1500}
    (file,) = _file({"msgtype": "m.video", "body": "a.mp4", "info": info}).files
    assert (file.mimetype, file.size, file.width, file.height) == ("video/mp4", 12, 3, 4)
    assert file.seconds == 1.5
    assert read_handle(file.handle) == Handle(MXC)


@pytest.mark.parametrize("bad", [None, -1, True, "12", 2**70, [], {}])
def test_what_is_no_number_is_not_known(bad: object) -> None:
    info = {"size": bad, "w": bad, "h": bad, "duration": bad, "mimetype": bad}
    (file,) = _file({"msgtype": "m.image", "body": "a", "info": info}).files
    assert (file.size, file.width, file.height, file.seconds, file.mimetype) == (*[None] * 4, "")


def test_a_sticker_is_a_picture_with_a_description() -> None:
    read = _file({"body": "a cat"}, type="m.sticker")
    (file,) = read.files
    assert (file.kind, file.name, file.alt) == (FileKind.IMAGE, "image", "a cat")
    assert plain(read.body) == ""


@pytest.mark.parametrize(
    ("flag", "hidden"),
    [
        ({}, False),
        ({"page.codeberg.everypizza.msc4193.spoiler": True}, True),
        ({"page.codeberg.everypizza.msc4193.spoiler": False}, False),
        ({"m.spoiler": True}, True),
        ({"m.spoiler": "yes"}, False),
        ({"town.robin.msc3725.content_warning": {"type": "town.robin.msc3725.spoiler"}}, True),
    ],
)
def test_what_is_hidden_until_a_reader_asks_is_known_and_stays_so(
    flag: dict[str, Any], hidden: bool
) -> None:
    (file,) = _file({"msgtype": "m.image", "body": "a.png", **flag}).files
    assert file.hidden is hidden
    written = file_content(file, None, Handle(MXC))
    assert [written.get(each) for each in HIDDEN] == [True if hidden else None] * 2


ENCRYPTED = {
    "url": MXC,
    "key": {"k": "k" * 43, "alg": "A256CTR"},
    "iv": "i" * 22,
    "hashes": {"sha256": "h" * 43},
    "v": "v2",
}


def test_an_encrypted_file_is_fetched_by_its_key() -> None:
    (file,) = _posted(_event({"msgtype": "m.file", "body": "a", "file": ENCRYPTED})).files
    assert read_handle(file.handle) == Handle(MXC, Key("k" * 43, "i" * 22, "h" * 43))


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"url": "https://example.org/a"},
        {"url": "mxc://example.org"},
        {"url": "mxc://example.org/../../x"},
        {"file": {**ENCRYPTED, "key": None}},
        {"file": {**ENCRYPTED, "iv": 5}},
        {"file": {**ENCRYPTED, "hashes": {}}},
    ],
)
def test_a_file_that_lies_nowhere_is_its_text(content: dict[str, Any]) -> None:
    read = _read(_event({"msgtype": "m.image", "body": "a.png", **content}))
    assert isinstance(read, MessagePosted)
    assert (plain(read.body), read.files) == ("a.png", ())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a\\b", "a_b"),
        ("a\x00\n\u202eb.exe", "a\ufffd_b.exe"),
        ("résumé 2.doc", "résumé 2.doc"),
        (" . ", ""),
        ("x" * 300 + ".tar", "x" * 196 + ".tar"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_name_is_one_everywhere(name: str, shown: str) -> None:
    assert file_name(name) == shown


@pytest.mark.parametrize("handle", ["", "x", "{}", '{"mxc":5}', '{"mxc":"mxc://a"}', "\ud800"])
def test_a_handle_of_somebody_else_is_none(handle: str) -> None:
    assert read_handle(handle) is None
    assert mxc_parts("mxc://[::1]:8448/x") == ("[::1]:8448", "x")
