"""Commands, run beside the relay: a slow one holds up nothing, a failing one harms no other.

A command waits in the inbox until its answer is written, in one transaction with the mark that it
has been run: a crash runs it again, and it is answered once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.asked import Asked, Called, decode_asked
from bot.delivery import inbox, outbox
from bot.delivery.lanes import Lanes, lane_of, utc_now
from bot.errors import StoreError, UserError
from bot.events import Answer, Outgoing, Post, React, account_of
from bot.log import reference
from bot.platforms.base import Capabilities
from bot.richtext import say
from bot.store.database import Database
from bot.store.tables import Inbox, InboxState
from bot.words import Words
from commands.grammar import Call, NearMiss
from commands.registry import Context, House, Registry, Reply, refusal

log = structlog.get_logger()

_AT_ONCE = 4
_ANSWERS_LAST = timedelta(minutes=15)
"""A private answer that comes later than this is of no use to the one who asked."""
_STORE_PAUSE = 1.0
_SEEN = "\N{CHECK MARK}"


class Desk:
    """Runs what was asked, a few at once."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        house: House,
        lanes: Lanes,
        words: Words,
        capabilities: Callable[[str], Capabilities],
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._database = database
        self._registry = registry
        self._house = house
        self._lanes = lanes
        self._words = words
        self._capabilities = capabilities
        self._clock = clock
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Go on with what an earlier run left."""
        pending = select(Inbox.seq).where(Inbox.state == InboxState.PENDING).order_by(Inbox.seq)
        self.take(await self._database.read(lambda s: list(s.execute(pending).scalars())))

    def take(self, numbers: Iterable[int]) -> None:
        """Run these commands, by their inbox numbers."""
        for number in numbers:
            task = asyncio.create_task(self._run(number), name=f"command-{number}")
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    async def drain(self, seconds: float) -> None:
        """Give what is being run `seconds`; the rest stays pending and is run next time."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, number: int) -> None:
        async with self._places:
            while True:
                try:
                    answered = await self._database.read(lambda s: self._answer(s, number))
                    if answered is not None:
                        self._lanes.wake(await self._database.run(self._write(number, *answered)))
                except StoreError as error:
                    log.error("store.unusable", why=str(error))  # noqa: TRY400  the words say it all
                    await asyncio.sleep(_STORE_PAUSE)
                else:
                    return

    def _answer(self, session: Session, number: int) -> tuple[Asked, Reply] | None:
        """What was asked and what is answered; None where it was answered already."""
        row = session.get(Inbox, number)
        if row is None or row.state != InboxState.PENDING or row.content is None:
            return None
        asked = decode_asked(row.content)
        try:
            return asked, self._registry.run(_call(asked.call), self._context(session, asked))
        except UserError as error:
            return asked, refusal(error, self._words)
        except StoreError:
            raise
        except Exception:
            shown = reference()
            log.exception("command.failed", command=asked.call.name, reference=shown)
            text = self._words(
                "Something went wrong on my side; reference {reference}.", reference=shown
            )
            return asked, Reply(say(text))

    def _context(self, session: Session, asked: Asked) -> Context:
        return Context(
            session=session,
            now=self._clock(),
            asker=asked.author,
            room=asked.room,
            direct=asked.direct,
            channel=self._house.channel_of(asked.room),
            words=self._words,
            house=self._house,
            said=asked.said,
            answers=asked.reply_to or asked.thread,
        )

    def _write(self, number: int, asked: Asked, reply: Reply) -> Callable[[Session], set[str]]:
        def work(session: Session) -> set[str]:
            row = session.get(Inbox, number)
            if row is None or row.state != InboxState.PENDING:
                return set()
            now = self._clock()
            inbox.run_out(session, number)
            return outbox.put(session, self._outgoing(asked, reply, now), now)

        return work

    def _outgoing(self, asked: Asked, reply: Reply, now: datetime) -> list[Outgoing]:
        if reply.public:
            return [Outgoing(asked.room, Post(reply.body, thread=asked.thread))]
        answer = Answer(
            asked.author.person, reply.body, asked.reply, asked.thread, direct=asked.direct
        )
        lane = lane_of(asked.author.person)
        outgoing = [Outgoing(asked.room, answer, lane, expires=now + _ANSWERS_LAST)]
        shown = self._capabilities(account_of(asked.room)).ephemeral
        if not shown and not asked.direct and asked.message is not None:
            outgoing.append(Outgoing(asked.room, React(_SEEN, asked.message)))
        return outgoing


def _call(call: Called) -> Call | NearMiss:
    return NearMiss(call.name, call.suggestion) if call.near else Call(call.name, call.text)
