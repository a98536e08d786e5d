"""Numbers become links where the readers of a room may know what has them, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from bot.custody import numbering, posting
from bot.decisions import mentioning, proposals
from bot.decisions.ledger.writing import erase
from bot.delivery import advancing, outbox
from bot.delivery.advancing import Send
from bot.delivery.numbered import Numbered
from bot.delivery.rules import Rules
from bot.events import Content, MessageId, Outgoing, Post, RoomId
from bot.platforms.base import Capabilities
from bot.richtext import CodeBlock, Link, Paragraph, RichText, Style, Text, plain, say
from bot.sharing.marking import Label
from bot.store.tables import Message, Outbox
from bot.store.tables.decisions import Decision
from tests.bot.decisions.council import OPENED, SmallCouncil, council
from tests.custody import ROOMS
from tests.fake_platform import BARE

A, B, C = ROOMS
NUMBER = "RTF-2026-001"
LINKED = f"{NUMBER} (TLP:GREEN · Block 198.51.100.7 together at 18:00.)"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallCouncil]:
    with council(tmp_path) as found:
        yield found


def decided(small: SmallCouncil, rooms: tuple[RoomId, ...] = ROOMS) -> Decision:
    """A decision with a number, whose post stands in these rooms."""
    row = small.propose()
    small.land(OPENED, rooms)
    numbering.number(small.session, proposals.reference_of(small.session, row), OPENED)
    return row


def numbered(small: SmallCouncil, able: Capabilities = BARE) -> Numbered:
    return Numbered(
        small.custody(), {proposals.KIND: mentioning.known},
        lambda room, message: f"https://{room}/{message}", lambda _room: able,
    )  # fmt: skip


def shown(small: SmallCouncil, body: RichText, room: RoomId = B, **more: object) -> RichText:
    """What is handed over of what somebody says."""
    content = Post(body)
    row: Any = SimpleNamespace(
        **{"number": 1, "kind": "post", "room": room, "content": _encoded(content)} | more
    )
    found = numbered(small)(small.session, row, content)
    assert isinstance(found, Post)
    assert found.author == content.author
    return found.body


def _encoded(content: Content) -> bytes:
    return msgspec.json.encode(content)


def test_a_number_becomes_a_link_with_its_label_and_title(small: SmallCouncil) -> None:
    row = decided(small)
    body = shown(small, say("As said in RTF-2026-001, and rtf-2026-001."))
    message = posting.message_in(small.session, row.ref, "head", B)
    address = f"https://{B}/{message}"
    assert body == RichText(
        (
            Paragraph(
                (
                    Text("As said in "), Link(address, LINKED), Text(", and "),
                    Link(address, "rtf-2026-001"), Text("."),
                )
            ),
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["XRTF-2026-001x", "RTF-2026-0012", "RTF-2026-002", "RTF-26-001", "2026-001", "a-2026-03-04"],
)
def test_what_is_no_number_that_is_known_stays_as_it_was_typed(
    small: SmallCouncil, text: str
) -> None:
    decided(small)
    body = say(text)
    assert shown(small, body) is body


def test_what_is_not_in_a_room_or_may_not_be_is_nothing_there(small: SmallCouncil) -> None:
    decided(small, (A, B))
    body = say(NUMBER)
    assert LINKED in plain(shown(small, body, A))
    assert shown(small, body, C) is body
    small.alliance = replace(small.alliance, clearances={"b": Label.CLEAR})
    small.alliance.open()
    assert shown(small, body, B) is body
    assert LINKED in plain(shown(small, body, A))


def test_code_and_what_is_hidden_and_our_own_words_stay(small: SmallCouncil) -> None:
    decided(small)
    code = RichText(
        (
            CodeBlock(NUMBER),
            Paragraph((Text(NUMBER, Style.CODE), Text(NUMBER, Style.SPOILER),
                       Link("https://x.example", NUMBER))),
        )
    )  # fmt: skip
    assert shown(small, code) == code
    body = say(NUMBER)
    assert shown(small, body, number=None) is body


def test_what_was_redacted_has_no_title(small: SmallCouncil) -> None:
    row = decided(small)
    erase(small.session, proposals.reference_of(small.session, row), [1], "A law", OPENED)
    assert plain(shown(small, say(NUMBER))).startswith(f"{NUMBER} (TLP:GREEN)")


def test_what_would_be_too_long_stays_as_it_was_typed(small: SmallCouncil) -> None:
    decided(small)
    content = Post(say(NUMBER))
    row: Any = SimpleNamespace(number=1, kind="post", room=B, content=_encoded(content))
    short = replace(BARE, longest_text=20)
    assert numbered(small, short)(small.session, row, content) is content


def test_what_is_kept_is_what_was_typed(small: SmallCouncil) -> None:
    decided(small)
    session, later = small.session, OPENED + timedelta(minutes=1)
    session.execute(update(Outbox).values(state="delivered"))
    said = Message(
        room=A, message="m1", channel="c", author="fake:a/ben", said=OPENED, known="said",
        received=OPENED, label="TLP:GREEN",
    )  # fmt: skip
    session.add(said)
    session.flush()
    post = Post(say(f"See {NUMBER}."))
    outbox.put(session, [Outgoing(B, post, source=said.id)], later)
    kept = select(Outbox.content).where(Outbox.source == said.id)
    before = session.execute(kept).scalar()
    zero = timedelta(0)
    rules = Rules("", zero, zero, resend_privates=False, dress=numbered(small))
    step = advancing.advance(session, B, None, rules, later)
    assert isinstance(step, Send)
    assert isinstance(step.delivery.content, Post)
    assert LINKED in plain(step.delivery.content.body)
    assert session.execute(kept).scalar() == before == _encoded(post)


@given(st.text(max_size=80), st.sampled_from(["", NUMBER, " RTF-2026-777 "]), st.text(max_size=20))
def test_only_what_is_known_is_ever_touched(before: str, number: str, after: str) -> None:
    def nothing(*_: object) -> None:
        return None

    unknown = Numbered(nothing, {}, nothing, lambda _room: BARE)  # type: ignore[arg-type]
    body = say(f"{before}{number}{after}")
    content = Post(body)
    row: Any = SimpleNamespace(number=None, kind="post", room=B, content=_encoded(content))
    assert unknown(None, row, content) is content  # type: ignore[arg-type]


def test_networks_say_where_their_messages_lie() -> None:
    from bot.platforms.matrix import links as matrix
    from bot.platforms.slack import links as slack

    link = slack.permalink("https://alpha.slack.com/", "C01", MessageId("1700000000.000100"))
    assert link == "https://alpha.slack.com/archives/C01/p1700000000000100"
    assert slack.permalink("", "C01", MessageId("1700000000.000100")) is None
    assert slack.permalink("https://alpha.slack.com/", "C01", MessageId("odd")) is None
    link = matrix.permalink("!r:x.org", MessageId("$e/+v"), "x.org")
    assert link == "https://matrix.to/#/!r:x.org/$e%2F%2Bv?via=x.org"
    for read, made, message in (
        (slack.read_link, "https://alpha.slack.com/archives/C01/p1700000000000100",
         "1700000000.000100"),
        (matrix.read_link, link, "$e/+v"),
    ):  # fmt: skip
        found = read(made)
        assert found is not None
        assert found.message == message
