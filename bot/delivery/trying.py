"""One request to a network, and what came of it: never more than that, and never an exception."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.delivery.advancing import LookUp, Send
from bot.delivery.backoff import pause
from bot.delivery.outbox import THROTTLED
from bot.delivery.outcomes import Delivered, Postponed, Refusal, Settled, Unclear
from bot.errors import (
    AccountRefused,
    Barred,
    NotSent,
    OutcomeUnknown,
    PlatformError,
    Refused,
    Throttled,
)
from bot.events import DeliveryId, RoomId
from bot.log import reference
from bot.platforms.base import Platform

log = structlog.get_logger()


class Tries:
    """Sends deliveries, and looks for them."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.barred: dict[RoomId, str] = {}
        """Rooms that let nothing in at present, as far as something waits for them, and why."""

    async def send(self, platform: Platform, step: Send) -> Settled:
        """Send it."""
        key = step.delivery.id
        try:
            sent = await platform.deliver(step.delivery)
        except PlatformError as error:
            if isinstance(error, Barred):
                self.barred[step.delivery.room] = error.reason
            return self._failed(key, step.attempts, error)
        except Exception:
            log.exception("lane.unexpected", delivery=key, reference=reference())
            return self._failed(key, step.attempts, OutcomeUnknown("unexpected"))
        self.barred.pop(step.delivery.room, None)
        log.debug("delivery.delivered", delivery=key, attempts=step.attempts)
        return Delivered(key, sent.message)

    async def look(self, platform: Platform, step: LookUp, failures: int) -> Settled | None:
        """Look for it; None where a complete look-up found nothing. `failures`: how many look-ups
        have failed in a row where this one does.
        """
        key = step.delivery.id
        try:
            found = await platform.find(step.delivery)
        except Barred as error:
            return self._again(key, failures, error)
        except Refused as error:  # nobody can look there any more, nor send: it ends here
            return Refusal(key, f"unknown; {error.reason}")
        except PlatformError as error:
            log.info("delivery.look_up_failed", delivery=key, reason=error.reason)
            return self._again(key, failures, error)
        except Exception:
            log.exception("lane.unexpected", delivery=key, reference=reference())
            return self._again(key, failures, OutcomeUnknown("unexpected"))
        return None if found is None else Delivered(key, found.message)

    def _failed(self, key: DeliveryId, attempts: int, error: PlatformError) -> Settled:
        log.info("delivery.failed", delivery=key, attempts=attempts, reason=error.reason)
        until = self._after(attempts, error)
        match error:
            case Throttled():
                return Postponed(key, until, THROTTLED)
            case Barred():
                return Postponed(key, until, error.reason)
            case Refused():
                return Refusal(key, error.reason)
            case AccountRefused():
                log.warning("account.refused", delivery=key, mend=error.mend)
                return Postponed(key, until, error.reason)
            case NotSent():
                return Postponed(key, until, error.reason)
            case _:
                return Unclear(key, error.reason, until)

    def _again(self, key: DeliveryId, failures: int, error: PlatformError) -> Unclear:
        return Unclear(key, error.reason, self._after(failures, error))

    def _after(self, failures: int, error: PlatformError) -> datetime:
        seconds = pause(failures, random.random(), retry_after=error.retry_after)  # noqa: S311  jitter
        return self._clock() + timedelta(seconds=seconds)
