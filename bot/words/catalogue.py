"""Saying a message in a reader's language.

English is the message ids themselves. The others are gettext `.po` files beside this module, read
when their language is first used; Babel, which reads them, is not imported before.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

LANGUAGES = ("en", "fr")
"""The languages that the bot speaks; English is where every other falls back to."""


class Words:
    """The bot's words in one language.

    A message has named fields, `{room}`; the values put into them are never interpreted, whatever
    they contain. A message without values is taken as it stands.
    """

    def __init__(self, language: str, translations: NullTranslations) -> None:
        self.language = language
        self._translations = translations

    def __call__(self, message_id: str, /, **values: object) -> str:
        """A message, by its English text."""
        # gettext keeps the file's header under the empty id.
        text = self._translations.gettext(message_id) if message_id else ""
        return _filled(text, values)

    def count(self, singular: str, plural: str, n: int, /, **values: object) -> str:
        """A message that depends on a number, in the form the language asks for; `{n}` is `n`."""
        return _filled(self._translations.ngettext(singular, plural, n), {"n": n, **values})


def words_for(language: str) -> Words:
    """The words of a language (`fr`, also `fr-CA`); of one that the bot does not speak, English."""
    spoken = language.replace("_", "-").partition("-")[0].lower()
    return _loaded(spoken if spoken in LANGUAGES else "en")


def message(message_id: str, /) -> str:
    """Marks a message id that is said elsewhere (kept in a constant, a field, a table)."""
    return message_id


@cache
def _loaded(language: str) -> Words:
    return Words(language, NullTranslations() if language == "en" else _read(language))


def _read(language: str) -> GNUTranslations:
    from babel.messages.mofile import write_mo  # noqa: PLC0415  15 MB that English does not need
    from babel.messages.pofile import read_po  # noqa: PLC0415  as above

    compiled = BytesIO()
    with files("bot.words").joinpath(f"{language}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language, abort_invalid=True))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _filled(text: str, values: dict[str, object]) -> str:
    return text.format(**{name: str(value) for name, value in values.items()}) if values else text
