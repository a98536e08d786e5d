"""Two Slack workspaces and a Matrix room in one channel, the bot between them, and the count."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.sandbox.slack import Workspace
from bot.sandbox.synapse import Synapse
from tests.end_to_end import slack_side
from tests.end_to_end.bot_process import BotProcess, Ended, command
from tests.end_to_end.matrix_side import MatrixRoom, Member
from tests.end_to_end.passage import Passage
from tests.end_to_end.points import Ambush
from tests.end_to_end.seen import Seen, seen_in_matrix, seen_in_slack
from tests.end_to_end.slack_side import AmbushedSlack
from tests.end_to_end.store_view import StoreView
from tests.end_to_end.tally import Line, Shown, differences
from tests.stores import lay_empty

_LOOK = 0.02
"""Seconds between two looks at what has no event of its own."""
ADA, BEN = "Ada Lovelace", "Ben Åkesson"
CLO, DAN = "Cléo Martin", "Dan O'Neil"
EVE, FAY = "Eve 🦊", "Fay <b>Kim</b>"


@dataclass(frozen=True, slots=True)
class SlackRoom:
    """A room of a workspace and its people, by name."""

    workspace: Workspace
    channel: str
    people: dict[str, str]

    def say(self, person: str, text: str, thread: str | None = None) -> str:
        """Say something; the `ts`."""
        return self.workspace.say(self.channel, self.people[person], text, thread)


class Coalition:
    """All of it. Rooms are `alpha` and `bravo` in Slack, and `matrix`."""

    def __init__(
        self,
        bot: BotProcess,
        slack: AmbushedSlack,
        matrix: MatrixRoom,
        passage: Passage,
        ambush: Ambush,
        store: StoreView,
    ) -> None:
        self.bot = bot
        self.slack = slack
        self.matrix = matrix
        self.passage = passage
        self.ambush = ambush
        self.store = store
        self.rooms: dict[str, SlackRoom] = {}
        self.settings: dict[str, Any] = {}

    @property
    def alpha(self) -> SlackRoom:
        """The first Slack room."""
        return self.rooms["alpha"]

    @property
    def bravo(self) -> SlackRoom:
        """The second Slack room."""
        return self.rooms["bravo"]

    @property
    def people(self) -> dict[str, str]:
        """Each person's room."""
        found = {name: key for key, room in self.rooms.items() for name in room.people}
        return found | {member.name: "matrix" for member in self.matrix.members}

    def member(self, name: str) -> Member:
        """A person of the Matrix room."""
        return next(member for member in self.matrix.members if member.name == name)

    async def say(self, person: str, text: str, thread: str = "") -> str:
        """Say something as a person, wherever they are; the message's id."""
        room = self.people[person]
        if room == "matrix":
            return await self.matrix.say(self.member(person), text, thread=thread)
        return self.rooms[room].say(person, text, thread or None)

    async def command(self, *words: str) -> Ended:
        """Run another `liaison WORD…` beside the bot."""
        return await command(self.bot.config, *words)

    async def faults(self) -> list[str]:
        """Every difference between what was said and what is shown now."""
        said: dict[str, list[Line]] = {}
        views: list[Shown] = []
        for key, room in self.rooms.items():
            lines = slack_side.said_by_people(room.workspace, room.channel)
            said[key] = [line for _, line in lines]
            views.append(Shown(key, slack_side.shown_by_bot(room.workspace, room.channel)))
        said["matrix"] = [line for _, line in await self.matrix.said_by_people()]
        views.append(Shown("matrix", await self.matrix.shown_by_bot()))
        return differences(said, views, self.people)

    async def seen(self, room: str) -> list[Seen]:
        """What a room shows now, message by message."""
        if room == "matrix":
            return await seen_in_matrix(self.matrix)
        return seen_in_slack(self.rooms[room].workspace, self.rooms[room].channel)

    async def all_seen(self) -> dict[str, list[Seen]]:
        """What every room shows now."""
        return {room: await self.seen(room) for room in (*self.rooms, "matrix")}

    async def said(self) -> int:
        """How many messages people have said."""
        rooms = self.rooms.values()
        spoken = sum(len(slack_side.said_by_people(r.workspace, r.channel)) for r in rooms)
        return spoken + len(await self.matrix.said_by_people())

    async def settled(self, within: float = 45.0) -> None:
        """Return when everything that was said is taken in and nothing is under way.

        After that nothing more is sent, so that what is there then can be counted.
        """
        said = await self.said()

        def done() -> bool:
            return self.store.messages >= said and self.store.open == 0

        try:
            await until(done, within)
        except TimeoutError:
            open_rows = self.store.rows(
                "SELECT room, state, reason, attempts, not_before FROM outbox "
                "WHERE state NOT IN ('delivered', 'dead') ORDER BY seq LIMIT 5"
            )
            taken = f"{self.store.messages} of {said} taken in, open: {open_rows}"
            words = [taken, *await self.faults(), self.bot.last_lines()]
            raise AssertionError("\n".join(words)) from None

    async def all_landed(self, within: float = 45.0) -> None:
        """Wait until all is settled, and count: each message once, in order, in every room."""
        await self.settled(within)
        if faults := await self.faults():
            raise AssertionError("\n".join([*faults, self.bot.last_lines()]))

    def write_settings(self) -> None:
        """Write `settings` as the bot's configuration file."""
        self.bot.config.write_text(toml(self.settings), encoding="utf-8")


