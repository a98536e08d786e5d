"""The one handler: an event in, deliveries out, inside one transaction; it never sends."""

from bot.handler.handler import Handler

__all__ = ["Handler"]
