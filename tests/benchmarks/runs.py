"""The runs: each starts what it needs, measures from outside, and gives figures."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import nio  # type: ignore[import-untyped]  # it brings no types

from bot.sandbox.synapse import Synapse, synapse_is_installed
from tests.benchmarks import audience, bridge
from tests.benchmarks.advising import advising
from tests.benchmarks.advisory_feeds import advisory_feeds
from tests.benchmarks.asking import asking
from tests.benchmarks.auditing import audit
from tests.benchmarks.deciding import deciding
from tests.benchmarks.feeds import feeds
from tests.benchmarks.finding import finding
from tests.benchmarks.gate import gate
from tests.benchmarks.imports import large
from tests.benchmarks.indicators import indicators
from tests.benchmarks.measures import spread
from tests.benchmarks.observables import observables
from tests.benchmarks.places import THREE, TWO, settled, write_settings
from tests.benchmarks.processes import bot, far_side, without_bot
from tests.benchmarks.report import Figure
from tests.benchmarks.scheduling import scheduling
from tests.benchmarks.stix import stix
from tests.benchmarks.trials import (
    WARM,
    WAYS,
    Size,
    at_rest,
    folder_for_it,
    in_words,
    own_figure,
    say,
)


def own_time(size: Size) -> list[Figure]:
    """The bot's own time at 20 messages a second; start and memory on the way."""
    with far_side() as far, folder_for_it() as folder:
        with without_bot(far.url, 10):
            far("connected", accounts=list(TWO))
            direct = at_rest(far, size.at_rest)
        settings = write_settings(folder, far.url, TWO, 10)
        with bot(settings) as first:
            far("connected", accounts=list(TWO))
            made = f"{first.ready:.2f} s and {first.memory:.0f} MB when it first makes its store"
        with bot(settled(settings)) as running:
            ready, memory = running.ready, running.memory
            far("connected", accounts=list(TWO))
            ours = at_rest(far, size.at_rest)
            later = running.memory
    figures = [own_figure(WAYS[account], ours[account], direct[account]) for account in TWO]
    return [
        *figures,
        Figure(
            "`ready:` after the start of the process", "2.5 s", f"{ready:.2f} s", made,
            "Wall clock from the start of `liaison run` to the line, on a store of today's "
            "schema; the networks answer at once.", ready <= 2.5,
        ),
        Figure(
            "Resident memory after the start", "120 MB", f"{memory:.0f} MB",
            f"{later:.0f} MB after {size.at_rest} messages",
            "Resident set of the process when it said `ready:`, both networks loaded; some 5 MB "
            "are libraries of the tests, which structlog loads where they are installed.",
            memory <= 120,
        ),
    ]  # fmt: skip


def throughput(size: Size) -> list[Figure]:
    """Many messages a second through inbox and outbox, and what the memory does meanwhile."""
    with (
        far_side() as far,
        folder_for_it() as folder,
        bot(settled(write_settings(folder, far.url, THREE, 7))) as running,
    ):
        far("connected", accounts=list(THREE))
        say(far, 20, WARM, THREE, 7)
        memory = {0: running.memory}
        used, begun = running.seconds, time.perf_counter()
        done = size.seconds * 300
        outcome = say(far, 300, done, THREE, 7)
        used, took = running.seconds - used, time.perf_counter() - begun
        memory[done] = running.memory
        reached = done / (outcome["said_in"] + outcome["backlog"])
        whole = outcome["whole"]
        for mark in size.marks:
            if mark > done and whole:
                whole = say(far, min(300, reached * 0.9), mark - done, THREE, 7)["whole"]
                done, memory[mark] = mark, running.memory
    each = spread([seconds for way in outcome["took"].values() for seconds in way])
    first, last = memory[size.marks[0]], memory[done]
    shown = ", ".join(f"{held:.0f} MB after {count:,}" for count, held in memory.items())
    return [
        Figure(
            f"300 messages a second for {size.seconds} s, 21 rooms, two targets each",
            "backlog at the end 1 s",
            f"backlog {outcome['backlog']:.1f} s ({reached:.0f} messages a second carried)",
            f"{in_words(each)} from socket to socket; {used / size.marks[0] * 1000:.1f} ms of "
            f"processor a message, {used / took:.0%} of one core; "
            f"the far side {outcome['busy']:.0%}",
            "Two Slack workspaces and one homeserver, in each channel a room of each; the bot "
            "also hears all of its own messages, as real networks tell it. Backlog: from the "
            "last word said until the last copy has arrived.",
            outcome["backlog"] <= 1 and outcome["whole"],
        ),
        Figure(
            f"Memory over {done:,} messages", "flat", shown, "",
            "Resident set of that same process; flat: less than 10 % more at the last mark than "
            "at the first.", whole and done == size.marks[-1] and last <= first * 1.1,
        ),
    ]  # fmt: skip


def engine(size: Size) -> list[Figure]:
    """Inlet, handler, store and lanes alone."""
    words = [sys.executable, "-m", "tests.benchmarks.engine"]
    outcomes = []
    for rate in (300, 1_000_000):
        count = 300 * min(size.seconds, 20)
        asked = [*words, "--rate", str(rate), "--messages", str(count)]
        ended = subprocess.run(asked, capture_output=True, text=True, timeout=300, check=True)
        outcomes.append(json.loads(ended.stdout))
    paced, flat_out = outcomes
    return [
        Figure(
            "The engine alone, without networks",
            "",
            f"{flat_out['rate']:.0f} messages a second at most; at 300 a second "
            f"p50 {paced['spread']['p50']:.1f} ms, p99 {paced['spread']['p99']:.1f} ms and "
            f"{paced['processor']:.0%} of one core",
            "",
            "Inlet, handler, SQLite and lanes in one process with networks that are queues: what "
            "is left for Slack's and Matrix's clients.",
        )
    ]


