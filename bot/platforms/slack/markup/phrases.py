"""The bot's own words that stand in a message for what cannot be shown."""

from __future__ import annotations

from dataclasses import dataclass

from bot.words import message


@dataclass(frozen=True, slots=True)
class Phrases:
    """The bot's own words in a message, to be said in the readers' language."""

    unknown: str = message("[This message has parts that cannot be shown here.]")
    """Once for all the blocks of a message that nobody here can read."""
    hidden: str = message("hidden")
    """Beside the bar that stands for a spoiler."""
    image: str = message("image")
    video: str = message("video")


PHRASES = Phrases()
