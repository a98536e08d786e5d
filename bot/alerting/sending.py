"""Alerts sent: by a few processes, which are ended when their time is over."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_CARRIER = Path(__file__).with_name("carrier.py")
_AT_ONCE = 6
"""Processes; each is 55 MB where it loads Apprise."""
_TOGETHER = 32
"""Alerts that share one: it takes a third of a second to begin, and what is slow is beside it."""
_LONGEST = 10.0
"""Seconds that an alert has: INTERFACE's "within ten seconds"."""
_KEPT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LANG", "TZ", "SYSTEMROOT", "TMPDIR")
"""What of the environment a carrier gets: the bot's tokens stand in the rest."""

Job = Mapping[str, object]
Waiting = tuple[Job, asyncio.Future[str]]


@dataclass(frozen=True, slots=True)
class Post:
    """The mail server and who the bot is to it. Its text shows no secret."""

    scheme: str
    host: str
    port: int
    user: str | None
    password: str | None
    ca_file: str | None
    sender: str

    def __repr__(self) -> str:
        return f"Post({self.scheme}://{self.host}:{self.port})"

    def job(self, what: str, **more: object) -> dict[str, object]:
        """What a carrier is told of it."""
        place = {
            "scheme": self.scheme, "host": self.host, "port": self.port, "user": self.user
        }  # fmt: skip
        return {
            "what": what, "server": place, "password": self.password, "ca_file": self.ca_file,
            "sender": self.sender, **more,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    """An alert: its first line, and all its lines. `id` stays the same however often it is sent."""

    id: str
    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    """How alerts leave. Its text shows no secret."""

    mail: Post | None = None
    proxy: str | None = None
    no_proxy: Sequence[str] = ()
    ca_file: str | None = None

    def __repr__(self) -> str:
        return f"Ways(mail={self.mail!r})"

    def environment(self) -> dict[str, str]:
        """What a carrier finds around it: Apprise's services take proxies from there."""
        found = {key: os.environ[key] for key in _KEPT if key in os.environ}
        found["NETRC"] = os.devnull  # else passwords that lie there go to whom they were not for
        if self.proxy is not None:
            found |= {"HTTP_PROXY": self.proxy, "HTTPS_PROXY": self.proxy}
            found["NO_PROXY"] = ",".join((*self.no_proxy, "localhost", "127.0.0.1", "::1"))
        if self.ca_file is not None:
            found |= {"REQUESTS_CA_BUNDLE": self.ca_file, "SSL_CERT_FILE": self.ca_file}
        return found


class Sender:
    """Sends alerts. `send` gives "" or a word for why it was not taken (`bot.alerting.words`)."""

    def __init__(self, ways: Ways, *, longest: float = _LONGEST) -> None:
        self._ways = ways
        self._longest = longest
        self._waiting: deque[Waiting] = deque()
        self._crews: set[asyncio.Task[None]] = set()

    async def send(self, target: str, note: Note) -> str:
        """Send to an address of mail or a service's URL."""
        body = "\n".join(note.lines) + "\n"
        if not target.lower().startswith("mailto:"):
            return await self._run({"what": "notify", "url": target, "title": note.title,
                                    "body": body})  # fmt: skip
        if self._ways.mail is None:
            return "no server"
        mail = self._ways.mail.job(
            "mail", to=target.partition(":")[2], subject=note.title, body=body, id=note.id
        )
        return await self._run(mail)

    async def try_mail(self) -> str:
        """Whether the mail server lets us in; nothing is sent."""
        if self._ways.mail is None:
            return "no server"
        return await self._run(self._ways.mail.job("login"))

    async def try_form(self, url: str) -> str:
        """Whether a URL is that of a service; nothing is sent."""
        return await self._run({"what": "form", "url": url})

    async def _run(self, job: Job) -> str:
        """A job's end. It goes alone where nothing else waits, else with what does."""
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append((job, ended))
        self._start()
        return await ended

    def _start(self) -> None:
        while self._waiting and len(self._crews) < _AT_ONCE:
            together = [self._waiting.popleft() for _ in range(min(len(self._waiting), _TOGETHER))]
            crew = asyncio.get_running_loop().create_task(self._carry(together))
            self._crews.add(crew)
            crew.add_done_callback(self._over)

    def _over(self, crew: asyncio.Task[None]) -> None:
        self._crews.discard(crew)
        if not crew.cancelled():
            self._start()

    async def _carry(self, together: Sequence[Waiting]) -> None:
        """One process for some jobs; whatever becomes of it, each of them ends."""
        why = "fault"
        try:
            async with asyncio.timeout(self._longest):
                await self._carried(together)
        except TimeoutError:
            why = "timeout"
        except OSError:  # no process is to be had
            why = "fault"
        finally:
            for _, ended in together:
                if not ended.done():
                    ended.set_result(why)

    async def _carried(self, together: Sequence[Waiting]) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", str(_CARRIER),
            stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=self._ways.environment(),
        )  # fmt: skip
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            with suppress(ConnectionError):
                process.stdin.write(json.dumps([job for job, _ in together]).encode())
                await process.stdin.drain()
                process.stdin.close()
            async for line in process.stdout:
                found = _read(line)
                if found is not None and not together[found[0]][1].done():
                    together[found[0]][1].set_result(found[1])
            await process.wait()
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()


def _read(line: bytes) -> tuple[int, str] | None:
    try:
        found = json.loads(line)
        return int(found["job"]), str(found["why"])
    except (ValueError, KeyError, TypeError):
        return None
