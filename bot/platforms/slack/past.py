"""A room's past, read from Slack oldest first: its messages, and the replies in its threads.

`conversations.history` gives the newest first, and no replies. So the pages are walked back
first, keeping only where each begins and ends, and then read again from the oldest on: no more
than a page, and a page of each open thread, is in memory.

The replies are found of threads whose root is among what is read, or on the page that leads up
to it (`_PAGE` messages): answers to older roots are found thread by thread (`comparing`).

Threads are read later than the room, and may have answers that are newer than all that was seen of
it. What is newer than the room was when it was walked is left out: it was said while we listen,
and would come before what was said in the room meanwhile.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot.errors import OutcomeUnknown, Refused, Throttled

log = structlog.get_logger()

Call = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
"""Calls a Web API method; raises `PlatformError`."""
Message = dict[str, Any]
Page = tuple[list[Message], bool]
"""Messages, the oldest first, and whether there are more before them."""

_PAGE = 200
"""Messages a page: Slack recommends no more (reference/methods/conversations.history)."""
_FEW = 10
"""Messages asked for where one is wanted: a thread's root may come with it."""
_THREADS = 200
"""Threads that are read in one go; of more, those with the newest roots."""
_COUNTED = 20
"""Pages beyond the limit that are read for no more than to count what is left out."""
_PATIENCE = 60.0
_TRIES = 20
"""How long a pause, and how many, that Slack asks for are waited out while reading."""


@dataclass(slots=True)
class Left:
    """What lies beyond the limit: how many messages people said, the first and last `ts`."""

    count: int = 0
    first: str = ""
    last: str = ""
    more: bool = False
    """There are more, before the first."""

    def add(self, ts: str) -> None:
        """Count one more, the newest first."""
        self.count, self.first, self.last = self.count + 1, ts, self.last or ts


@dataclass(slots=True)
class Walk:
    """What walking back found: the windows to be read, newest first, and threads with replies."""

    windows: list[tuple[str, str]] = field(default_factory=list)
    page: list[Message] = field(default_factory=list)
    """The oldest window's messages, newest first: it need not be read again."""
    threads: list[str] = field(default_factory=list)
    count: int = 0
    left: Left = field(default_factory=Left)
    newest: Page | None = None
    """The newest page, whole."""
    seen: str = ""
    """Up to where the room is known, from its newest page;"""
    horizon: str = ""
    """and the newest that any page names: up to there it is read. While the pages before one have
    all been kept: they are read again, and tell what was answered since on them.
    """


