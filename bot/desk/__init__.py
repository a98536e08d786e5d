"""Where commands are run, beside the relay: what comes with one, its second step, its measure."""

from bot.desk.desk import Desk, unasked

__all__ = ["Desk", "unasked"]
