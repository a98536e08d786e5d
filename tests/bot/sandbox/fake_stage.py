"""A coalition in memory for the page's tests: whatever is said lands everywhere at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.sandbox.board import Attachment, Board, Button, Copy, Key, Line, Reaction, Way, taken_back
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
from bot.sandbox.server import NotSaid, Page
from bot.sandbox.sheets import Input, Sheet
from bot.sandbox.world import ROOMS, TITLE, name_of, room_of

START = datetime(2026, 11, 23, 14, 3, 22, tzinfo=UTC)


def form_for(person: str) -> Sheet:
    """A form with every kind of input."""
    inputs = (
        Input("words", "A label", "text", required=True),
        Input("level", "A level", "choice", False, (("low", "low"), ("high", "high"))),
        Input("group", "A group", "line", False),
        Input("loud", "Loudly", "switch", False, (("on", "Loudly"),)),
    )
    return Sheet("V1", person, "Mark", "Do it", inputs)


class FakeStage:
    """Plays the bot and all networks; `carry` is the state that copies end in."""

    title = TITLE

    def __init__(self) -> None:
        self.board = Board(ROOMS)
        self.said: list[tuple[str, str]] = []
        self.carry = "delivered"
        self.refuse = ""
        self.page: Page | None = None
        self._ways: dict[Key, Way] = {}
        self._count = 0

    async def do(self, person: str, deed: Deed) -> None:
        """Happen at once in every room, or raise NotSaid while `refuse` holds a reason."""
        if self.refuse:
            raise NotSaid(self.refuse)
        match deed:
            case Say(text) if text.startswith(("/", "!")):
                self.said.append((person, text))
                self._count += 1
                known = "TLP:AMBER x: known, confidence 70 to 90"
                told = known if "ioc" in text else "All rooms are up."
                await self.answer(room_of(person).key, person, told)
            case Say(text, answers):
                self.said.append((person, text))
                line = self._line(person, text)
                root = Key(line.key.room, answers) if answers else None
                await self._post(replace(line, answers=root))
            case Share(name, content):
                files = (Attachment(name, len(content)),)
                await self._post(replace(self._line(person, ""), files=files))
            case Edit(message, text):
                self._change(person, message, lambda line: replace(line, text=text, edited=True))
            case TakeBack(message):
                self._change(person, message, taken_back)
            case React(message, emoji):
                shown = (Reaction(emoji, (name_of(person),)),)
                self._change(person, message, lambda line: replace(line, reactions=shown))
            case Press(message, button):
                self.said.append((person, f"press {button}"))
                self.board.put(replace(self._own(person, message), buttons=()))
            case Choose(message, shortcut):
                self.said.append((person, f"choose {shortcut}"))
                self.board.show(form_for(person))
            case Fill(_, values):
                wrong = () if values.get("words") == "TLP:GREEN" else (("words", "No label."),)
                if wrong:
                    self.board.show(replace(form_for(person), errors=wrong))
                else:
                    self.said.append((person, "filled"))
                    self.board.close(person)
            case Close():
                self.board.close(person)
            case Unreact(message, _):
                self._change(person, message, lambda line: replace(line, reactions=()))

    async def say(self, person: str, text: str) -> None:
        """Somebody says something."""
        await self.do(person, Say(text))

    def _line(self, person: str, text: str) -> Line:
        return Line(self._key(room_of(person).key), name_of(person), self._now(), text)

    async def _post(self, line: Line) -> None:
        self.board.put(line)
        await self._carry(line)

    def _change(self, person: str, message: str, change: Callable[[Line], Line]) -> None:
        key = Key(room_of(person).key, message)
        origin = self._ways[key].origin or key
        for line in self.board.lines():
            if origin in (line.key, line.way.origin):
                self.board.put(change(line))

    def _there(self, key: Key | None, room: str) -> Key | None:
        """The same message in another room."""
        if key is None:
            return None
        origin = self._ways[key].origin or key
        same = (
            line.key for line in self.board.lines(room) if origin in (line.key, line.way.origin)
        )
        return next(same, None)

    def _own(self, person: str, message: str) -> Line:
        found = self.board.line(Key(room_of(person).key, message))
        assert found is not None
        return found

    async def answer(self, room: str, person: str, text: str, *buttons: Button) -> None:
        """A private answer of the bot."""
        line = Line(
            self._key(room), "Liaison", self._now(), text,
            by_bot=True, only_for=person, buttons=buttons,
        )  # fmt: skip
        self.board.put(line)

    async def finish(self) -> None:
        """Every copy that waits is delivered after all."""
        self.carry = "delivered"
        await self.carry_again()

    async def carry_again(self) -> None:
        """Every copy that is not delivered goes the way of `carry`."""
        for key, way in list(self._ways.items()):
            line = next(line for line in self.board.lines() if line.key == key)
            if any(copy.state != "delivered" for copy in way.copies):
                await self._carry(line)

    async def _carry(self, line: Line) -> None:
        key, copies = line.key, []
        for room in ROOMS:
            if room.key == key.room:
                continue
            there = self._key(room.key)
            delivery = f"d{key.message}{room.key}"
            landed = self.carry == "delivered"
            reason = "channel_not_found" if self.carry == "dead" else None
            copies.append(
                Copy(delivery, room.key, self.carry, there.message if landed else None, reason)
            )
            if landed:
                self._ways[there] = Way(seen=True, origin=key, arrival=delivery)
                answers = self._there(line.answers, room.key)
                said = self._now()
                self.board.put(replace(line, key=there, said=said, by_bot=True, answers=answers))
        self._ways[key] = Way(seen=True, copies=tuple(copies))
        self.board.settle(dict(self._ways))

    def _key(self, room: str) -> Key:
        self._count += 1
        return Key(room, f"m{self._count}")

    def _now(self) -> datetime:
        return START + timedelta(seconds=self._count)
