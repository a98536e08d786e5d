"""Slack's links to messages, and what its codes say."""

from __future__ import annotations

import pytest

from bot.events import MessageId
from bot.platforms.base import MessageLink
from bot.platforms.slack.links import read_link, room_link

LINK = MessageLink(MessageId("1772634600.000100"), "C01GEN")


@pytest.mark.parametrize(
    "text",
    [
        "https://alpha.slack.com/archives/C01GEN/p1772634600000100",
        "<https://alpha.slack.com/archives/C01GEN/p1772634600000100>",
        "<https://alpha.slack.com/archives/C01GEN/p1772634600000100?cid=C01GEN|a message>",
        "https://alpha.enterprise.slack.com/archives/C01GEN/p1772634600000100",
        "https://a.slack.com/archives/C01GEN/p1772634600000100?thread_ts=1772.1&cid=C01GEN",
    ],
)
def test_a_permalink_names_channel_and_message(text: str) -> None:
    assert read_link(text) == LINK


@pytest.mark.parametrize(
    "text",
    [
        "",
        "C01GEN",
        "1772634600.000100",
        "https://alpha.slack.com/archives/C01GEN",
        "https://alpha.slack.com/archives/C01GEN/p17726346000001000",
        "https://alpha.slack.com/files/U1/F1/p1772634600000100",
        "https://matrix.to/#/!a:b/$e",
    ],
)
def test_nothing_else_is_one(text: str) -> None:
    assert read_link(text) is None


def test_a_room_is_opened_by_its_id() -> None:
    assert room_link("C01GEN") == "https://slack.com/app_redirect?channel=C01GEN"
