from __future__ import annotations

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.events import (
    Event,
    Ignored,
    MessageDeleted,
    MessageEdited,
    MessagePosted,
    Moved,
    Pinned,
    Reacted,
    TopicChanged,
    Unreadable,
    room_id,
)
from bot.platforms.matrix.attachments import read_handle
from bot.platforms.matrix.envelope import Place, decode
from bot.platforms.matrix.inbound import read_event
from bot.platforms.matrix.questions import POLLS
from bot.platforms.matrix.utterances import TYPES
from bot.richtext import plain
from tests.bot.platforms.matrix.house import ACCOUNT

BOT, ADA = "@liaison:example.org", "@ada:example.org"
PLACE = Place(ACCOUNT, room_id(ACCOUNT, "!r"), BOT, (BOT, "Liaison"), lambda _: "", None, bool)
KINDS = (
    Ignored | Unreadable | MessagePosted | MessageEdited | MessageDeleted
    | Reacted | TopicChanged | Pinned | Moved
)  # fmt: skip

words = st.text(max_size=8)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
ids = st.sampled_from(["$1", "$2", ADA, BOT])
texts = st.sampled_from(["", "@room x", "<b>a</b>", "mxc://a.b/c", "a\x00\ud800b", "geo:1,2"])
info = st.fixed_dictionaries({}, optional=dict.fromkeys(("mimetype", "size", "w", "h"), anything))
file = st.fixed_dictionaries(
    {"url": texts, "iv": texts | anything, "key": st.fixed_dictionaries({"k": texts}) | anything},
    optional={"hashes": st.fixed_dictionaries({"sha256": texts}) | anything},
)
extensible = st.fixed_dictionaries(
    {},
    optional={
        "org.matrix.msc1767.text": texts | anything,
        "m.text": st.lists(st.fixed_dictionaries({"body": texts | anything}), max_size=2),
    },
)
poll = st.fixed_dictionaries({"question": extensible | anything, "answers": st.lists(extensible)})
relation = st.fixed_dictionaries(
    {},
    optional={
        "rel_type": st.sampled_from(["m.replace", "m.thread", "m.annotation"]) | anything,
        "event_id": ids | anything,
        "key": texts | anything,
        "m.in_reply_to": st.fixed_dictionaries({"event_id": ids | anything}) | anything,
    },
)
MESSAGES = ["m.text", "m.emote", "m.notice", "m.image", "m.file", "m.audio", "m.location"]
said: dict[str, st.SearchStrategy[Any]] = {
    "body": texts | anything,
    "msgtype": st.sampled_from(MESSAGES) | anything,
    "format": st.just("org.matrix.custom.html"),
    "formatted_body": texts | anything,
    "filename": texts | anything,
    "url": texts | anything,
    "file": file | anything,
    "info": info | anything,
    "geo_uri": texts | anything,
    "m.mentions": anything | st.just({"user_ids": [BOT], "room": True}),
    "m.relates_to": relation | anything,
    "org.liaison.delivery": anything,
    **dict.fromkeys(POLLS.values(), poll | anything),
}
contents = st.fixed_dictionaries(
    {},
    optional={
        **said,
        "m.new_content": st.fixed_dictionaries({}, optional=said) | anything,
        "redacts": ids | anything,
        "topic": texts | anything,
        "pinned": st.lists(ids) | anything,
        "membership": st.sampled_from(["join", "leave", "invite"]) | anything,
        "displayname": texts | anything,
    },
)
STATE = ["m.room.topic", "m.room.member", "m.room.pinned_events", "m.reaction", "m.room.redaction"]
events = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from([*sorted(TYPES), *STATE]) | anything,
        "event_id": ids | anything,
        "sender": ids | anything,
        "origin_server_ts": st.just(1_700_000_000_000) | anything,
        "content": contents | anything,
        "state_key": st.sampled_from(["", ADA]) | anything,
        "redacts": ids | anything,
        "unsigned": st.fixed_dictionaries({"prev_content": contents}) | anything,
    },
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # nested, not large
@given(events)
def test_whatever_comes_is_a_value(event: dict[str, Any]) -> None:
    for read in read_event(decode(json.dumps(event).encode()), PLACE):
        _is_sound(read)


@given(st.binary())
def test_whatever_bytes_come_are_a_value(raw: bytes) -> None:
    assert all(isinstance(read, KINDS) for read in read_event(decode(raw), PLACE))


def _is_sound(read: Event) -> None:
    """Every text in it can be stored, and every file be fetched."""
    assert isinstance(read, KINDS)
    repr(read).encode()
    if isinstance(read, MessagePosted | MessageEdited):
        assert "\x00" not in plain(read.body)
        plain(read.body).encode()
        assert all(read_handle(file.handle) for file in read.files or ())
        assert all(file.name and "/" not in file.name for file in read.files or ())
        assert read.body.blocks or read.files
