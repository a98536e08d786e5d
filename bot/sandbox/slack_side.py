"""A Slack workspace of the sandbox: its people and its room, in the stand-in of this process."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from bot.sandbox.board import Board, Key, Line, Room
from bot.sandbox.server import NotSaid
from bot.sandbox.slack import Workspace
from bot.sandbox.slack.stage import Ephemeral
from bot.sandbox.slack.things import Message
from bot.sandbox.slack.typed import unescape

_SPOKEN = frozenset({"", "bot_message", "thread_broadcast", "me_message"})
"""The subtypes that are messages of people and apps, and not notes of Slack's own."""
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Message).decode


class SlackSide:
    """The people of one workspace: speaks for them, and puts what they see on the board.

    The stand-in forgets when it ends: the room's messages are kept in `journal`, a line each, and
    read back at the next start. Ids come out the same because all is made in the same order.
    """

    def __init__(self, workspace: Workspace, room: Room, board: Board, journal: Path) -> None:
        self._workspace = workspace
        self._room = room
        self._board = board
        self._journal = journal
        self._users = {person.key: workspace.person(person.name) for person in room.people}
        self._people = {user: key for key, user in self._users.items()}
        self.channel = workspace.room("ransomware", list(self._users.values()), private=True)
        self._kept = self._recall()
        self._seen = 0
        self._whispered = 0

    async def say(self, person: str, text: str) -> None:
        """Say something, or type a slash-command; raises NotSaid where Slack would show a fault."""
        user = self._users[person]
        if not text.startswith("/"):
            self._workspace.say(self.channel, user, text)
            return
        name, _, arguments = text.partition(" ")
        deed = self._workspace.command(self.channel, user, name, arguments)
        self._show_typed(person, text, deed.id)
        state = (await self._workspace.settled(deed.id)).state
        if state != "acknowledged":
            raise NotSaid(f"Slack says of {name}: {state}.")

    async def follow(self) -> None:
        """Put on the board what is seen in the room, for ever."""
        while True:
            self.look()
            with suppress(TimeoutError):
                await self._workspace.until(self._is_news, within=3600)

    def _is_news(self) -> bool:
        return self._state() != (self._seen, self._whispered)

    def _state(self) -> tuple[int, int]:
        return self._workspace.said(self.channel), len(self._workspace.whispers())

    def look(self) -> None:
        """Put on the board what is seen in the room now."""
        messages = list(self._workspace.world.channels[self.channel].messages.values())
        said, whispered = self._state()
        fresh = messages[len(messages) - (said - self._seen) :]
        self._keep(fresh[max(0, self._kept - self._seen) :])
        self._seen = self._kept = said
        for message in fresh:
            if message.subtype in _SPOKEN:
                self._board.put(self._line(message))
        for shown in self._workspace.whispers()[self._whispered :]:
            self._board.put(self._private(shown))
        self._whispered = whispered

    def _line(self, message: Message) -> Line:
        users = self._workspace.world.users
        return Line(
            key=Key(self._room.key, message.ts),
            author=message.username or users[message.user].real_name,
            said=_moment(message.ts),
            text=_shown(message.text, message.blocks),
            by_bot=bool(message.app),
        )

    def _private(self, shown: Ephemeral) -> Line:
        return Line(
            key=Key(self._room.key, f"{shown.ts} {shown.user}"),
            author="Liaison",
            said=_moment(shown.ts),
            text=_shown(shown.text, shown.blocks),
            by_bot=True,
            only_for=self._people.get(shown.user),
        )

    def _show_typed(self, person: str, text: str, deed: str) -> None:
        """A slash-command is no message: only the one who typed it remembers it."""
        name = next(someone.name for someone in self._room.people if someone.key == person)
        key = Key(self._room.key, f"command {deed}")
        self._board.put(Line(key, name, datetime.now(UTC), text, only_for=person))

    def _recall(self) -> int:
        """Bring back what was said in earlier runs; how many messages."""
        channel = self._workspace.world.channels[self.channel]
        if self._journal.exists():
            for line in self._journal.read_bytes().splitlines():
                with suppress(msgspec.DecodeError):  # cut off by a crash
                    channel.add(_decode(line))
            self._journal.write_bytes(b"")
            self._keep(channel.messages.values())
        if channel.timeline:
            second, _, step = channel.timeline[-1].partition(".")
            channel.last = (int(second), int(step))  # so that no two messages have one `ts`
        return channel.said

    def _keep(self, messages: Iterable[Message]) -> None:
        with self._journal.open("ab") as journal:
            journal.writelines(_encode(message) + b"\n" for message in messages)


def _moment(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)


def _shown(text: str, blocks: list[dict[str, Any]] | None) -> str:
    """What a Slack client shows: the blocks where there are some, else the text."""
    shown = "".join(_texts(blocks or []))
    return shown or unescape(text)


def _texts(elements: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for element in elements:
        text = element.get("text")
        if isinstance(text, Mapping):  # a section's text object
            text = unescape(str(text.get("text", "")))
        if isinstance(text, str):
            yield text
        elif "url" in element:
            yield str(element["url"])
        yield from _texts(element.get("elements", []))


async def follow_all(sides: Iterable[SlackSide]) -> None:
    """Follow several workspaces, for ever."""
    async with asyncio.TaskGroup() as tasks:
        for side in sides:
            tasks.create_task(side.follow())
