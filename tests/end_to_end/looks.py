"""Waiting until a room shows what it should, and saying what it shows instead."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.end_to_end.coalition import Coalition, until
from tests.end_to_end.seen import Seen, disagreements

LOOK = 0.1
"""Seconds between two looks at a room, each of which is a request to the homeserver."""
Holds = Callable[[Seen], bool]


async def agree(whole: Coalition, within: float) -> None:
    """Wait until all rooms show the same and nothing is under way; raises AssertionError."""

    async def done() -> bool:
        waiting = any(room.workspace.sockets()["pending"] for room in whole.rooms.values())
        return not (waiting or whole.store.open or disagreements(await whole.all_seen()))

    try:
        await until(done, within, LOOK)
    except TimeoutError:
        faults = disagreements(await whole.all_seen())
        open_rows = whole.store.rows(
            "SELECT room, kind, state, reason FROM outbox "
            "WHERE state NOT IN ('delivered', 'dead') ORDER BY seq LIMIT 5"
        )
        lost = [room.workspace.sockets() for room in whole.rooms.values()]
        words = [*faults[:20], str(lost), f"open: {open_rows}", whole.bot.last_lines()]
        raise AssertionError("\n".join(words)) from None


async def shown(
    whole: Coalition, room: str, text: str, holds: Holds = bool, within: float = 20.0
) -> Seen:
    """The one message of a room with this text, once it is as it should be."""

    async def found() -> list[Seen]:
        return [seen for seen in await whole.seen(room) if seen.text == text]

    async def there() -> bool:
        seen = await found()
        return len(seen) == 1 and holds(seen[0])

    try:
        await until(there, within, LOOK)
    except TimeoutError:
        here = [seen.text[:60] for seen in await whole.seen(room)]
        raise AssertionError(f"{text!r} in {room}: {await found()} of {here}") from None
    return (await found())[0]


async def written(whole: Coalition, room: str, holds: Holds) -> Seen:
    """The one message of a room for which this holds, once there is one."""

    async def there() -> bool:
        return any(seen.copied and holds(seen) for seen in await whole.seen(room))

    try:
        await until(there, 20.0, LOOK)
    except TimeoutError:
        said = [(seen.text[:80], seen.written[:300]) for seen in await whole.seen(room)]
        raise AssertionError(json.dumps(said, ensure_ascii=False)) from None
    (found,) = [seen for seen in await whole.seen(room) if seen.copied and holds(seen)]
    return found


def rooted(text: str) -> Holds:
    """Whether it stands in the thread of a message with this text."""
    return lambda seen: seen.root == text


async def gone(whole: Coalition, room: str, text: str) -> None:
    """Wait until a room shows no message with this text."""

    async def vanished() -> bool:
        return all(seen.text != text for seen in await whole.seen(room))

    await until(vanished, 20.0, LOOK)


def files_called(whole: Coalition, room: str, name: str) -> list[bytes]:
    """The content of each file of this name that a Slack room shows."""
    workspace, channel = whole.rooms[room].workspace, whole.rooms[room].channel
    messages = workspace.world.channels[channel].messages.values()
    files = [workspace.world.files.get(id_) for message in messages for id_ in message.files]
    return [file.content for file in files if file is not None and file.name == name]


async def file_shown(whole: Coalition, room: str, name: str, content: bytes) -> None:
    """Wait until a Slack room shows one file of this name, with this content."""
    await until(lambda: files_called(whole, room, name) == [content], 20.0, LOOK)
