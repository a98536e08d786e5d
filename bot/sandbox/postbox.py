"""A mail server of the sandbox: it takes every mail, shows it, and delivers none.

As little of RFC 5321 as the standard library's client asks for; on loopback alone.
"""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes, policy

_LONGEST = 1_000_000
_ANSWERS = {
    "EHLO": "250 sandbox", "HELO": "250 sandbox", "MAIL": "250 ok", "RCPT": "250 ok",
    "RSET": "250 ok", "NOOP": "250 ok",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it came in."""

    to: str
    subject: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([f"✉ to {self.to}: {self.subject}", *(f"  {each}" for each in self.lines)])


@asynccontextmanager
async def postbox(take: Callable[[Letter], None]) -> AsyncIterator[int]:
    """A server on a free port of loopback, which is given; each mail is handed to `take`."""

    async def talk(reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(ConnectionError, ValueError, TimeoutError):
            async with asyncio.timeout(60):
                await _talk(reader, writer, take)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, limit=_LONGEST)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        await server.wait_closed()


async def _talk(reader: StreamReader, writer: StreamWriter, take: Callable[[Letter], None]) -> None:
    def say(line: str) -> None:
        writer.write(f"{line}\r\n".encode())

    say("220 sandbox")
    while line := await reader.readline():
        word = line[:4].decode("ascii", "replace").strip().upper()
        match word:
            case "QUIT":
                say("221 bye")
                await writer.drain()
                return
            case "DATA":
                say("354 go on")
                await writer.drain()
                take(_letter(await reader.readuntil(b"\r\n.\r\n")))
                say("250 taken")
            case _:
                say(_ANSWERS.get(word, "502 not here"))
        await writer.drain()


def _letter(raw: bytes) -> Letter:
    message = message_from_bytes(raw.removesuffix(b"\r\n.\r\n"), policy=policy.default)
    body = message.get_content() if not message.is_multipart() else ""
    return Letter(str(message["To"]), str(message["Subject"]), tuple(body.strip().splitlines()))
