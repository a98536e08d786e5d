"""The words by which a text is found, and what is asked for in them. Pure.

Both databases are given words that were made here, so that both find the same: in small letters,
without accents; what is joined by a point, a hyphen and the like as a whole and in its parts
(`198.51.100.7`, `RTF-2026-014`). What is no word of anybody's begins with `=`, which none does.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

_JOINED = re.compile(r"\w+(?:[.\-:/@+]+\w+)*")
_PART = re.compile(r"\w+")
_LONGEST = 100
"""Characters of a word that count."""
_BEGINNING = 3
"""Characters from which a word finds those that only begin with it."""
_MOST = 30
"""Words of one search."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word; with `begins` also those that begin with it."""

    text: str
    begins: bool = False


Choice = tuple[tuple[Term, ...], ...]
"""Any of these, each of which is all of its terms."""
Query = tuple[Choice, ...]
"""All of these."""


def words_of(text: str) -> set[str]:
    """The words of a text."""
    found: set[str] = set()
    for joined in _JOINED.findall(folded(text)):
        found.add(joined[:_LONGEST])
        found.update(part[:_LONGEST] for part in _PART.findall(joined))
    return found


def folded(text: str) -> str:
    """In small letters and without accents."""
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare.casefold())


def fact(name: str, value: object) -> str:
    """What is known of a decision beside its texts, as a word: `=state:open`."""
    return f"={name}:{value}"


def asked(search: str) -> Iterator[tuple[str, Choice]]:
    """Each word of a search as it was typed, with what it finds."""
    for typed in search.split()[:_MOST]:
        for joined in _JOINED.findall(folded(typed)):
            parts = _PART.findall(joined)
            whole = (_term(joined),)
            apart = tuple(map(_term, parts))
            yield typed, ((whole,) if len(parts) == 1 else (whole, apart))


def any_of(words: Iterable[str]) -> Choice:
    """Any of these words, exactly."""
    return tuple((Term(word),) for word in words)


def in_fts5(query: Query) -> str:
    """As SQLite's full text takes it (https://www.sqlite.org/fts5.html, 3)."""
    return _written(query, " AND ", " OR ", lambda term: f'"{term.text}"{"*" * term.begins}')


def in_tsquery(query: Query) -> str:
    """As PostgreSQL's does (its manual, 8.11.2)."""
    return _written(query, " & ", " | ", lambda term: f"'{term.text}'{':*' * term.begins}")


def _term(word: str) -> Term:
    return Term(word[:_LONGEST], begins=len(word) >= _BEGINNING)


def _written(query: Query, both: str, either: str, write: Callable[[Term], str]) -> str:
    return both.join(
        f"({either.join(f'({both.join(map(write, terms))})' for terms in choice)})"
        for choice in query
    )
