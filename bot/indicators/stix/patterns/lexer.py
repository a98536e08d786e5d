"""The tokens of a STIX pattern. One regular expression, every part of it linear."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""
    (?:\s|/\*(?:[^*]|\*(?!/))*+\*/|//[^\n]*+)*+      # white space and comments
    (?:
      (?P<text>'[^'\\]*+(?:\\['\\][^'\\]*+)*+')
    | (?P<typed>t'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d++)?Z'
        | h'(?:[0-9a-fA-F]{2})*+' | b'[A-Za-z0-9+/]*+={0,2}')
    | (?P<name>[A-Za-z_][\w-]*+)
    | (?P<number>[+-]?(?:\d*+\.\d++|0|[1-9]\d*+))
    | (?P<sign>==|=|!=|<>|<=|>=|<|>|[\[\]().:,*])
    | (?P<end>\Z)
    | (?P<bad>.)
    )""",
    re.VERBOSE | re.ASCII | re.DOTALL,
)


WORDS = frozenset(
    {"AND", "OR", "NOT", "FOLLOWEDBY", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET", "EXISTS", "IN"}
    | {"START", "STOP", "SECONDS", "TIMES", "WITHIN", "REPEATS", "true", "false"}
)


class Malformed(ValueError):
    """A text that is no pattern."""


def tokens(text: str) -> list[tuple[str, str]]:
    """The tokens of a pattern, with one `end` at the end; raises `Malformed`."""
    found: list[tuple[str, str]] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "bad"
        if kind == "bad":
            raise Malformed
        found.append((kind, match[kind]))
        if kind == "end":
            break
    return found
