"""Reading what somebody writes as an advisory: Markdown, with front matter or without.

Front matter is a few lines `key: value` between two lines `---`; a list is `[a, b]`, `a, b`, or
lines `- a` below its key. It is no YAML, which does far more than that: a value is always text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.errors import UserError

LISTS = frozenset(
    {"channels", "seal", "cves", "references", "affected", "indicators", "techniques"}
)
KEYS = LISTS | {
    "kind", "title", "severity", "marking", "group", "summary", "actions", "due", "contact",
}  # fmt: skip
TEXTS = frozenset({"actions"})
"""Several lines stay lines."""
_FENCE = "---"
_QUOTES = {'"': '"', "'": "'", "“": "”"}


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: each key's values as text, and the rest, which is the body."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    body: str = ""

    def one(self, key: str) -> str | None:
        """The value of a key that has one, None where it is not there or empty."""
        between = "\n" if key in TEXTS else " "
        return between.join(self.values.get(key, ())) or None

    def many(self, key: str) -> tuple[str, ...]:
        """The values of a key that is a list."""
        return self.values.get(key, ())


def read_file(text: str) -> Written:
    """An advisory as a file: front matter if there is any, and the body. Without a title there the
    body's first heading is it. Raises UserError.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    if not lines or lines[0].rstrip() != _FENCE:
        return _with_title(Written(body="\n".join(lines)))
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE), None)
    if end is None:
        raise UserError("The front matter has no end: a line “---” is missing.")
    return _with_title(Written(_values(lines[1:end]), "\n".join(lines[end + 1 :]).strip("\n")))


def read_typed(text: str) -> Written:
    """An advisory as it is typed: its title is the first line, the rest is the body."""
    if text.lstrip().startswith(_FENCE + "\n"):
        return read_file(text)
    title, _, body = text.strip().partition("\n")
    return Written({"title": (title.strip().lstrip("#").strip(),)}, body.strip("\n"))


def _with_title(written: Written) -> Written:
    if written.one("title") is not None:
        return written
    before, _, after = written.body.lstrip().partition("\n")
    if not before.startswith("# "):
        return written
    return Written({**written.values, "title": (before[2:].strip(),)}, after.strip("\n"))


def _values(lines: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    key = ""
    for line in lines:
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if key in TEXTS and line[:1] in " -":
            found[key] += (text,)
            continue
        if key and line[:1] in " -" and (item := text.removeprefix("-").strip()) != "":
            found[key] += (_bare(item),)
            continue
        name, colon, value = text.partition(":")
        key = name.strip().casefold()
        if not colon or key not in KEYS:
            raise UserError(
                "The front matter has no “{key}”: it knows {keys}.",
                key=name.strip()[:24], keys=", ".join(sorted(KEYS)),
            )  # fmt: skip
        if key in found:
            raise UserError("“{key}” stands twice in the front matter.", key=key)
        found[key] = _listed(value.strip()) if key in LISTS else _single(value.strip())
    return found


def _single(value: str) -> tuple[str, ...]:
    bare = "" if value in {"|", ">", "|-", ">-"} else _bare(value)
    return (bare,) if bare else ()


def _listed(value: str) -> tuple[str, ...]:
    inside = value[1:-1] if value[:1] == "[" and value[-1:] == "]" else value
    return tuple(found for each in inside.split(",") if (found := _bare(each.strip())))


def _bare(value: str) -> str:
    close = _QUOTES.get(value[:1])
    return value[1:-1] if close and len(value) > 1 and value[-1] == close else value
