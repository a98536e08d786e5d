"""A Slack workspace of the sandbox: its people and its room, in the stand-in of this process."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import emoji as emojis
import msgspec

from bot.sandbox.board import Board, Key, Line, Room, taken_back
from bot.sandbox.deeds import (
    Choose,
    Close,
    Deed,
    Edit,
    Fill,
    Press,
    React,
    Say,
    Share,
    TakeBack,
    Unreact,
)
from bot.sandbox.server import NotSaid
from bot.sandbox.sheets import sheet_of, state_of
from bot.sandbox.slack import Workspace
from bot.sandbox.slack.stage import Ephemeral, Interaction
from bot.sandbox.slack.things import Message
from bot.sandbox.slack_lines import GONE, SPOKEN, buttons_of, line_of, moment, shown_text

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
        self._known: set[str] = set()
        self._kept: dict[str, bytes] = {}
        self._recall()
        self._whispered: set[Key] = set()
        self._errors: dict[str, dict[str, str]] = {}
        """What is wrong with a form that stands open."""

    @property
    def people(self) -> Mapping[str, str]:
        """Their ids, by their key."""
        return self._users

    async def do(self, person: str, deed: Deed) -> None:
        """Do something, or type a slash-command; raises NotSaid where Slack would show a fault."""
        user, room = self._users[person], self.channel
        match deed:
            case Say(text) if text.startswith("/"):
                await self._command(person, text)
            case Say(text, answers):
                self._workspace.say(room, user, text, answers)
            case Edit(message, text):
                self._workspace.edit(room, message, text)
            case TakeBack(message):
                self._workspace.delete(room, message)
            case React(message, emoji):
                self._workspace.react(room, message, user, _name_of(emoji))
            case Unreact(message, emoji):
                self._workspace.unreact(room, message, user, _name_of(emoji))
            case Share(name, content, mimetype):
                self._workspace.upload(room, user, name, content, mimetype=mimetype)
            case Press(message, button):
                ts, _, where = message.partition(" ")
                there = where if where in self._workspace.world.channels else room
                pressed = self._workspace.press(there, user, ts, button)
                await self._settled(pressed.id, "The button")
            case Choose(message, shortcut):
                chosen = self._workspace.shortcut(user, shortcut, room, message)
                await self._settled(chosen.id, "The shortcut")
            case Fill(form, values):
                await self._fill(person, form, values)
            case Close(form):
                self._workspace.close_view(user, form)
                self._board.close(person)

    async def _fill(self, person: str, form: str, values: dict[str, str]) -> None:
        """Send a form off; where the bot finds something wrong with it, it says so there."""
        view, user = self._workspace.world.views[form], self._users[person]
        deed = self._workspace.submit(user, form, state_of(view, values))
        answer = (await self._settled(deed.id, "The form")).answer or {}
        if answer.get("response_action") == "errors":
            self._errors[form] = answer.get("errors", {})
        self.look()

    async def _settled(self, deed: str, what: str) -> Interaction:
        settled = await self._workspace.settled(deed)
        if settled.state != "acknowledged":
            raise NotSaid(f"{what}: Slack says {settled.state}.")
        return settled

    async def _command(self, person: str, text: str) -> None:
        name, _, arguments = text.partition(" ")
        deed = self._workspace.command(self.channel, self._users[person], name, arguments)
        self._show_typed(person, text, deed.id)
        state = (await self._workspace.settled(deed.id)).state
        if state != "acknowledged":
            raise NotSaid(f"Slack says of {name}: {state}.")

    async def follow(self) -> None:
        """Put on the board what is seen in the room, for ever."""
        while True:
            self.look()
            with suppress(TimeoutError):
                # asked at once, and then after each change
                await self._workspace.until(partial(next, iter((False, True))), within=3600)

    def look(self) -> None:
        """Put on the board what is seen in the room now."""
        world = self._workspace.world
        messages = world.channels[self.channel].messages
        self._keep(messages.values())
        for message in messages.values():
            if message.subtype in SPOKEN:
                self._board.put(line_of(message, self._room.key, world))
        for line in self._board.lines(self._room.key):
            left = messages.get(line.key.message)
            if line.key.message in self._known and (left is None or left.subtype == GONE):
                self._board.put(taken_back(line))
        self._known |= messages.keys()
        whispers = {self._private(shown).key: shown for shown in self._workspace.whispers()}
        for key in self._whispered - whispers.keys():  # another took its place
            gone = self._board.line(key)
            if gone is not None:
                self._board.put(taken_back(gone))
        for key in whispers.keys() - self._whispered:
            self._board.put(self._private(whispers[key]))
        self._whispered = set(whispers)
        self._look_at_direct_messages()
        self._look_at_forms()

    def _look_at_direct_messages(self) -> None:
        """What the bot says to somebody beside the room is shown in it, to them alone."""
        world = self._workspace.world
        for user, person in self._people.items():
            direct = world.direct(self._workspace.app, user)
            for message in () if direct is None else direct.messages.values():
                if message.app and direct is not None:
                    key = Key(self._room.key, f"{message.ts} {direct.id}")
                    line = line_of(message, self._room.key, world)
                    self._board.put(replace(line, key=key, only_for=person, answers=None))

    def _look_at_forms(self) -> None:
        views = self._workspace.world.views
        open_ = {
            self._people[each.user]: each
            for each in views.values()
            if each.user in self._people and each.body.get("type") == "modal"
        }
        for person in self._users:
            if person in open_:
                view = open_[person]
                self._board.show(sheet_of(view, person, self._errors.get(view.id, {})))
            else:
                self._board.close(person)

    def _private(self, shown: Ephemeral) -> Line:
        return Line(
            key=Key(self._room.key, f"{shown.ts} {shown.user}"),
            author="Liaison",
            said=moment(shown.ts),
            text=shown_text(shown.text, shown.blocks),
            by_bot=True,
            only_for=self._people.get(shown.user),
            buttons=buttons_of(shown.blocks),
        )

    def _show_typed(self, person: str, text: str, deed: str) -> None:
        """A slash-command is no message: only the one who typed it remembers it."""
        name = next(someone.name for someone in self._room.people if someone.key == person)
        key = Key(self._room.key, f"command {deed}")
        self._board.put(Line(key, name, datetime.now(UTC), text, only_for=person))

    def _recall(self) -> None:
        """Bring back what was said in earlier runs."""
        channel = self._workspace.world.channels[self.channel]
        if self._journal.exists():
            for line in self._journal.read_bytes().splitlines():
                with suppress(msgspec.DecodeError):  # cut off by a crash
                    channel.add(_decode(line))
            self._write(channel.messages.values())
        if channel.timeline:
            second, _, step = channel.timeline[-1].partition(".")
            channel.last = (int(second), int(step))  # so that no two messages have one `ts`

    def _keep(self, messages: Collection[Message]) -> None:
        """Write down what is new; all of it where something was changed or taken back."""
        now = self._as_kept(messages)
        if not now.items() >= self._kept.items():
            self._write(messages)
            return
        with self._journal.open("ab") as journal:
            journal.writelines(line for ts, line in now.items() if ts not in self._kept)
        self._kept = now

    def _write(self, messages: Collection[Message]) -> None:
        self._kept = self._as_kept(messages)
        self._journal.write_bytes(b"".join(self._kept.values()))

    def _as_kept(self, messages: Collection[Message]) -> dict[str, bytes]:
        """Each message as its line; of its files only the names are kept."""
        files = self._workspace.world.files
        kept = {}
        for message in messages:
            names = "".join(f"\n(file: {files[file].name})" for file in message.files)
            lasting = replace(message, files=[], text=message.text + names) if names else message
            kept[message.ts] = _encode(lasting) + b"\n"
        return kept


def _name_of(emoji: str) -> str:
    """An emoji's name in Slack, as far as the aliases of the `emoji` package are those."""
    return emojis.demojize(emoji, language="alias").strip(":")


async def follow_all(sides: Iterable[SlackSide]) -> None:
    """Follow several workspaces, for ever."""
    async with asyncio.TaskGroup() as tasks:
        for side in sides:
            tasks.create_task(side.follow())
