"""What a Matrix client shows of a room's events."""

from __future__ import annotations

from typing import Any

import pytest

from bot.sandbox.board import Attachment, Key, Line, Reaction
from bot.sandbox.matrix_lines import Lines

NAMES = {"@ines:x": "Inês", "@rui:x": "Rui"}


def _event(number: int, kind: str, content: Any, sender: str = "@ines:x") -> dict[str, Any]:
    return {
        "event_id": f"${number}",
        "type": kind,
        "sender": sender,
        "origin_server_ts": number,
        "content": content,
    }


def _said(number: int, body: str, sender: str = "@ines:x", **more: Any) -> dict[str, Any]:
    content = {"msgtype": "m.text", "body": body, **more}
    return _event(number, "m.room.message", content, sender)


def _edit(number: int, of: int, body: str, sender: str = "@ines:x") -> dict[str, Any]:
    relation = {"rel_type": "m.replace", "event_id": f"${of}"}
    new = {"msgtype": "m.text", "body": body}
    more = {"m.new_content": new, "m.relates_to": relation}
    return _said(number, f"* {body}", sender, **more)


def _reaction(number: int, to: int, emoji: str, sender: str = "@rui:x") -> dict[str, Any]:
    relation = {"rel_type": "m.annotation", "event_id": f"${to}", "key": emoji}
    return _event(number, "m.reaction", {"m.relates_to": relation}, sender)


def _redaction(number: int, of: int) -> dict[str, Any]:
    return _event(number, "m.room.redaction", {"redacts": f"${of}"})


def _shown(*events: dict[str, Any]) -> dict[str, Line]:
    """Each line as it is shown at the end."""
    lines = Lines("coalition", NAMES, "@liaison:x").read(events)
    return {line.key.message: line for line in lines}


def test_an_edit_is_shown_if_it_is_the_author_s_own() -> None:
    line = _shown(_said(1, "one"), _edit(2, 1, "two"), _edit(3, 1, "other", "@rui:x"))["$1"]
    assert (line.text, line.edited) == ("two", True)


def test_reactions_are_counted_with_names_and_can_be_withdrawn() -> None:
    events = (
        _said(1, "one"),
        _reaction(2, 1, "👀"),
        _reaction(3, 1, "👀", "@liaison:x"),
        _reaction(4, 1, "✅"),
        _redaction(5, 4),
    )
    assert _shown(*events)["$1"].reactions == (Reaction("👀", ("Rui", "Liaison")),)


def test_what_is_redacted_is_taken_back_for_good() -> None:
    line = _shown(_said(1, "one"), _redaction(2, 1), _edit(3, 1, "two"), _reaction(4, 1, "👀"))[
        "$1"
    ]
    assert (line.text, line.taken_back, line.reactions) == ("", True, ())


@pytest.mark.parametrize(
    "relation",
    [
        {"rel_type": "m.thread", "event_id": "$1", "m.in_reply_to": {"event_id": "$9"}},
        {"m.in_reply_to": {"event_id": "$1"}},
    ],
)
def test_an_answer_names_the_root_or_the_message(relation: dict[str, Any]) -> None:
    answer = _said(2, "two")
    answer["content"]["m.relates_to"] = relation
    lines = _shown(_said(1, "one"), answer)
    assert lines["$2"].answers == Key("coalition", "$1")


def test_a_file_is_its_name_and_size_with_its_author() -> None:
    content = {
        "msgtype": "m.file",
        "body": "Amélie: a.csv",
        "filename": "a.csv",
        "info": {"size": 12},
        "com.beeper.per_message_profile": {"displayname": "Amélie"},
    }
    line = _shown(_event(1, "m.room.message", content, "@liaison:x"))["$1"]
    assert (line.author, line.text, line.files) == ("Amélie", "", (Attachment("a.csv", 12),))


def test_what_is_malformed_or_about_nothing_shows_nothing() -> None:
    events = (
        _event(1, "m.room.message", None),
        _event(2, "m.room.message", {"body": 7}),
        _event(3, "m.reaction", {"m.relates_to": 7}),
        _edit(4, 99, "two"),
        _reaction(5, 99, "👀"),
        _redaction(6, 99),
    )
    assert _shown(*events) == {}
