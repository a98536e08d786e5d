"""A workspace's own emoji: known by their pictures when its list is there, waited for by nobody."""

from __future__ import annotations

from typing import Any

import pytest

from bot.events import MessagePosted
from bot.platforms.slack.emoji_pictures import MOST, places_of
from bot.richtext import Emoji
from bot.richtext.walking import leaves
from tests.bot.platforms.slack.workplace import Place, becomes, place, reading, run

PARROT = "https://emoji.slack-edge.com/T1/parrot/0123.gif"


@pytest.mark.parametrize(
    ("listed", "known"),
    [
        ({"parrot": PARROT}, {"parrot": PARROT}),
        ({"p": "alias:parrot", "parrot": PARROT}, {"p": PARROT, "parrot": PARROT}),
        ({"a": "alias:b", "b": "alias:a"}, {}),
        ({"a": "alias:gone", "b": 5, "c": None, "d": "javascript:x", "e": "https://a.b/ x"}, {}),
        ({"thumbsup_all": "alias:+1"}, {}),
    ],
)
def test_a_list_is_read(listed: dict[str, Any], known: dict[str, str]) -> None:
    assert places_of(listed) == known


def test_a_list_without_end_is_cut() -> None:
    assert len(places_of({f"e{number}": PARROT for number in range(MOST + 5)})) == MOST


def pictures(at: Place) -> list[str]:
    said = [each.body for each in at.reader.of(MessagePosted)]
    return [leaf.picture for body in said for leaf in leaves(body) if isinstance(leaf, Emoji)]


def test_an_emoji_has_its_picture_once_the_list_is_there_and_when_it_changes() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            at.workspace.world.emoji["ours"] = PARROT
            at.say(":ours:", blocks=False)
            await reader.until(lambda: len(pictures(at)) == 1)
            assert pictures(at) == [""]
            emoji = at.platform._known.emoji
            await becomes(lambda: bool(emoji._places))
            at.say(":ours: :tada:", blocks=False)
            await reader.until(lambda: len(pictures(at)) == 3)
            assert pictures(at)[1:] == [f"slack:alpha picture {PARROT}", ""]
            at.workspace.world.emoji["other"] = PARROT
            emoji._next = 0.0
            emoji.note({"type": "event_callback", "event": {"type": "emoji_changed"}})
            at.say(":other:", blocks=False)
            await becomes(lambda: "other" in emoji._places)

    run(scenario())


def test_a_list_that_cannot_be_had_holds_nothing_up() -> None:
    async def scenario() -> None:
        async with place() as at, reading(at) as reader:
            await at.caught_up()
            at.workspace.fault("refuse", "emoji.list", error="missing_scope")
            at.say(":ours:", blocks=False)
            await reader.until(lambda: len(pictures(at)) == 1)
            emoji = at.platform._known.emoji
            await becomes(lambda: emoji._asking is not None and emoji._asking.done())
            assert emoji._stale

    run(scenario())
