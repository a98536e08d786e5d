"""All networks of a benchmark in one process beside the bot: they speak, and hold the stopwatch.

`python -m tests.benchmarks.far_side` says `{"url": …}` and then answers each line, a JSON object
with the word under `do`, by one line.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

from aiohttp import web

from tests.benchmarks import mixture
from tests.benchmarks.instant_files import InstantFiles
from tests.benchmarks.instant_matrix import InstantMatrix
from tests.benchmarks.instant_slack import InstantSlack
from tests.benchmarks.mixture import ROUND
from tests.benchmarks.places import Place, place
from tests.benchmarks.stopwatch import Stopwatch, text_of


class FarSide:
    """Two workspaces and a homeserver."""

    def __init__(self) -> None:
        self.watch = Stopwatch()
        self.url = ""
        self.slack = {
            name: InstantSlack(name, self.watch, lambda: self.url) for name in ("alpha", "bravo")
        }
        self.matrix = InstantMatrix(self.watch)
        self.networks: list[InstantSlack | InstantMatrix] = [*self.slack.values(), self.matrix]
        self.files = InstantFiles(self.watch, lambda: self.url)
        self._next = 0
        self._last: dict[Place, int] = {}

    async def say(
        self, rate: float, count: int, accounts: list[str], channels: int, *, mixed: bool = False
    ) -> Any:
        """Say `count` messages, `rate` a second, in turn in every room; wait for the copies.

        `mixed`: formatted, with edits and reactions among them.
        """
        self.watch.clear()
        sources: list[str] = []
        begun = time.perf_counter()
        used = time.process_time()
        for turn in range(count):
            pause = begun + turn / rate - time.perf_counter()
            if pause > 0:
                await asyncio.sleep(pause)
            account = accounts[turn % len(accounts)]
            sources.append(account)
            where = place(account, turn // len(accounts) % channels)
            if mixed:
                kind = ROUND[turn // len(accounts) // channels % len(ROUND)]
                await self._act(where, self._next + turn, kind)
            else:
                await self._say(where, self._next + turn)
        said = time.perf_counter()
        wanted = count * (len(accounts) - 1)
        whole = await self.watch.until(lambda: self.watch.arrived >= wanted, count / rate + 60)
        ended = time.perf_counter()
        first, self._next = self._next, self._next + count
        by_source: dict[str, list[float]] = {}
        for number, seconds in self.watch.took:
            if number >= first:
                by_source.setdefault(sources[number - first], []).append(seconds)
        return {
            "whole": whole,
            "landed": self.watch.arrived,
            "wanted": wanted,
            "said_in": said - begun,
            "backlog": ended - said,
            "took": by_source,
            "busy": (time.process_time() - used) / (ended - begun),
        }

    async def _say(self, where: Place, number: int) -> None:
        network = self.matrix if where.network == "matrix" else self.slack[where.account]
        await network.say(where.room, text_of(number), number)

    async def _act(self, where: Place, number: int, kind: str) -> None:
        about = self._last.get(where)
        if kind == "post" or about is None:
            self._last[where] = number
            kind, about = "post", number
        if kind == "react":
            self.watch.reacted(number, about)
        if where.network == "matrix":
            await self._act_in_matrix(where.room, number, kind, about)
        else:
            await self._act_in_slack(self.slack[where.account], where.room, number, kind, about)

    async def _act_in_matrix(self, room: str, number: int, kind: str, about: int) -> None:
        event = f"$said{about}"
        if kind == "post":
            await self.matrix.tell(room, mixture.content(number), number)
        elif kind == "edit":
            new = mixture.content(number)
            relation = {"rel_type": "m.replace", "event_id": event}
            edit = new | {"m.new_content": new, "m.relates_to": relation}
            await self.matrix.tell(room, edit, number, by=about)
        else:
            relation = {"rel_type": "m.annotation", "event_id": event, "key": mixture.EMOJI}
            reaction = {"m.relates_to": relation}
            await self.matrix.tell(room, reaction, number, kind="m.reaction")

    async def _act_in_slack(
        self, slack: InstantSlack, channel: str, number: int, kind: str, about: int
    ) -> None:
        new = {"text": text_of(number), "blocks": mixture.rich_text(number)}
        ts = slack.now()
        if kind == "post":
            message = slack.message(channel, text_of(number), number, blocks=new["blocks"])
            await slack.tell(message, number)
        elif kind == "edit":
            user, before = f"U{about % 50:03d}", slack.ts_of(about)
            old = {"type": "message", "user": user, "text": text_of(about), "ts": before}
            now = old | new | {"edited": {"user": user, "ts": ts}}
            place = {"type": "message", "subtype": "message_changed", "channel": channel}
            more = {"ts": ts, "event_ts": ts, "hidden": True, "channel_type": "channel"}
            told = {"message": now, "previous_message": old}
            await slack.tell(place | more | told, number)
        else:
            item = {"type": "message", "channel": channel, "ts": slack.ts_of(about)}
            who = {"user": f"U{number % 50:03d}", "item_user": f"U{about % 50:03d}"}
            reaction = {"type": "reaction_added", "reaction": mixture.EMOJI_NAME}
            await slack.tell(reaction | who | {"item": item, "event_ts": ts}, number)

    async def share(self, account: str, channel: int, size: int) -> Any:
        """Share a file in a room, and wait until its bytes are on the other network."""
        self.files.taken = 0
        where, number = place(account, channel), self._next
        self._next += 1
        begun = time.perf_counter()
        if where.network == "matrix":
            await self.matrix.tell(where.room, self.files.of_matrix(number, size), number)
        else:
            slack = self.slack[account]
            more = {"subtype": "file_share", "files": [self.files.of_slack(number, size)]}
            await slack.tell(slack.message(where.room, "", number, **more), number)
        whole = await self.watch.until(lambda: self.files.taken >= size, 120)
        return {"whole": whole, "seconds": time.perf_counter() - begun}

    async def connected(self, accounts: list[str]) -> bool:
        """Wait until each of these has somebody who listens."""
        return await self.watch.until(lambda: all(map(self._heard, accounts)), 30)

    def _heard(self, account: str) -> bool:
        if account == "coalition":
            return self.matrix.synced
        socket = self.slack[account].socket
        return socket is not None and not socket.closed

    async def miss(self, account: str, channel: int, count: int) -> bool:
        """Fill a room's history with what nobody heard."""
        self.watch.clear()
        texts = [text_of(number) for number in range(self._next, self._next + count)]
        self._next += count
        self.slack[account].miss(place(account, channel).room, texts)
        return True

    async def arrive(self, count: int, seconds: float) -> int:
        """Wait until so many copies have arrived since the last `miss`; how many have."""
        await self.watch.until(lambda: self.watch.arrived >= count, seconds)
        return self.watch.arrived

    async def calm(self, seconds: float) -> float:
        """Wait until nothing was asked for a second, at most so long; how long it took."""
        begun = time.perf_counter()
        while time.perf_counter() - begun < seconds:
            pause = self.watch.asked + 1 - time.perf_counter()
            if pause <= 0:
                break
            await asyncio.sleep(pause)
        return time.perf_counter() - begun

    async def echo(self, on: bool) -> bool:
        """Whether the app hears of its own messages."""
        for network in self.networks:
            network.echo = on
        return on


async def _serve() -> None:
    far = FarSide()
    app = web.Application()
    app.add_routes(far.files.routes())
    for network in far.networks:
        app.add_routes(network.routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    far.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    print(json.dumps({"url": far.url}), flush=True)
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    while line := await lines.readline():
        asked = json.loads(line)
        answer = await getattr(far, asked.pop("do"))(**asked)
        print(json.dumps(answer), flush=True)
    await asyncio.wait_for(runner.cleanup(), 5)


if __name__ == "__main__":
    asyncio.run(_serve())
