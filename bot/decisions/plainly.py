"""Whether somebody objects in plain words, without the command: short words that say nothing else.

Never counted: it is only asked whom to tell how one objects. So what merely speaks of objecting, a
question, or a long text says nothing here. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from bot.richtext import Paragraph, RichText, plain

LONGEST = 280
"""Characters of a text that may be an objection and no more than that."""

_OPENING = (
    r"(?:(?:sorry|hi|hello|hi all|well|bonjour|désolée?s?|for the record)\W+|(?:no|non)[,.!:;]\s*)"
    r"{0,2}"
)
_BRIEF = (
    r"(?=\s*(?:$|[.!,:;\u2013\u2014-]|to\b|from\b|because\b|since\b|as\b|à\b|au\b|car\b|parce\b))"
)
_MUST = (
    r"(?:(?:must|have to|has to|do|does|want to|wants to|wish to|wishes to|need to|needs to|"
    r"formally|strongly|firmly|hereby)\s+){0,3}"
)
_SAYS = (
    r"(?:objects?|opposes?|disagrees?|vetoe?s?|rejects?|"
    r"(?:do not|don't|cannot|can't|can not|does not|doesn't|will not|won't) "
    r"(?:agree|accept|support|consent)|"
    r"(?:are|am|is|'re|'m) (?:firmly |strongly )?(?:against|opposed|not in agreement)|"
    r"(?:have|has|raise|raises) (?:an|a formal|a strong|one) objection)\b"
)
_DIT = (
    r"(?:nous nous y? ?opposons|on s'y? ?oppose|je m'y? ?oppose|nous y? ?objectons|j'y? ?objecte|"
    r"(?:nous|je) (?:refusons|refuse|rejetons|rejette)|"
    r"(?:nous |je |on )?(?:ne |n')?(?:sommes|suis|est) pas d'accord|pas d'accord|"
    r"(?:nous |je |on )(?:sommes|suis|est) (?:fermement )?(?:contre|opposée?s?)|"
    r"(?:nous |je |on )(?:avons|ai|a|soulevons|soulève|émettons|émets|formulons|formule) "
    r"une objection)\b"
)
_NOUN = r"(?:(?:formal |strong |our )?objection|opposition|nack|veto)" + _BRIEF
_ALONE = r"(?:against|opposed|not agreed|contre|opposée?s?)(?: (?:it|this|that|cela))?\s*[.!]*$"
_NOTHING = re.compile(
    r"\W*(?:to |with |à |avec |y )?(?:nothing|none of|no more\b|no longer|any ?more|pas\b|plus\b|"
    r"rien|jamais|aucune?)"
)


def objects(body: RichText, names: Iterable[str] = ()) -> bool:
    """Whether these words object and do little else. `names`: what the speaker's team is called."""
    text = _normal(body)
    if not text or len(text) > LONGEST or _asks(text):
        return False
    called = [re.escape(_folded(each)) for each in names if each]
    who = "|".join(
        ["we all", "we", "i", r"(?:our|my) (?:team|side|agency|organi[sz]ation)", *called]
    )
    en = rf"{_OPENING}(?:{who})(?:\s+|(?='))(?:{_MUST}){_SAYS}"
    for found in (re.match(each, text) for each in (en, _OPENING + _DIT)):
        if found is not None:
            return _NOTHING.match(text, found.end()) is None
    return any(re.match(_OPENING + each, text) for each in (_NOUN, _ALONE))


def _normal(body: RichText) -> str:
    """What is said in it, without what it quotes or shows as code, in one line and lower case."""
    said = RichText(tuple(each for each in body.blocks if isinstance(each, Paragraph)))
    return " ".join(_folded(plain(said)).split()).strip("\"“”«»'*_ ")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")


def _asks(text: str) -> bool:
    """Whether its first sentence is a question."""
    end = re.search(r"[.!?]", text)
    return end is not None and end[0] == "?"
