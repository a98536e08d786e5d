"""conversations.history and conversations.replies."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.methods.call import Call, Chapter, cursor_position
from bot.sandbox.slack.shapes import placed_json
from bot.sandbox.slack.things import Channel, Json

METHODS = Chapter()
FIRST_PAGE = 100
MOST = 999
"""https://docs.slack.dev/reference/methods/conversations.history"""


@METHODS.method("conversations.history")
def history(call: Call) -> Json:
    """What was said in the channel, newest first; replies are not among it."""
    channel = _readable(call)
    low, high = _bounds(call, channel.timeline)
    limit = call.number("limit", FIRST_PAGE, MOST)
    cursor = call.text("cursor")
    if cursor:
        high = min(high, bisect_left(channel.timeline, _stamp(cursor)))
    # Like Slack: with `oldest` alone the page is still the newest end of the span.
    start = max(low, high - limit)
    stamps = channel.timeline[start:high]
    more = start > low
    out = _answer(call, channel, stamps[::-1], more=more)
    if more:
        out["response_metadata"] = {"next_cursor": f"next_ts:{stamps[0]}"}
    return out | {"pin_count": len(channel.pins)}


@METHODS.method("conversations.replies")
def replies(call: Call) -> Json:
    """A thread, oldest first, its parent before all."""
    channel = _readable(call)
    root = channel.messages.get(call.required("ts"))
    if root is None:
        raise SlackError("thread_not_found")
    thread = channel.threads.get(root.thread_ts or root.ts, [])
    low, high = _bounds(call, thread)
    start = max(low, cursor_position(call))
    end = min(high, start + call.number("limit", 1000, MOST))
    first = [root.thread_ts or root.ts] if not call.text("cursor") else []
    stamps = [ts for ts in first if ts in channel.messages] + thread[start:end]
    out = _answer(call, channel, stamps, more=end < high)
    if end < high:
        out["response_metadata"] = {"next_cursor": f"p{end}"}
    return out


def _readable(call: Call) -> Channel:
    channel = call.channel()
    call.need(f"{channel.kind}:history")
    if call.app.user not in channel.members:
        raise SlackError("not_in_channel")
    return channel


def _bounds(call: Call, stamps: list[str]) -> tuple[int, int]:
    """The slice between `oldest` and `latest`; both ends only with `inclusive`."""
    oldest, latest = _stamp_of(call, "oldest"), _stamp_of(call, "latest")
    if call.flag("inclusive"):
        low = bisect_left(stamps, oldest) if oldest else 0
        return low, bisect_right(stamps, latest) if latest else len(stamps)
    low = bisect_right(stamps, oldest) if oldest else 0
    return low, bisect_left(stamps, latest) if latest else len(stamps)


def _stamp_of(call: Call, name: str) -> str:
    """A `ts` argument in the form in which stamps are compared, "" where there is none."""
    value = call.text(name)
    if not value or value == "0":
        return ""
    second, _, fraction = value.partition(".")
    if not second.isdecimal() or (fraction and not fraction.isdecimal()):
        raise SlackError(f"invalid_ts_{name}")
    return f"{int(second):010d}.{fraction[:6]:0<6}"


def _stamp(cursor: str) -> str:
    if not cursor.startswith("next_ts:"):
        raise SlackError("invalid_cursor")
    return cursor.removeprefix("next_ts:")


def _answer(call: Call, channel: Channel, stamps: list[str], *, more: bool) -> Json:
    metadata = call.flag("include_all_metadata") and "metadata.message:read" in call.app.scopes
    out: Json = {"has_more": more}
    found: list[Any] = [
        placed_json(call.world, channel, channel.messages[ts], metadata=metadata) for ts in stamps
    ]
    return out | {"messages": found}
