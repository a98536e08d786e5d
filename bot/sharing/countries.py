"""Codes of countries: ISO 3166-1 in two or three letters, and which two mean the same country."""

from __future__ import annotations

from functools import lru_cache

from babel.core import get_global

_RESERVED = frozenset({"EU", "UN"})
"""Reserved in ISO 3166-1 for unions of countries, which have teams too."""


@lru_cache(maxsize=1024)
def alpha_2(code: str) -> str | None:
    """The code in two capital letters of one in two or three letters, in any case; None for what
    is none, the codes of countries that have become several included. Source: CLDR, in Babel.
    """
    code = code.upper() if code.isascii() and code.isalpha() else ""
    if len(code) == 3:
        now = get_global("territory_aliases").get(code, [])
        code = now[0] if len(now) == 1 else ""
    known = len(code) == 2 and (code in _RESERVED or code in get_global("territory_languages"))
    return code if known else None