def catch_up(size: Size) -> list[Figure]:
    """Many missed messages in one room."""
    with far_side() as far, folder_for_it() as folder:
        settings = write_settings(folder, far.url, TWO, 10)
        with bot(settings):
            far("connected", accounts=list(TWO))
            say(far, 20, WARM, TWO, 10)
        far("miss", account="alpha", channel=0, count=size.missed)
        with bot(settings) as running:
            begun, before = time.perf_counter(), running.memory
            landed = far("arrive", count=size.missed, seconds=max(60, size.missed / 20))
            took, most = time.perf_counter() - begun, running.peak
    grown = most - before
    return [
        Figure(
            f"{size.missed:,} missed messages caught up",
            "not held in memory",
            f"{landed:,} in {took:.0f} s; peak {grown:.0f} MB above the {before:.0f} MB at start",
            "",
            "Said in one Slack room while the bot was away, read from its history in pages of "
            "200; the highest resident set (`VmHWM`) less that at `ready:`. Held: more than 25 MB.",
            landed >= size.missed and grown <= 25,
        )
    ]


def many_rooms(size: Size) -> list[Figure]:
    """Configured rooms that are silent cost nothing."""
    found = {}
    for channels in (50, size.rooms // 2):
        with far_side() as far, folder_for_it() as folder:
            settings = write_settings(folder, far.url, TWO, channels)
            with bot(settings):
                far("connected", accounts=list(TWO))
                far("calm", seconds=120)
            with bot(settled(settings)) as running:
                far("connected", accounts=list(TWO))
                looked = far("calm", seconds=120)
                ours = at_rest(far, size.at_rest // 2, 50)
                every = [ours[account] for account in TWO]
                p50 = sum(each.p50 for each in every) / len(every)
                found[channels] = (running.ready, running.memory, p50)
    (few_ready, few_memory, few_p50), (ready, memory, p50) = found.values()
    return [
        Figure(
            f"{size.rooms:,} rooms configured, 100 active",
            "what 100 cost",
            f"ready {ready:.2f} s, {memory:.0f} MB, p50 {p50:.1f} ms",
            f"100 rooms: ready {few_ready:.2f} s, {few_memory:.0f} MB, p50 {few_p50:.1f} ms",
            "The same messages in the same 100 rooms, once the history of every room had been "
            f"looked at for what was missed ({looked:.0f} s after the start); p50 from socket to "
            "socket, not less the direct way. As much: within 10 % of memory and p50, half a "
            "second of start.",
            memory <= few_memory * 1.1 and p50 <= few_p50 * 1.1 and ready <= few_ready + 0.5,
        )
    ]


def synapse(size: Size) -> list[Figure]:
    """A direct send through a real homeserver, for the record."""
    if not synapse_is_installed():
        return []
    with folder_for_it() as folder:
        took = asyncio.run(_through_synapse(folder, min(size.at_rest, 200)))
    return [
        Figure(
            "A direct send through real Synapse, for the record", "", in_words(spread(took)), "",
            "nio's `room_send` until another client's sync has it; no bot. What people wait for "
            "in Matrix is this and the bot's own time.",
        )
    ]  # fmt: skip


async def _through_synapse(folder: Path, count: int) -> list[float]:
    took: list[float] = []
    async with Synapse(folder / "synapse") as server:
        clients = []
        for name in ("ada", "ines"):
            await server.register(name, "a long enough password")
            client = nio.AsyncClient(server.url, f"@{name}:{server.server_name}")
            await client.login("a long enough password")
            clients.append(client)
        ada, ines = clients
        room = (await ada.room_create(invite=[ines.user_id])).room_id
        await ines.join(room)
        since = (await ines.sync(timeout=0)).next_batch
        for number in range(count):
            begun = time.perf_counter()
            content = {"msgtype": "m.text", "body": f"number {number}"}
            sending = asyncio.create_task(ada.room_send(room, "m.room.message", content))
            since = await _until_heard(ines, room, f"number {number}", since)
            took.append(time.perf_counter() - begun)
            await sending
        for client in clients:
            await client.close()
    return took


async def _until_heard(client: Any, room: str, text: str, since: str) -> str:
    deadline = time.perf_counter() + 30
    while time.perf_counter() < deadline:
        answer = await client.sync(timeout=5000, since=since)
        since = str(answer.next_batch)
        joined = answer.rooms.join.get(room)
        if joined and any(getattr(each, "body", "") == text for each in joined.timeline.events):
            return since
    raise TimeoutError


RUNS = {
    "own": own_time,
    "bridge": bridge.own_time,
    "busy": bridge.throughput,
    "audience": audience.audience,
    "gate": gate,
    "observables": observables,
    "indicators": indicators,
    "large": large,
    "feeds": feeds,
    "asking": asking,
    "files": bridge.files,
    "markup": bridge.markup,
    "engine": engine,
    "audit": audit,
    "times": scheduling,
    "advisories": advising,
    "decisions": deciding,
    "finding": finding,
    "stix": stix,
    "advisory-feeds": advisory_feeds,
    "throughput": throughput,
    "catch-up": catch_up,
    "rooms": many_rooms,
    "synapse": synapse,
}
