"""Which kind a payload is: by its form for what happens in rooms, through Bolt for the rest."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from bot.platforms.slack.bolt import Bolt
from bot.platforms.slack.dispatch import Dispatch

WHERE = {"team_id": "T1", "api_app_id": "A1", "event_id": "E1", "event_time": 1}
PAYLOADS: list[dict[str, Any]] = [
    {"type": "event_callback", "event": {"type": "message", "channel": "C1", "ts": "1"}, **WHERE},
    {"type": "event_callback", "event": {"type": "nobody knows it"}, **WHERE},
    {"type": "event_callback", "event": {"type": "message", "subtype": "channel_join"}, **WHERE},
    {"command": "/ioc", "text": "x", "channel_id": "C1", "user_id": "U1", "trigger_id": "1"},
    {"type": "block_actions", "actions": [{"action_id": "a", "type": "button"}], "user": {}},
    {"type": "message_action", "callback_id": "c", "user": {"id": "U1"}},
    {"type": "view_submission", "view": {"type": "modal", "callback_id": "c"}, "user": {}},
    {"type": "event_callback"},
    {"type": "event_callback", "event": {}},
    {"type": "nobody knows it"},
    {},
]


@pytest.mark.parametrize("payload", PAYLOADS, ids=str)
def test_a_payload_is_what_bolt_says_it_is(payload: dict[str, Any]) -> None:
    async def both() -> tuple[str | None, str | None]:
        return await Dispatch().kind_of(payload), await Bolt().kind_of(payload)

    ours, bolts = asyncio.run(both())
    assert ours == bolts


def test_bolt_is_loaded_for_what_people_press_and_type_and_not_before() -> None:
    program = (
        "import asyncio, sys\n"
        "from bot.platforms.slack.dispatch import Dispatch\n"
        "import bot.platforms.slack.connection\n"
        "dispatch = Dispatch()\n"
        "event = {'type': 'event_callback', 'event': {'type': 'message'}}\n"
        "assert asyncio.run(dispatch.kind_of(event)) == 'event'\n"
        "assert 'slack_bolt' not in sys.modules\n"
        "assert asyncio.run(dispatch.kind_of({'command': '/ioc'})) == 'command'\n"
        "assert 'slack_bolt' in sys.modules\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