@asynccontextmanager
async def coalition(
    folder: Path, synapse: Synapse, *, timeout: str = "1s", seed: int = 0
) -> AsyncIterator[Coalition]:
    """A fresh coalition with a bot that is not yet started; nothing of it is left behind."""
    bot = BotProcess(folder / "liaison.toml")
    store = StoreView(folder / "liaison.db")
    ambush = Ambush(bot)
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(AmbushedSlack(ambush, store))
        passage = await stack.enter_async_context(Passage(synapse.url, ambush, store, seed))
        password = secrets.token_hex(8)
        account = await synapse.register(_fresh("liaison"), password, displayname="Liaison")
        members = []
        for name in (EVE, FAY):
            person = await synapse.register(_fresh("person"), password, displayname=name)
            members.append(Member(name, person.user_id, person.access_token))
        room = MatrixRoom(synapse.url, members, account.user_id)
        await stack.enter_async_context(room)
        await room.make()
        await room.join(Member("Liaison", account.user_id, account.access_token), room.room)
        whole = Coalition(bot, slack, room, passage, ambush, store)
        for name, people in (("alpha", (ADA, BEN)), ("bravo", (CLO, DAN))):
            whole.rooms[name] = _slack_room(slack, name, people)
        lay_empty(store.file)
        whole.settings = _settings(whole, passage.url, password, timeout)
        whole.write_settings()
        stack.push_async_callback(_end, bot)
        yield whole
        alarms = "SELECT room, message, version FROM inbox WHERE kind = 'alarm'"
        raised = store.rows(alarms)
        assert not raised, f"false alarms: {raised}"


async def until(
    condition: Callable[[], bool] | Callable[[], Awaitable[bool]],
    within: float = 45.0,
    every: float = _LOOK,
) -> None:
    """Return when a condition holds that nothing tells us of; raises TimeoutError.

    `every`: seconds between two looks, more where a look is work for a server.
    """
    end = time.monotonic() + within
    while True:
        found = condition()
        if found if isinstance(found, bool) else await found:
            return
        if time.monotonic() > end:
            raise TimeoutError
        await asyncio.sleep(every)


def toml(tables: dict[str, Any]) -> str:
    """Tables of strings, lists and inline tables as TOML."""
    parts = []
    for heading, values in tables.items():
        parts.append(f"[{heading}]")
        # a JSON string or array of strings is one in TOML too
        parts += [f"{key} = {json.dumps(value)}" for key, value in values.items()]
    return "\n".join(parts) + "\n"


async def _end(bot: BotProcess) -> None:
    if bot.running:
        await bot.kill()


def _fresh(name: str) -> str:
    return f"{name}-{secrets.token_hex(4)}"


def _slack_room(slack: AmbushedSlack, name: str, people: tuple[str, ...]) -> SlackRoom:
    workspace = slack.add_workspace(name)
    ids = {person: workspace.person(person) for person in people}
    return SlackRoom(workspace, workspace.room("ransomware", list(ids.values())), ids)


def _settings(
    whole: Coalition, homeserver: str, password: str, timeout: str
) -> dict[str, dict[str, Any]]:
    rooms = [f"slack:{key}/{room.channel}" for key, room in whole.rooms.items()]
    slack = {
        f"slack.{key}": {
            "bot_token": room.workspace.app.bot_token,
            "app_token": room.workspace.app.app_token,
            "api_url": room.workspace.api_url,
        }
        for key, room in whole.rooms.items()
    }
    return {
        "liaison": {"language": "en", "log": "debug"},
        "network": {"timeout": timeout},
        "store": {"url": "sqlite:///liaison.db"},
        **slack,
        "matrix.coalition": {
            "homeserver": homeserver,
            "user_id": whole.matrix.bot,
            "password": password,
        },
        "channels.ransomware": {
            "rooms": [*rooms, f"matrix:coalition/{whole.matrix.room}"],
        },
    }
