"""The bot's own words: message ids are the English text, catalogues hold the other languages."""

from bot.words.catalogue import LANGUAGES, Words, message, words_for

__all__ = ["LANGUAGES", "Words", "message", "words_for"]
