"""The whole coalition: two Slack workspaces, a Matrix server, their people, and the bot between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot.sandbox import knowledge, settings_file, state
from bot.sandbox.board import Board
from bot.sandbox.child import Child
from bot.sandbox.deeds import Deed
from bot.sandbox.ledger import Ledger
from bot.sandbox.matrix_side import MatrixSide, sign_in
from bot.sandbox.postbox import postbox
from bot.sandbox.progress import Progress
from bot.sandbox.server import NotSaid
from bot.sandbox.settings_file import Homeserver, Workspace
from bot.sandbox.slack import SlackStandIn
from bot.sandbox.slack_side import SlackSide, follow_all
from bot.sandbox.synapse import Synapse
from bot.sandbox.world import ALPHA, BRAVO, COALITION, ROOMS, TITLE, room_of

SETTINGS = "liaison.toml"
LOG = "liaison.log"
LOOK_EVERY = 0.15
"""Seconds between looks at the bot's database."""


class Coalition:
    """Everything there is, from the moment it is made; people can speak once it is open."""

    def __init__(self, folder: Path) -> None:
        self.title = TITLE
        self.board = Board(ROOMS)
        self._folder = folder
        self._state = state.read(folder / "sandbox.json", [ALPHA.key, BRAVO.key])
        self._bot = Child(["run", "--config", str(folder / SETTINGS)], folder / LOG)
        self._slack: dict[str, SlackSide] = {}
        self._matrix: MatrixSide | None = None

    async def do(self, person: str, deed: Deed) -> None:
        """Do something as one of the people, in their room; raises NotSaid."""
        room = room_of(person)
        side = self._matrix if room is COALITION else self._slack.get(room.key)
        if side is None:
            raise NotSaid("The rooms are still being made: try again in a moment.")
        await side.do(person, deed)

    @asynccontextmanager
    async def opened(self, progress: Progress) -> AsyncIterator[asyncio.Task[None]]:
        """Make everything and start the bot; ended in the opposite order, the bot first.

        Yields what ends only when something is amiss (ChildEnded). Raises SynapseError and
        ChildEnded while it is being made.
        """
        async with AsyncExitStack() as stack:
            with progress.step("Slack stand-in: workspaces alpha and bravo"):
                workspaces = await self._open_slack(stack)
            with progress.step("Synapse: a Matrix homeserver"):
                synapse = await stack.enter_async_context(Synapse(self._folder / "synapse"))
            with progress.step("Matrix: people and their room"):
                homeserver = await self._open_matrix(stack, synapse)
            knowledge.write(self._folder)
            mail = await stack.enter_async_context(postbox(lambda each: progress.say(str(each))))
            settings_file.write(self._folder / SETTINGS, workspaces, homeserver, mail)
            rooms = [*(workspace.room for workspace in workspaces), homeserver.room]
            with progress.step("Liaison: one channel, three rooms"):
                stack.push_async_callback(self._bot.stop)
                await self._bot.start()
                assert self._matrix is not None
                await self._matrix.until_joined()
                await self._matrix.look()  # what was said in earlier runs
                for side in self._slack.values():
                    side.look()
            following = asyncio.create_task(self._follow(rooms))
            stack.push_async_callback(_cancel, following)
            yield following

    async def _open_slack(self, stack: AsyncExitStack) -> list[Workspace]:
        stand_in = await stack.enter_async_context(SlackStandIn())
        workspaces = []
        for room in (ALPHA, BRAVO):
            bot_token, app_token = self._state.tokens[room.key]
            made = stand_in.add_workspace(room.key, bot_token=bot_token, app_token=app_token)
            journal = self._folder / f"slack-{room.key}.jsonl"
            side = SlackSide(made, room, self.board, journal)
            self._slack[room.key] = side
            workspaces.append(
                Workspace(room.key, made.api_url, bot_token, app_token, side.channel, side.people)
            )
        return workspaces

    async def _open_matrix(self, stack: AsyncExitStack, synapse: Synapse) -> Homeserver:
        password = self._state.password
        bot = await synapse.register("liaison", password, displayname="Liaison")
        members = await sign_in(synapse, password)
        self._matrix = MatrixSide(synapse.url, members, bot.user_id, self.board)
        stack.push_async_callback(self._matrix.close)
        self._state.matrix_room = await self._matrix.open_room(self._state.matrix_room)
        state.write(self._folder / "sandbox.json", self._state)
        people = {key: member.user_id for key, member in members.items()}
        return Homeserver(synapse.url, bot.user_id, password, self._matrix.room, people)

    async def _follow(self, rooms: list[str]) -> None:
        """See what everybody sees, and where it has landed, until the bot ends."""
        assert self._matrix is not None
        keys = dict(zip(rooms, (ALPHA.key, BRAVO.key, COALITION.key), strict=True))
        work = [
            asyncio.create_task(one)
            for one in (
                follow_all(self._slack.values()),
                self._matrix.follow(),
                self._look_up(Ledger(self._folder / "liaison.db", keys)),
                self._bot.ended(),
            )
        ]
        try:
            done, _ = await asyncio.wait(work, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in work:
                await _cancel(task)

    async def _look_up(self, ledger: Ledger) -> None:
        try:
            while True:
                ways = await ledger.landed()
                if ways is not None:
                    self.board.settle(ways)
                await asyncio.sleep(LOOK_EVERY)
        finally:
            ledger.close()


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
