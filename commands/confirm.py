"""`confirm`: yes to what the bot has asked; what waits for it is run instead (see `bot.desk`)."""

from __future__ import annotations

from typing import Annotated

from bot.errors import UserError
from commands.registry import Context, Reply, Rest, command


@command("confirm", writes=True)
def confirm(
    context: Context, what: Annotated[str, Rest("which question, where I asked several")] = ""
) -> Reply:
    """Yes: do what you have just asked me about."""
    del context, what
    raise UserError(
        "Nothing waits for your word here. What I ask holds for ten minutes, in the same room."
    )
