"""Commands, run beside the relay: a slow one holds up nothing, a failing one harms no other.

A command waits in the inbox until its answer is written, in one transaction with the mark that it
has been run: a crash runs it again, and it is answered once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.bridge.kept import Kept, kept
from bot.custody.audit import Act, Action, Outcome, named, record
from bot.delivery import controls, inbox, outbox
from bot.delivery.controls import Press
from bot.delivery.lanes import Lanes, utc_now
from bot.delivery.lengthy import in_parts
from bot.desk import answering, steps
from bot.desk.answering import Asking, decode_asking, encode_asking
from bot.desk.enclosures import Fetch, enclosed, refused
from bot.desk.quota import counted
from bot.desk.standing import Standing
from bot.desk.steps import Step
from bot.errors import StoreError, UserError
from bot.events import account_of
from bot.handler.asked import Asked, Called, decode_asked
from bot.log import reference
from bot.platforms.base import Capabilities
from bot.richtext import RichText, say
from bot.store.database import Database
from bot.store.patience import insist
from bot.store.tables import InboxState
from bot.words import Words
from commands.grammar import Call, NearMiss
from commands.registry import (
    Attached,
    Command,
    Context,
    Enquiry,
    House,
    Registry,
    Reply,
    refusal,
    reply,
)

log = structlog.get_logger()

_Answered = tuple[Asked, Reply, Act, Asked]
"""What was asked, what is answered, what the audit says of it, and what was run."""
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
    ) -> None:
        """`wrote` is called when a command has changed the store; `fetch` opens what came with
        one; `outside` asks third parties.
        """
        self._outside = outside
        self._wrote = wrote
        self._fetch = fetch
        self._database = database
        self._registry = registry
        self._house = house
        self._lanes = lanes
        self._words = words
        self._capabilities = capabilities
        self._clock = clock
        self._standing = Standing(database, self._again, self._give)
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
            await insist(lambda: self._carry_out(number), _STORE_PAUSE)

    async def _carry_out(self, number: int) -> None:
        """Run one, and write its answer.

        What changes nothing runs beside everything else, and only its answer is written by the
        one who writes; what writes does so in one transaction with its answer.
        """
        command, given, answered = await self._database.read(lambda s: self._look_at(s, number))
        attached: tuple[Attached, ...] | UserError = ()
        if given.files or given.texts:
            attached = await enclosed(given, self._fetch)
        if command is not None and command.writes:

            def at_once(session: Session) -> set[str]:
                answered = self._answer(session, number, attached)
                return self._write(number, *answered)(session) if answered else set()

            await self._commit(at_once)
            self._wrote()
            return
        if attached:
            answered = await self._database.read(lambda s: self._answer(s, number, attached))
        if answered is None:
            return
        lanes = await self._commit(self._write(number, *answered))
        asked, made, *_ = answered
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

    def _look_at(
        self, session: Session, number: int
    ) -> tuple[Command | None, Kept, _Answered | None]:
        """Which command was given and what came with it; and what is answered, where that only
        reads, and nothing has to be fetched first.
        """
        command, given = self._given(session, number)
        if given.files or given.texts or (command is not None and command.writes):
            return command, given, None
        return command, given, self._answer(session, number)

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
            text = await self._outside(asking.enquiries)
        told = self._told(number, asking.asked, text)
        self._lanes.wake(await insist(lambda: database.run(told), _STORE_PAUSE))

    def _told(self, number: int, asked: Asked, text: str) -> Callable[[Session], set[str]]:
        def work(session: Session) -> set[str]:
            if not inbox.asked_out(session, number):
                return set()
            now, can = self._clock(), self._capabilities(account_of(asked.room))
            parts = in_parts(reply(text).body, can, self._words)
            outgoing = [answering.private(asked, part, now, secret=True) for part in parts]
            return outbox.put(session, outgoing, now)

        return work

    def _again(self, session: Session, asked: Asked, now: datetime) -> RichText:
        """What was asked, answered as of a moment."""
        context = replace(self._context(session, asked, None), now=now)
        return self._run_call(session, asked.call, context)[0].body

    async def _give(self, asked: Asked, body: RichText) -> None:
        """In place of what stands there."""
        now = self._clock()
        can = self._capabilities(account_of(asked.room))
        outgoing = answering.outgoing(
            asked, Reply(body), can, self._words, now, replaces=False, secret=False
        )
        self._lanes.wake(await self._database.run(lambda s: outbox.put(s, outgoing, now)))

    def _given(self, session: Session, number: int) -> tuple[Command | None, Kept]:
        """Which command was given, None where it is none; and what came with it: files, or what it
        answers.
        """
        held = inbox.waiting(session, number)
        if held is None:
            return None, Kept()
        asked = decode_asked(held)
        called = _call(asked.call)
        command = self._registry.find(called) if isinstance(called, Call) else None
        if command is None or isinstance(called, NearMiss) or not command.attaches:
            return command, Kept()
        answered = asked.reply_to or asked.thread
        if (
            asked.files
            or answered is None
            or not command.answering
            or not self._registry.is_bare(called)
        ):
            return command, Kept(files=asked.files)
        return command, kept(session, asked.room, answered, thread=asked.reply_to is None)

    def _answer(
        self, session: Session, number: int, attached: tuple[Attached, ...] | UserError = ()
    ) -> _Answered | None:
        """What was asked, what is answered, what the audit says of it, and what was run, which a
        confirmation names by another; None where it was answered already.
        """
        held = inbox.waiting(session, number)
        if held is None:
            return None
        asked, now = decode_asked(held), self._clock()
        late = controls.too_late(session, _press(asked), now)
        step = steps.take(session, asked, now) if late is None else None
        call = asked.call if step is None else step.asked.call
        context = self._context(session, asked, step)
        if late is not None:
            answer, outcome = refusal(late, self._words), Outcome.REFUSED
        elif isinstance(attached, UserError):
            answer, outcome = refusal(attached, self._words), Outcome.REFUSED
        else:
            answer, outcome = self._run_call(session, call, replace(context, attached=attached))
        place = asked if step is None else step.asked
        act = self._act(call, context, outcome, unnamed=answer.unnamed)
        return asked, answer, act, place

    def _run_call(self, session: Session, call: Called, context: Context) -> tuple[Reply, Outcome]:
        """What a command answers, or what is said where it fails: nothing of it stays then."""
        found = self._registry.find(Call(call.name, call.text)) if not call.near else None
        writes = found is not None and found.writes
        try:
            with session.begin_nested() if writes else nullcontext():
                return self._registry.run(_call(call), context), Outcome.OK
        except UserError as error:
            return refusal(error, self._words), Outcome.REFUSED
        except (StoreError, OperationalError):  # the store's: the whole is done again
            raise
        except Exception:
            shown = reference()
            log.exception("command.failed", command=call.name, reference=shown)
            text = self._words(
                "Something went wrong on my side; reference {reference}.", reference=shown
            )
            return Reply(say(text)), Outcome.FAILED

    def _act(self, call: Called, context: Context, outcome: Outcome, *, unnamed: bool) -> Act:
        """Which command was given, without its arguments; of what is none, not even the word."""
        found = None if call.near else self._registry.get(call.name)
        command = named("command", *([] if found is None else [call.name]))
        team = context.part().team
        key = None if team is None else team.key
        if unnamed or (found is not None and found.secret):
            looked = named("lookup")
            return Act(context.asker.person, key, Action.LOOKED_UP, looked, outcome=outcome)
        return Act(context.asker.person, key, Action.COMMAND, command, outcome=outcome)

    def _context(self, session: Session, asked: Asked, step: Step | None) -> Context:
        """Who asks, and where; of what is confirmed now, where it was asked for."""
        place = asked if step is None else step.asked
        return Context(
            session=session,
            now=self._clock(),
            asker=asked.author,
            room=place.room,
            direct=place.direct,
            channel=self._house.channel_of(place.room),
            words=self._words,
            house=self._house,
            said=place.said,  # what is confirmed counts from when it was asked for
            answers=place.reply_to or place.thread,
            handle=asked.reply,
            confirmed="" if step is None else step.question,
        )

    def _write(
        self, number: int, asked: Asked, reply: Reply, act: Act, run: Asked
    ) -> Callable[[Session], set[str]]:
        def work(session: Session) -> set[str]:
            now = self._clock()
            asking = encode_asking(Asking(asked, reply.outside, now)) if reply.outside else None
            if not inbox.run_out(session, number, asking):
                return set()
            record(session, act, now)
            press = _press(asked)
            private = controls.is_private(session, press)
            secret = act.action is Action.LOOKED_UP
            can = self._capabilities(account_of(asked.room))
            outgoing = answering.outgoing(
                asked, reply, can, self._words, now, replaces=private, secret=secret,
                team=act.team or "",
            )  # fmt: skip
            outgoing += counted(session, self._house, self._words, asked.author, act.team,
                                reply.looked_up, now)  # fmt: skip
            if reply.asks:
                outgoing[0] = steps.begin(session, run, reply.asks, outgoing[0], now)
            if press is not None and (private or act.outcome is Outcome.OK):
                outgoing += controls.use(session, press, now)
            return outbox.put(session, outgoing, now)

        return work


def _press(asked: Asked) -> Press | None:
    if asked.pressed is None:
        return None
    return Press(asked.pressed, asked.call.typed, asked.author.person)


def _call(call: Called) -> Call | NearMiss:
    return NearMiss(call.name, call.suggestion) if call.near else Call(call.name, call.text)
