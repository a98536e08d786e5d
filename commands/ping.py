"""`ping`: is the bot there?"""

from __future__ import annotations

from datetime import timedelta

from commands.registry import Context, Reply, Role, command, reply

_BELIEVED = timedelta(hours=1)
"""A longer way than this, or one that ends before it began, says more of the clocks."""


@command("ping", role=Role.GUEST)
def ping(context: Context) -> Reply:
    """Am I here, and how fast did your message reach me?"""
    words = context.words
    if context.said is None:
        return reply(words("I am here."))
    took = context.now - context.said
    if not timedelta() <= took <= _BELIEVED:
        return reply(words("I am here; the network's clock and mine differ."))
    n = round(took / timedelta(milliseconds=1))
    return reply(words("I am here; your message reached me in {n} ms.", n=n))
