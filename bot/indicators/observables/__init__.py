"""Values that can be looked up: read one, find them in a text, write each in its one normal form.

Nothing here asks anybody: everything is a function of what it is given.
"""

from bot.indicators.observable import Kind, Observable
from bot.indicators.observables.defanging import defang, defang_links, defang_text
from bot.indicators.observables.extraction import Found, extract
from bot.indicators.observables.files import from_file
from bot.indicators.observables.nature import Nature, nature, within
from bot.indicators.observables.normal import normal, settled
from bot.indicators.observables.reading import read, typed
from bot.indicators.observables.refanging import refang

__all__ = [
    "Found",
    "Kind",
    "Nature",
    "Observable",
    "defang",
    "defang_links",
    "defang_text",
    "extract",
    "from_file",
    "nature",
    "normal",
    "read",
    "refang",
    "settled",
    "typed",
    "within",
]
