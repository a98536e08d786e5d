"""Real mail servers for tests, and a web server that takes what Apprise's services post."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

USER, PASSWORD = "liaison", "correct horse"


@dataclass
class Mailbox:
    """What a server took. `refuses`: it takes nothing for anybody; `stalls`: it keeps one waiting
    who has said all.
    """

    refuses: bool = False
    stalls: bool = False
    messages: list[EmailMessage] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    users: list[str | None] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.refuses:
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        while self.stalls:
            await asyncio.sleep(0.02)
        found = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(found, EmailMessage)
        self.messages.append(found)
        self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        self.users.append(session.auth_data.decode() if session.authenticated else None)
        return "250 OK"


@contextmanager
def mail_server(box: Mailbox, kind: str = "plain", pem: Path | None = None) -> Iterator[Mailbox]:
    """A server on loopback: plain; starttls, which it offers; login, which it demands, after
    STARTTLS; tls, from the beginning. `pem`: its certificate and key.
    """
    context = None
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)

    def authenticator(_s: SMTP, _se: Any, _e: Any, _m: str, data: Any) -> AuthResult:
        good = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
        return AuthResult(success=good, handled=False, auth_data=data.login if good else None)

    more: dict[str, Any] = {}
    if kind in {"starttls", "login"}:
        more["tls_context"] = context
    if kind == "login":
        more |= {"authenticator": authenticator, "auth_required": True, "require_starttls": True}

    def serving() -> SMTP:
        return SMTP(box, hostname="mail.test", **more)

    loop = asyncio.new_event_loop()
    implicit = context if kind == "tls" else None
    server = loop.run_until_complete(loop.create_server(serving, "127.0.0.1", 0, ssl=implicit))
    box.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield box
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for task in asyncio.all_tasks(loop):
            task.cancel()
            loop.run_until_complete(asyncio.wait([task]))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


@dataclass
class Hook:
    """What a web service was posted. `status`: what it answers; `leads_to`: a redirect's address;
    `silent`: it never answers.
    """

    posted: list[dict[str, Any]] = field(default_factory=list)
    status: int = 200
    leads_to: str = ""
    silent: bool = False
    port: int = 0

    async def take(self, request: web.Request) -> web.Response:
        if self.silent:
            await asyncio.Event().wait()
        if self.leads_to and request.path != "/secret":
            return web.Response(status=307, headers={"Location": self.leads_to})
        self.posted.append(await request.json())
        return web.Response(status=self.status)


@asynccontextmanager
async def web_hook(hook: Hook) -> AsyncIterator[Hook]:
    """Serve it on loopback."""
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", hook.take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook.port = runner.addresses[0][1]
    try:
        yield hook
    finally:
        await runner.cleanup()