class PastReader:
    """Reads one workspace's rooms."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def messages(self, channel: str, since: str, walk: Walk) -> AsyncGenerator[Message, None]:
        """What was said after `since`, as far as it was walked back, in order of `ts`."""
        async with AsyncExitStack() as stack:
            merged = _Merged(stack)
            await merged.follow(self._windows(channel, walk))
            if walk.horizon > walk.seen:
                await merged.follow(self._later(channel, walk))
            for root in walk.threads:
                if root <= since:
                    await merged.follow(self._replies(channel, root, since))
            last = ""
            async for message in merged:
                ts = ts_of(message)
                if ts > walk.horizon:
                    return
                if ts in walk.threads:
                    walk.threads.remove(ts)
                    await merged.follow(self._replies(channel, ts, since))
                if ts != last:  # a reply that was also sent to the channel comes twice
                    yield message
                    last = ts

    async def page(self, channel: str, latest: str | None) -> Page:
        """A page of a room up to `latest` (itself included) or to now; waits for no limit."""
        asked = {"channel": channel, "limit": _PAGE, "latest": latest, "inclusive": True}
        answer = await self._call("conversations.history", asked)
        return sorted(_messages(answer), key=ts_of), bool(answer.get("has_more"))

    async def thread(self, channel: str, root: str, since: str) -> list[Message]:
        """A thread's root and its replies after `since`, the oldest first; nothing where there is
        no such thread. Waits for no limit.
        """
        found: list[Message] = []
        async with aclosing(self._thread(self._call, channel, root, since)) as pages:
            async for page in pages:
                # each page begins with the root
                found += [each for each in page if ts_of(each) != root or not found]
        return found

    async def newest(self, channel: str) -> str:
        """The `ts` of a room's newest message, `0` where there is none."""
        answer = await self._patient("conversations.history", {"channel": channel, "limit": 1})
        return max((ts_of(message) for message in _messages(answer)), default="") or "0"

    async def message(self, channel: str, ts: str) -> Message | None:
        """One message, of the room or of a thread in it; None where there is none."""
        asked = {"channel": channel, "oldest": ts, "latest": ts, "inclusive": True, "limit": _FEW}
        found = _messages(await self._call("conversations.history", asked))
        if not any(ts_of(each) == ts for each in found):
            try:
                found = _messages(await self._call("conversations.replies", {**asked, "ts": ts}))
            except Refused as error:
                if error.reason != "thread_not_found":
                    raise
                return None
        return next((each for each in found if ts_of(each) == ts), None)

    async def search(
        self, channel: str, thread: str | None, since: str
    ) -> AsyncGenerator[Message, None]:
        """All that was said since, with metadata, in no promised order: for finding one's own."""
        asked: dict[str, Any] = {
            "channel": channel, "oldest": since, "inclusive": True, "limit": _PAGE,
            "include_all_metadata": True,
        }  # fmt: skip
        method = "conversations.history"
        if thread is not None:
            method, asked["ts"] = "conversations.replies", thread
        cursor: str | None = None
        while True:
            try:
                answer = await self._patient(method, {**asked, "cursor": cursor})
            except Refused as error:
                if error.reason == "thread_not_found":
                    return  # without its root nothing can have landed in it
                raise
            for message in _messages(answer):
                yield message
            cursor = _cursor(answer)
            if cursor is None:
                return

    async def walk_back(
        self,
        channel: str,
        since: str,
        *,
        most: int | None = None,
        known: str = "",
        counts: Callable[[Message], bool] = bool,
    ) -> Walk:
        """Find what is to be read: what came after `since`, at most the newest `most` messages.

        What came after `known` and is not among them is counted, where it `counts`.
        """
        walk = Walk()
        latest: str | None = None
        known = known or since
        beyond, whole = 0, True
        while True:
            # without `oldest`: the last page also shows the roots that came before `since`
            asked = {"channel": channel, "limit": _PAGE, "latest": latest}
            answer = await self._patient("conversations.history", asked)
            page = sorted(_messages(answer), key=ts_of, reverse=True)
            walk.newest = walk.newest or (page[::-1], bool(answer.get("has_more")))
            newest = ""
            for message in page:
                if (answered := _answered(message)) > since:
                    walk.threads.append(ts_of(message))
                newest = max(newest, ts_of(message), answered)
            if newest > walk.horizon and whole:
                walk.horizon, walk.page = newest, []
            walk.seen = walk.seen or walk.horizon
            fresh = [message for message in page if ts_of(message) > since]
            kept = fresh if most is None else fresh[: max(most - walk.count, 0)]
            for message in page[len(kept) :]:
                if ts_of(message) > known and counts(message):
                    walk.left.add(ts_of(message))
            if kept:
                walk.windows.append((ts_of(kept[-1]), ts_of(kept[0])))
                walk.page, walk.count = kept, walk.count + len(kept)
            whole = whole and kept == page
            beyond += not kept
            ended = not page or not answer.get("has_more")
            if ended or ts_of(page[-1]) <= min(since, known) or beyond > _COUNTED:
                walk.left.more = not ended and ts_of(page[-1]) > known
                del walk.threads[_THREADS:]
                return walk
            latest = ts_of(page[-1])

    async def _windows(self, channel: str, walk: Walk) -> AsyncGenerator[Message, None]:
        last, walk.page = walk.page, []
        for message in reversed(last):
            yield message
        for oldest, latest in reversed(walk.windows[: -1 if last else None]):
            asked = {
                "channel": channel, "limit": _PAGE, "oldest": oldest, "latest": latest,
                "inclusive": True,
            }  # fmt: skip
            answer = await self._patient("conversations.history", asked)
            found = sorted(_messages(answer), key=ts_of)
            answered = [ts_of(each) for each in found if _answered(each) > walk.seen]
            new = [root for root in answered if root not in walk.threads]
            walk.threads += new[: max(_THREADS - len(walk.threads), 0)]
            for message in found:
                yield message

    async def _later(self, channel: str, walk: Walk) -> AsyncGenerator[Message, None]:
        """What was said in the room while it was walked."""
        found: list[Message] = []
        cursor: str | None = None
        while True:
            asked = {"channel": channel, "limit": _PAGE, "oldest": walk.seen, "cursor": cursor}
            answer = await self._patient("conversations.history", asked)
            found += _messages(answer)
            cursor = _cursor(answer)
            if cursor is None:
                break
        walk.threads += [ts_of(each) for each in found if each.get("reply_count")]
        for message in sorted(found, key=ts_of):
            yield message

    async def _replies(self, channel: str, root: str, since: str) -> AsyncGenerator[Message, None]:
        async with aclosing(self._thread(self._patient, channel, root, since)) as pages:
            async for page in pages:
                for message in page:
                    if ts_of(message) > since and ts_of(message) != root:
                        yield message

    async def _thread(
        self, call: Call, channel: str, root: str, since: str
    ) -> AsyncGenerator[list[Message], None]:
        """Page by page as Slack gives it, which may begin with the root whatever `since` is."""
        cursor: str | None = None
        while True:
            asked = {
                "channel": channel,
                "ts": root,
                "oldest": since,
                "limit": _PAGE,
                "cursor": cursor,
            }
            try:
                answer = await call("conversations.replies", asked)
            except Refused as error:
                log.info("catch_up.thread_gone", channel=channel, reason=error.reason)
                return
            yield sorted(_messages(answer), key=ts_of)
            cursor = _cursor(answer)
            if cursor is None:
                return

    async def _patient(self, method: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Call, and wait out the pauses that Slack asks for: beginning again would cost more."""
        for _ in range(_TRIES):
            try:
                return await self._call(method, asked)
            except Throttled as error:
                if error.retry_after is None or error.retry_after > _PATIENCE:
                    raise
                await asyncio.sleep(error.retry_after)
        raise Throttled("ratelimited", retry_after=_PATIENCE)


class _Merged:
    """Streams of messages, each in order, as one in order; a stream may join on the way."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._heap: list[tuple[str, int, Message, AsyncGenerator[Message, None]]] = []
        self._streams = 0

    async def follow(self, stream: AsyncGenerator[Message, None]) -> None:
        """Take a stream in; it is closed with the stack."""
        await self._stack.enter_async_context(aclosing(stream))
        self._streams += 1
        await self._push(self._streams, stream)

    async def __aiter__(self) -> AsyncGenerator[Message, None]:
        while self._heap:
            _, number, message, stream = heapq.heappop(self._heap)
            yield message
            await self._push(number, stream)

    async def _push(self, number: int, stream: AsyncGenerator[Message, None]) -> None:
        async for message in stream:
            heapq.heappush(self._heap, (ts_of(message), number, message, stream))
            return


def ts_of(message: Message) -> str:
    """A message's `ts`: ten digits, a point and six, so that text order is time order."""
    ts = message.get("ts")
    return ts if isinstance(ts, str) else ""


def _answered(message: Message) -> str:
    """The `ts` of the newest answer to a thread's root, empty where there is none."""
    return str(message.get("latest_reply", "")) if message.get("reply_count") else ""


def _messages(answer: dict[str, Any]) -> list[Message]:
    found = answer.get("messages")
    if not isinstance(found, list):
        raise OutcomeUnknown("unreadable")
    return [message for message in found if isinstance(message, dict) and ts_of(message)]


def _cursor(answer: dict[str, Any]) -> str | None:
    match answer.get("response_metadata"):
        case {"next_cursor": str(cursor)} if cursor:
            return cursor
        case _:
            return None
