"""A message of history as its room shows it now."""

from __future__ import annotations

from typing import Any

import pytest

from bot.events import Displayed, RoomId
from bot.platforms.slack.displayed import displayed
from bot.richtext import plain
from tests.bot.platforms.slack.said import EDITED, LOOKUPS, US, message

ROOM = RoomId("slack:alpha/C1")


def shown(**fields: Any) -> Displayed:
    return displayed(message(**fields), ROOM, US, LOOKUPS)


def reaction(name: Any, users: Any, count: Any) -> dict[str, Any]:
    return {"name": name, "users": users, "count": count}


def test_who_reacted_is_named_and_the_bot_left_out() -> None:
    found = shown(reactions=[reaction("+1", ["U1", "UBOT"], 2), reaction("tada", ["UBOT"], 1)])
    assert [(each.emoji, [who.name for who in each.by]) for each in found.reactions] == [
        ("👍", ["Ada"]),
        ("🎉", []),
    ]
    assert all(each.complete for each in found.reactions)


def test_a_list_that_is_cut_is_known_to_be() -> None:
    (found,) = shown(reactions=[reaction("+1", ["U1", "U2"], 300)]).reactions
    assert not found.complete


def test_words_that_are_not_the_first_are_an_edit() -> None:
    edit = shown(text="new", edited={"user": "U1", "ts": EDITED}).edit
    assert edit is not None
    assert (plain(edit.body), edit.version) == ("new", EDITED)
    assert shown().edit is None
    ours = shown(bot_id="BBOT", edited={"user": "UBOT", "ts": EDITED})
    assert ours.edit is None, "our own edits are none of people's"


def test_a_tombstone_stands_for_what_was_deleted() -> None:
    assert shown(subtype="tombstone", user="USLACKBOT").deleted
    assert not shown().deleted


@pytest.mark.parametrize(
    "reactions",
    [None, {}, "x", [None], [{}], [reaction(1, [], 1)], [reaction("+1", "U1", 1)],
     [reaction("+1", [None, {}, "U 1", 7], "x")], [reaction("+1", [[]], None)]],
)  # fmt: skip
def test_whatever_stands_there_nothing_fails(reactions: Any) -> None:
    assert all(not each.by for each in shown(reactions=reactions, edited=reactions).reactions)
