"""Why something was not delivered is said in words wherever they are known."""

from __future__ import annotations

import pytest

from bot.delivery.outbox import QUIET
from bot.delivery.reasons import in_words, known
from bot.events import RoomId
from bot.platforms.registry import networks
from bot.words import words_for

SLACK, MATRIX = RoomId("slack:alpha/C1"), RoomId("matrix:x/!a:b")


@pytest.mark.parametrize(
    ("room", "code", "said"),
    [
        (SLACK, "is_archived", "the channel is archived"),
        (SLACK, "not_in_channel", "the bot is not in the channel"),
        (SLACK, "channel_not_found", "there is no such channel, or the bot cannot see it"),
        (SLACK, "msg_too_long", "it is too long"),
        (SLACK, "http_503", "the network's server failed"),
        (SLACK, "unknown; is_archived", "the channel is archived"),
        (SLACK, "throttled", "the network asked for a pause"),
        (MATRIX, "M_FORBIDDEN", "the bot is not in the room, or may not do that there"),
        (MATRIX, "too long", "it is too long"),
        (MATRIX, "HTTP 502", "the network's server failed"),
        (MATRIX, "is_archived", "its network says [is_archived]"),
        (RoomId("gone:x/r"), "strange", "its network says [strange]"),
    ],
)
def test_a_code_is_said_as_its_network_means_it(room: RoomId, code: str, said: str) -> None:
    assert in_words(words_for("en"), room, code) == said


@pytest.mark.parametrize("room", [SLACK, MATRIX])
def test_everything_that_is_known_is_known_in_french(room: RoomId) -> None:
    english, french = words_for("en"), words_for("fr")
    for code in (*networks()[room.partition(":")[0]].reasons, *QUIET):
        said = known(english, room, code)
        assert said is not None
        assert known(french, room, code) not in (None, said)
