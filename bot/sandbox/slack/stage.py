"""A workspace at work: its state, the sockets of its apps, its faults, and what arrived."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.slack.faults import EVENT, Faults, Trouble
from bot.sandbox.slack.payloads import event_callback
from bot.sandbox.slack.sockets import Envelope, Switchboard
from bot.sandbox.slack.things import App, Channel, Json
from bot.sandbox.slack.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """A request to the Web API: its outcome is `ok`, an error's name, or a fault's."""

    method: str
    at: float
    outcome: str
    status: int


@dataclass(frozen=True, slots=True)
class Ephemeral:
    """What only one person was shown. `via`: api, response_url, answer (with the ack) or slack."""

    user: str
    channel: str
    text: str
    ts: str
    via: str
    blocks: list[Json] | None = None
    thread_ts: str = ""


@dataclass(slots=True)
class Trigger:
    """What a person's deed allows an app for a short while: one view, some answers."""

    id: str
    app: str
    user: str
    channel: str
    until: float
    used: bool = False


@dataclass(slots=True)
class Interaction:
    """A command, press, shortcut or submission, and what became of it.

    `state`: sent, acknowledged, operation_timeout (no answer in time), dispatch_failed (nobody
    there). `answer` is what came with the acknowledgement.
    """

    id: str
    kind: str
    user: str
    channel: str
    trigger_id: str
    response_url: str
    app: str
    until: float = 0.0
    uses: int = 5
    message_ts: str = ""
    ephemeral: bool = False
    state: str = "sent"
    answer: Json | None = None
    payload: Json = field(default_factory=dict, repr=False)


class Stage:
    """What methods, people and sockets share. `on_event` hears of everything that happens."""

    def __init__(self, world: World, *, ack_timeout: float, keep_calls: int) -> None:
        self.world = world
        self.faults = Faults()
        self.ack_timeout = ack_timeout
        self.boards: dict[str, Switchboard] = {}
        self.calls: deque[Call] = deque(maxlen=keep_calls)
        self.counts: Counter[str] = Counter()
        self.ephemerals: deque[Ephemeral] = deque(maxlen=keep_calls)
        self.interactions: dict[str, Interaction] = {}
        self.triggers: dict[str, Trigger] = {}
        self.trigger_life = 3.0
        """Seconds: https://docs.slack.dev/interactivity/handling-user-interaction/"""
        self.response_life = 1800.0
        self.clock: Callable[[], float] = time.monotonic
        self.on_event: list[Callable[[Json], None]] = []
        self._changed = asyncio.Event()
        self._waiting = 0
        self._held: list[tuple[Switchboard, Envelope]] = []

    def add_app(self, name: str, *, bot_token: str = "", app_token: str = "") -> App:
        """Install an app and give it a switchboard."""
        app = self.world.add_app(name, bot_token=bot_token, app_token=app_token)
        board = Switchboard(app, ack_timeout=self.ack_timeout)
        board.on_change = self.changed
        self.boards[app.id] = board
        return app

    def changed(self) -> None:
        """Wake whoever waits in `until`."""
        if self._waiting:
            event, self._changed = self._changed, asyncio.Event()
            event.set()

    async def until(self, condition: Callable[[], bool], within: float = 30.0) -> None:
        """Return when the condition holds; raises TimeoutError. Asked after every change."""
        self._waiting += 1
        try:
            async with asyncio.timeout(within):
                while not condition():
                    await self._changed.wait()
        finally:
            self._waiting -= 1

    # ── events ──────────────────────────────────────────────────────────────────────────────────

    def announce(self, event: Json, channel: Channel | None = None) -> None:
        """Tell every app that is in the channel (None: every app of the workspace)."""
        for app in self.world.apps.values():
            if channel is None or app.user in channel.members:
                self.tell(app, event)
        for listener in self.on_event:
            listener(event)
        self.changed()

    def tell(self, app: App, event: Json) -> None:
        """Send one app an event, if it listens to its type and has not been revoked."""
        if app.revoked or (app.events is not None and event["type"] not in app.events):
            return
        payload = event_callback(self.world, app, event)
        self._despatch(self.boards[app.id], payload, event["type"])

    def _despatch(self, board: Switchboard, payload: Json, kind: str) -> None:
        fault = self.faults.strike(EVENT, kind)
        envelope = Envelope(str(uuid.uuid4()), "events_api", payload)
        match fault.trouble if fault else None:
            case Trouble.EVENT_LOST:
                return
            case Trouble.EVENT_HELD if fault:
                self._held.append((board, envelope))
                asyncio.get_running_loop().call_later(fault.seconds, self._release)
                return
            case Trouble.EVENT_LATE if fault:
                asyncio.get_running_loop().call_later(fault.seconds, board.send, envelope)
                return
            case Trouble.EVENT_TWICE:
                board.send(envelope)
                board.send(Envelope(str(uuid.uuid4()), "events_api", payload))
            case _:
                board.send(envelope)
        self._release()

    def _release(self) -> None:
        held, self._held = self._held, []
        for board, envelope in held:
            board.send(envelope)

    # ── what an app may do because a person did something ───────────────────────────────────────

    def trigger(self, app: App, user: str, channel: str = "") -> Trigger:
        """A new trigger id; those that are over are forgotten."""
        now = self.clock()
        for id_ in [id_ for id_, old in self.triggers.items() if old.until < now - 60]:
            del self.triggers[id_]
        id_ = f"{int(now * 1000)}.{len(self.triggers)}.{uuid.uuid4().hex}"
        trigger = Trigger(id_, app.id, user, channel, now + self.trigger_life)
        self.triggers[id_] = trigger
        return trigger

    def stop(self) -> None:
        """Let go of timers."""
        for board in self.boards.values():
            board.stop()
