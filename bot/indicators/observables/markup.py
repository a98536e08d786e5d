"""The text of what is written in CSV, JSON or HTML, a line for each piece, in linear time."""

from __future__ import annotations

import csv
import html
import io
import re

_DELIMITERS = ",;\t|"
_HEAD = 20
"""Lines from which the delimiter is told."""
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
_ESCAPED = {"b": " ", "f": " ", "n": "\n", "r": "\n", "t": "\t"}
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_ALONE = re.compile("[\ud800-\udfff]")
_TAG = re.compile(
    r"</?([a-zA-Z][a-zA-Z0-9:-]{0,40}+)((?:[^<>\"']++|\"[^\"<]{0,8000}+\"|'[^'<]{0,8000}+')*+)/?>"
)
_VALUE = re.compile(r"=\s{0,3}(?:\"([^\"]{1,8000}+)\"|'([^']{1,8000}+)'|([^\s\"'>]{1,8000}+))")
_IN_LINE = frozenset(
    "a abbr b bdi bdo code em font i kbd mark s samp small span strong sub sup tt u var wbr".split()  # noqa: SIM905  read at a glance
)
"""Tags that stand inside of words."""


def from_csv(text: str) -> str:
    """Each cell in a line of its own; lines that are comments as they stand."""
    lines = text.splitlines()
    head = [line for line in lines[:_HEAD] if not line.startswith("#")]
    delimiter = max(_DELIMITERS, key=lambda sign: sum(sign in line for line in head))
    try:
        rows = csv.reader(io.StringIO(text), delimiter=delimiter)
        return "\n".join("\n".join(row) for row in rows)
    except csv.Error:
        return text.replace(delimiter, "\n")


def from_json(text: str) -> str:
    """Its strings, unescaped where they stand: so nothing can be nested too deep."""
    plain = _ESCAPE.sub(_unescaped, text)
    return _ALONE.sub("\ufffd", _PAIR.sub(_joined, plain))


def from_html(text: str) -> str:
    """What is shown, scripts and comments, and then the values of all attributes."""
    aside: list[str] = []

    def instead(tag: re.Match[str]) -> str:
        aside.extend(value[1] or value[2] or value[3] for value in _VALUE.finditer(tag[2]))
        return "" if tag[1].lower() in _IN_LINE else "\n"

    shown = _TAG.sub(instead, text)
    return html.unescape("\n".join([shown, *aside]))


def _unescaped(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else _ESCAPED.get(found[2], found[2])


def _joined(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16", "surrogatepass").decode("utf-16")
