"""The one grammar of what people type: pure functions from text to calls and words."""

from commands.grammar.calls import OWN, Call, NearMiss, read_call, read_slash
from commands.grammar.moments import read_moment
from commands.grammar.refanging import refang, unlink
from commands.grammar.suggesting import closest
from commands.grammar.words import Word, first_word, quote, read_words, split

__all__ = [
    "OWN",
    "Call",
    "NearMiss",
    "Word",
    "closest",
    "first_word",
    "quote",
    "read_call",
    "read_moment",
    "read_slash",
    "read_words",
    "refang",
    "split",
    "unlink",
]
