"""What a command answers, in a transaction: plain, and given what had to be fetched before."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bot.bridge.kept import Kept, kept
from bot.custody.audit import Act, Action, Outcome, named, record
from bot.delivery import controls, inbox, outbox
from bot.delivery.controls import Press
from bot.delivery.lengthy import in_parts
from bot.desk import answering, steps
from bot.desk.answering import Asking, encode_asking
from bot.desk.quota import counted
from bot.desk.steps import Step
from bot.errors import StoreError, UserError
from bot.events import account_of
from bot.handler.asked import Asked, Called, decode_asked
from bot.log import reference
from bot.platforms.base import Capabilities
from bot.richtext import RichText, say
from bot.sharing.teams import TeamKey
from bot.words import Words
from commands.grammar import Call, NearMiss
from commands.registry import Attached, Command, Context, House, Registry, Reply, refusal, reply

log = structlog.get_logger()

Answered = tuple[Asked, Reply, Act, Asked]
"""What was asked, what is answered, what the audit says of it, and what was run."""


@dataclass(frozen=True, slots=True)
class Clerk:
    """Answers what stands in the inbox. `capabilities`: of the network of an account; `words_of`:
    a team's words, None: all have `words`.
    """

    registry: Registry
    house: House
    words: Words
    capabilities: Callable[[str], Capabilities]
    clock: Callable[[], datetime]
    words_of: Callable[[TeamKey | None], Words] | None = None

    def look_at(
        self, session: Session, number: int
    ) -> tuple[Command | None, Kept, Answered | None]:
        """Which command was given and what came with it; and what is answered, where that only
        reads, and nothing has to be fetched first.
        """
        command, given = self._given(session, number)
        if given.files or given.texts or (command is not None and command.writes):
            return command, given, None
        return command, given, self.answer(session, number)

    def answer(
        self, session: Session, number: int, attached: tuple[Attached, ...] | UserError = ()
    ) -> Answered | None:
        """What was asked, what is answered, what the audit says of it, and what was run, which a
        confirmation names by another; None where it was answered already.
        """
        held = inbox.waiting(session, number)
        if held is None:
            return None
        asked, now = decode_asked(held), self.clock()
        late = controls.too_late(session, _press(asked), now)
        step = steps.take(session, asked, now) if late is None else None
        call = asked.call if step is None else step.asked.call
        context = self._context(session, asked, step)
        if late is not None:
            answer, outcome = refusal(late, context.words), Outcome.REFUSED
        elif isinstance(attached, UserError):
            answer, outcome = refusal(attached, context.words), Outcome.REFUSED
        else:
            answer, outcome = self._run_call(session, call, replace(context, attached=attached))
        place = asked if step is None else step.asked
        act = self._act(call, context, outcome, unnamed=answer.unnamed)
        return asked, answer, act, place

    def write(
        self, session: Session, number: int, asked: Asked, reply: Reply, act: Act, run: Asked
    ) -> set[str]:
        """Write what was answered, and that it was; the lanes to wake, none where that was written
        already.
        """
        now = self.clock()
        asking = encode_asking(Asking(asked, reply.outside, now)) if reply.outside else None
        if not inbox.run_out(session, number, asking):
            return set()
        record(session, act, now)
        press = _press(asked)
        private = controls.is_private(session, press)
        secret = act.action is Action.LOOKED_UP
        can = self.capabilities(account_of(asked.room))
        outgoing = answering.outgoing(
            asked, reply, can, self.words, now, replaces=private, secret=secret,
            team=act.team or "",
        )  # fmt: skip
        outgoing += counted(session, self.house, self.words, asked.author, act.team,
                            reply.looked_up, now)  # fmt: skip
        if reply.asks:
            outgoing[0] = steps.begin(session, run, reply.asks, outgoing[0], now)
        if press is not None and (private or act.outcome is Outcome.OK):
            outgoing += controls.use(session, press, now)
        return outbox.put(session, outgoing, now)

    def give_up(self, session: Session, number: int, shown: str) -> set[str]:
        """What was answered cannot be written: its asker is told so, and it is not run again."""
        held = inbox.waiting(session, number)
        if held is None or not inbox.run_out(session, number):
            return set()
        now, text = self.clock(), say(went_wrong(self.words, shown))
        return outbox.put(session, [answering.private(decode_asked(held), text, now)], now)

    def tell(self, session: Session, number: int, asked: Asked, text: str) -> set[str]:
        """Write what third parties said; the lanes to wake, none where that was written already."""
        if not inbox.asked_out(session, number):
            return set()
        now, can = self.clock(), self.capabilities(account_of(asked.room))
        parts = in_parts(reply(text).body, can, self.words)
        outgoing = [answering.private(asked, part, now, secret=True) for part in parts]
        return outbox.put(session, outgoing, now)

    def again(self, session: Session, asked: Asked, now: datetime) -> RichText:
        """What was asked, answered as of a moment."""
        context = replace(self._context(session, asked, None), now=now)
        return self._run_call(session, asked.call, context)[0].body

    def renew(self, session: Session, asked: Asked, body: RichText) -> set[str]:
        """Write an answer in place of what stands there; the lanes to wake."""
        now, can = self.clock(), self.capabilities(account_of(asked.room))
        outgoing = answering.outgoing(
            asked, Reply(body), can, self.words, now, replaces=False, secret=False
        )
        return outbox.put(session, outgoing, now)

    def _given(self, session: Session, number: int) -> tuple[Command | None, Kept]:
        """Which command was given, None where it is none; and what came with it: files, or what it
        answers.
        """
        held = inbox.waiting(session, number)
        if held is None:
            return None, Kept()
        asked = decode_asked(held)
        called = _call(asked.call)
        command = self.registry.find(called) if isinstance(called, Call) else None
        if command is None or isinstance(called, NearMiss) or not command.attaches:
            return command, Kept()
        answered = asked.reply_to or asked.thread
        if (
            asked.files
            or answered is None
            or not command.answering
            or not self.registry.is_bare(called)
        ):
            return command, Kept(files=asked.files)
        return command, kept(session, asked.room, answered, thread=asked.reply_to is None)

    def _run_call(self, session: Session, call: Called, context: Context) -> tuple[Reply, Outcome]:
        """What a command answers, or what is said where it fails: nothing of it stays then."""
        found = self.registry.find(Call(call.name, call.text)) if not call.near else None
        writes = found is not None and found.writes
        try:
            with session.begin_nested() if writes else nullcontext():
                return self.registry.run(_call(call), context), Outcome.OK
        except UserError as error:
            return refusal(error, context.words), Outcome.REFUSED
        except (StoreError, OperationalError):  # the store's: the whole is done again
            raise
        except Exception:
            shown = reference()
            log.exception("command.failed", command=call.name, reference=shown)
            return Reply(say(went_wrong(context.words, shown))), Outcome.FAILED

    def _act(self, call: Called, context: Context, outcome: Outcome, *, unnamed: bool) -> Act:
        """Which command was given, without its arguments; of what is none, not even the word."""
        found = None if call.near else self.registry.get(call.name)
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
        context = Context(
            session=session,
            now=self.clock(),
            asker=asked.author,
            room=place.room,
            direct=place.direct,
            channel=self.house.channel_of(place.room),
            words=self.words,
            house=self.house,
            said=place.said,  # what is confirmed counts from when it was asked for
            answers=place.reply_to or place.thread,
            handle=asked.reply,
            confirmed="" if step is None else step.question,
        )
        if self.words_of is None:
            return context
        team = context.part().team
        return replace(context, words=self.words_of(None if team is None else team.key))


def went_wrong(words: Words, shown: str) -> str:
    """What is said of what nobody foresaw, with the reference that stands in the log."""
    return words("Something went wrong on my side; reference {reference}.", reference=shown)


def _press(asked: Asked) -> Press | None:
    if asked.pressed is None:
        return None
    return Press(asked.pressed, asked.call.typed, asked.author.person)


def _call(call: Called) -> Call | NearMiss:
    return NearMiss(call.name, call.suggestion) if call.near else Call(call.name, call.text)
