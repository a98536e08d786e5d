"""A whole coalition on one machine: the networks' stand-ins, a real homeserver, a page."""

from bot.sandbox.entrance import sandbox

__all__ = ["sandbox"]
