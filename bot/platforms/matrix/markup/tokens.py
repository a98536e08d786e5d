"""HTML as a row of tags and texts, in one pass whose time grows with the length alone.

Every pattern keeps what it matched (possessive quantifiers), and a tag that never ends reaches to
the end, as in the HTML standard, so that no character is looked at again and again. There is no
tree of elements here: the body's tree is flat, and needs none.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from html.entities import html5
from typing import Any

DROPPED = ("script", "style", "title", "iframe", "noembed", "noframes")
"""Elements of which nothing is said in the room; to the end where they are not closed."""

_ATTRIBUTES = r"""(?:[^>=]++|=\s*+(?:"[^"]*+"?|'[^']*+'?|[^\s>]*+))*+"""
_WHOLE = "|".join(
    rf"(?i:{name})(?=[\s/>]){_ATTRIBUTES}>?"
    rf"(?:[^<]++|<(?!/(?i:{name})[\s/>]))*+(?:</(?i:{name})[^>]*+>?)?"
    for name in DROPPED
)
_COMMENT = "!--(?:-?>|(?:[^-]++|-(?!-!?>))*+(?:--!?>)?)"
_BOGUS = r"(?:[!?]|/[^A-Za-z])[^>]*+>?"
_TAG = re.compile(
    rf"<(?=[A-Za-z/!?])(?:{_WHOLE}"
    rf"|([A-Za-z][^\s/>]*+)({_ATTRIBUTES})>?"
    rf"|/([A-Za-z][^\s/>]*+){_ATTRIBUTES}>?"
    rf"|{_COMMENT}|/>|{_BOGUS})"
)
_ATTRIBUTE = re.compile(
    r"""([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"?|'([^']*+)'?|([^\s>]*+)))?"""
)
_HUGE = re.compile("&#(?:[0-9]{9,}+|[xX][0-9A-Fa-f]{9,}+);?")
_IN_ATTRIBUTE = re.compile(
    "&(?:#[0-9]++;?|#[xX][0-9A-Fa-f]++;?|[A-Za-z][A-Za-z0-9]{1,31}+(?:;|(?![=A-Za-z0-9])))"
)

Token = tuple[str, str | None, str | None, str | None]
"""A text (maybe empty, references not resolved), then the tag after it: the name and attributes
of an opening one, or the name of a closing one. Names as they stand."""


def tokens(source: str) -> Iterator[Token]:
    """The texts and tags of HTML in order, without comments and dropped elements.

    Never fails, whatever the string.
    """
    parts: Iterator[Any] = iter([*_TAG.split(source), None, None, None])
    return zip(parts, parts, parts, parts, strict=True)


def attributes_of(source: str) -> Mapping[str, str]:
    """A tag's attributes by their names in lower case; of two with one name the first."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(source):
        value = double or single or bare
        found.setdefault(name.lower(), _IN_ATTRIBUTE.sub(_in_attribute, value))
    return found


def unescape(text: str) -> str:
    """A text with its character references resolved, once."""
    if "&" not in text:
        return text
    # Python refuses to read numbers of thousands of digits
    return html.unescape(_HUGE.sub("\ufffd", text) if "&#" in text else text)


def _in_attribute(reference: re.Match[str]) -> str:
    """In an attribute only whole names count: `?a=1&copy=2` is an address."""
    text = reference[0]
    return unescape(text) if text[1] == "#" else html5.get(text[1:], text)
