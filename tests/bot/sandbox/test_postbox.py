"""The sandbox' mail server: what the bot's own carrier sends is shown, and goes nowhere."""

from __future__ import annotations

import asyncio

from bot.alerting.sending import Note, Post, Sender, Ways
from bot.sandbox.postbox import Letter, postbox


def test_a_mail_is_taken_and_shown() -> None:
    async def play() -> list[Letter]:
        letters: list[Letter] = []
        async with postbox(letters.append) as port:
            mail = Post("smtp", "127.0.0.1", port, None, None, None, "liaison@sandbox.example")
            sender = Sender(Ways(mail), longest=60)
            note = Note("g-1", "g-7kq2m critical", ("g-7kq2m critical", "https://x.example"))
            assert not await sender.send("mailto:duty@cert-alpha.example", note)
            assert not await sender.try_mail()
        return letters

    (letter,) = asyncio.run(play())
    assert str(letter).splitlines() == [
        "✉ to duty@cert-alpha.example: g-7kq2m critical",
        "  g-7kq2m critical",
        "  https://x.example",
    ]
