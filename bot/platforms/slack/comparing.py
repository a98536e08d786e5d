"""What a room shows of messages that were handed out before: pieces for `bot.platforms.gaps`.

Slack tells of edits, deletions, reactions and answers while they happen, and never again. So the
newest page of a room is read whenever the room is, further pages and the threads in which lately
something was said one after the other: each as a stretch that is compared inside.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.errors import Refused
from bot.events import Arrival, MessageId, RoomId, StretchRead, local
from bot.platforms.base import CatchUp, Memory, Recollection
from bot.platforms.past import start_of
from bot.platforms.slack.history import History, position
from bot.platforms.slack.past import Message, PastReader, ts_of
from bot.platforms.slack.reading import Reading

THREADS = 20
"""Threads of a room that are read in one round: those that were not for the longest time."""


@dataclass(slots=True)
class _Plan:
    """What is left to be compared in a room."""

    since: str
    """Pages are read back to this, as far as the limit goes."""
    oldest: str
    """The limit: nothing before this."""
    latest: str | None = None
    """The next older page ends with this, None where no more are wanted."""
    left: int = 0
    """Messages that may still be read of older pages."""
    until: str = ""
    """The newest message that stands in the room."""
    newest: bool = True
    """The newest page is to be read first."""
    known: Mapping[MessageId, MessageId] = field(default_factory=dict)
    """Threads and the newest answer that we know in each."""
    threads: deque[str] = field(default_factory=deque)


class Comparing:
    """A `bot.platforms.past.Comparison` on Slack."""

    def __init__(
        self,
        past: PastReader,
        history: History,
        reading: Reading,
        memory: Memory,
        recollection: Recollection,
        limits: Mapping[RoomId, CatchUp],
    ) -> None:
        self._past = past
        self._history = history
        self._reading = reading
        self._memory = memory
        self._recollection = recollection
        self._limits = limits
        self._plans: dict[RoomId, _Plan] = {}
        self._read_at: dict[tuple[RoomId, str], float] = {}
        """When each thread was last read."""

    async def plan(self, room: RoomId, since: str, *, missed: bool) -> None:
        """Begin a room anew; where nothing was missed, what an earlier plan left is done too."""
        limit = self._limits.get(room, CatchUp())
        oldest = position(time.time() - limit.age.total_seconds())
        oldest = max(oldest, await self._memory.recall(start_of(room)) or "")
        known = await self._recollection.threads(room, MessageId(oldest))
        back_to = oldest if missed else max(since, oldest)
        plan = _Plan(back_to, oldest, left=limit.messages, known=known)
        plan.threads.extend(self._longest_unread(room, known))
        earlier = self._plans.get(room)
        if not missed and earlier is not None and earlier.latest is not None:
            plan.since, plan.latest, plan.left = earlier.since, earlier.latest, earlier.left
        self._plans[room] = plan

    def is_unfinished(self, room: RoomId) -> bool:
        """Whether there are pieces left."""
        plan = self._plans.get(room)
        return plan is not None and bool(plan.newest or plan.threads or plan.latest)

    async def piece(self, room: RoomId) -> AsyncGenerator[Arrival, None]:
        """The newest page, then a thread each, then an older page each."""
        plan = self._plans.get(room)
        if plan is None:
            return
        if plan.newest or not plan.threads:
            if plan.newest or plan.latest:
                for arrival in await self._page(room, plan):
                    yield arrival
            return
        root = plan.threads[0]
        for arrival in await self._thread(room, root, plan):
            yield arrival
        self._read_at[room, root] = time.monotonic()
        plan.threads.popleft()

    async def _page(self, room: RoomId, plan: _Plan) -> list[Arrival]:
        newest = plan.newest
        latest = None if newest else plan.latest
        try:
            page = self._history.newest_page(room) if newest else None
            messages, more = page or await self._past.page(local(room), latest)
        except Refused:
            self._plans.pop(room, None)
            raise
        plan.newest = False
        if not messages:
            plan.latest = None
            return []
        if newest:
            plan.until = ts_of(messages[-1])
        if not newest or plan.latest is None:
            plan.left -= len(messages)
            beyond = not more or ts_of(messages[0]) <= plan.since or plan.left <= 0
            plan.latest = None if beyond else ts_of(messages[0])
        plan.threads.extend(
            root for root in _unknown_answers(messages, plan) if root not in plan.threads
        )
        return [await self._stretch(room, ts_of(messages[0]), ts_of(messages[-1]), messages)]

    async def _thread(self, room: RoomId, root: str, plan: _Plan) -> list[Arrival]:
        """Its root, the answers that are not known yet, and all of it as a stretch."""
        messages = await self._past.thread(local(room), root, plan.oldest)
        after = plan.known.get(MessageId(root), plan.oldest)
        new = [MessageId(ts) for ts in map(ts_of, messages) if ts > max(after, root)]
        unseen = await self._recollection.unseen(room, new)
        found = [
            Arrival(await self._reading.said_in_history(each, room), live=False)
            for each in messages
            if ts_of(each) in unseen
        ]
        if messages and ts_of(messages[0]) == root <= plan.oldest:
            # what lies between so old a root and the answers was not read
            found.append(await self._stretch(room, root, root, messages[:1]))
            del messages[0]
        since, until = max(root, plan.oldest), plan.until
        messages = [message for message in messages if ts_of(message) <= until]
        found.append(await self._stretch(room, since, until, messages, root))
        return found

    async def _stretch(
        self,
        room: RoomId,
        since: str,
        until: str,
        messages: Sequence[Message],
        thread: str | None = None,
    ) -> Arrival:
        displayed = [await self._reading.displayed(message, room) for message in messages]
        root = None if thread is None else MessageId(thread)
        event = StretchRead(room, MessageId(since), MessageId(until), tuple(displayed), root)
        return Arrival(event, live=False)

    def _longest_unread(self, room: RoomId, known: Mapping[MessageId, MessageId]) -> list[str]:
        """The threads of this round; of those that were never read, the liveliest first."""
        lively = sorted(known, key=lambda root: known[root], reverse=True)
        lively.sort(key=lambda root: self._read_at.get((room, root), 0.0))
        for place in [place for place in self._read_at if place[0] == room]:
            if place[1] not in known:
                del self._read_at[place]
        return [str(root) for root in lively[:THREADS]]


def _unknown_answers(messages: Sequence[Message], plan: _Plan) -> Iterator[str]:
    """The roots with answers that are newer than what we know."""
    for message in messages:
        latest = message.get("latest_reply")
        if message.get("reply_count") and isinstance(latest, str):
            known = plan.known.get(MessageId(ts_of(message)), plan.since)
            if latest > max(known, plan.since):
                yield ts_of(message)
