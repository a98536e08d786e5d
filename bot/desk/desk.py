"""Commands, run beside the relay: a slow one holds up nothing, a failing one harms no other.

A command waits in the inbox until its answer is written, in one transaction with the mark that it
has been run: a crash runs it again, and it is answered once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy.orm import Session

from bot.delivery import inbox
from bot.delivery.lanes import Lanes, utc_now
from bot.desk import answering
from bot.desk.answering import decode_asking
from bot.desk.clerk import Clerk, went_wrong
from bot.desk.enclosures import Fetch, enclosed, refused
from bot.desk.standing import Standing
from bot.errors import LeaseLost, UserError
from bot.handler.asked import Asked
from bot.log import reference
from bot.platforms.base import Capabilities
from bot.richtext import RichText
from bot.sharing.teams import TeamKey
from bot.store.database import Database
from bot.store.patience import insist
from bot.store.tables import InboxState
from bot.words import Words
from commands.registry import Attached, Enquiry, House, Registry

log = structlog.get_logger()

Ask = Callable[[Sequence[Enquiry]], Awaitable[str]]
"""Asks third parties about values; what they say, as text."""
_AT_ONCE = 4
_LAST_COMMIT = 2.0
"""Seconds that the last commit has when we are told to end."""
_STORE_PAUSE = 1.0


async def unasked(enquiries: Sequence[Enquiry]) -> str:
    """Where there is nobody to be asked."""
    raise LookupError(enquiries[0].name)


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
        wrote: Callable[[], None] = lambda: None,
        fetch: Fetch = refused,
        outside: Ask = unasked,
        words_of: Callable[[TeamKey | None], Words] | None = None,
    ) -> None:
        """`wrote` is called when a command has changed the store; `fetch` opens what came with
        one; `outside` asks third parties; `words_of` are a team's words, else all have `words`.
        """
        self._outside = outside
        self._wrote = wrote
        self._fetch = fetch
        self._database = database
        self._lanes = lanes
        self._words = words
        self._clock = clock
        self._clerk = clerk = Clerk(registry, house, words, capabilities, clock, words_of)
        self._standing = Standing(database, clerk.again, self._give)
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._running: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Go on with what an earlier run left: commands, and what third parties are asked."""
        self.take(await self._database.read(lambda s: inbox.left(s, InboxState.PENDING)))
        for number in await self._database.read(lambda s: inbox.left(s, InboxState.ASKING)):
            self._begin(self._ask(number), f"outside-{number}")

    def take(self, numbers: Iterable[int]) -> None:
        """Run these commands, by their inbox numbers."""
        for number in numbers:
            self._begin(self._run(number), f"command-{number}")

    def _begin(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def renew(self) -> None:
        """Give anew what stands where it was shown, and would be another answer by now."""
        await self._standing.look(self._clock())

    async def drain(self, seconds: float) -> None:
        """Give what is being run `seconds`; the rest stays pending and is run next time."""
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, number: int) -> None:
        async with self._places:
            try:
                await insist(lambda: self._carry_out(number), _STORE_PAUSE)
            except LeaseLost:
                raise
            except Exception:  # its answer could not be written: nothing of it stands
                shown = reference()
                log.exception("command.unwritten", reference=shown)
                give_up = partial(self._clerk.give_up, number=number, shown=shown)
                self._lanes.wake(await insist(lambda: self._database.run(give_up), _STORE_PAUSE))

    async def _carry_out(self, number: int) -> None:
        """Run one, and write its answer.

        What changes nothing runs beside everything else, and only its answer is written by the
        one who writes; what writes does so in one transaction with its answer.
        """
        clerk = self._clerk
        command, given, answered = await self._database.read(lambda s: clerk.look_at(s, number))
        attached: tuple[Attached, ...] | UserError = ()
        if given.files or given.texts:
            attached = await enclosed(given, self._fetch)
        if command is not None and command.writes:

            def at_once(session: Session) -> set[str]:
                answered = clerk.answer(session, number, attached)
                return clerk.write(session, number, *answered) if answered else set()

            await self._commit(at_once)
            self._wrote()
            return
        if attached:
            answered = await self._database.read(lambda s: clerk.answer(s, number, attached))
        if answered is None:
            return
        asked, made, act, run = answered
        lanes = await self._commit(lambda s: clerk.write(s, number, asked, made, act, run))
        if lanes and asked.stands:
            self._standing.note(asked, made.body, self._clock())
        if lanes and made.outside:
            self._begin(self._ask(number), f"outside-{number}")

    async def _commit(self, work: Callable[[Session], set[str]]) -> set[str]:
        """Write an answer, and set it going; both or neither, even if we are told to end."""
        writing = asyncio.ensure_future(self._written(work))
        try:
            return await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait([writing], timeout=_LAST_COMMIT)
            raise

    async def _written(self, work: Callable[[Session], set[str]]) -> set[str]:
        """By one commit with its way out, where its lane is idle."""
        claim = self._lanes.claim()

        def taking(session: Session) -> set[str]:
            lanes = work(session)
            claim.take(session, lanes, self._clock())
            return lanes

        try:
            lanes = await self._database.run(taking)
        except BaseException:
            claim.release()
            raise
        claim.go(lanes)
        return lanes

    async def _ask(self, number: int) -> None:
        """What third parties say, as a second answer: the first never waits for it. A crash asks
        them again, but not when nobody waits for it any more.
        """
        database = self._database
        held = await insist(lambda: database.read(lambda s: inbox.asking(s, number)), _STORE_PAUSE)
        if held is None:
            return
        asking = decode_asking(held)
        if self._clock() - asking.since > answering.ANSWERS_LAST:
            text = self._words("No third party was asked in time. Ask again.")
        else:
            text = await self._told_outside(asking.enquiries)
        tell = partial(self._clerk.tell, number=number, asked=asking.asked, text=text)
        self._lanes.wake(await insist(lambda: database.run(tell), _STORE_PAUSE))

    async def _told_outside(self, enquiries: Sequence[Enquiry]) -> str:
        try:
            return await self._outside(enquiries)
        except Exception:  # whatever a third party sends: its asker waits for an answer
            shown = reference()
            log.exception("outside.failed", reference=shown)
            return went_wrong(self._words, shown)

    async def _give(self, asked: Asked, body: RichText) -> None:
        """In place of what stands there."""
        self._lanes.wake(await self._database.run(lambda s: self._clerk.renew(s, asked, body)))
