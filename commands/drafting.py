"""An advisory as somebody types it: options, a file or lines of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from bot.advisories.document import Kind
from bot.advisories.front_matter import Written, read_file, read_typed
from bot.advisories.sources.csaf.drafting import looks_like_csaf, written_from_csaf
from bot.errors import UserError
from bot.times.working import Severity
from commands.registry import Attached, Context

SEVERITIES = tuple(Severity)
KINDS = tuple(Kind)
LARGEST = 256 * 1024
"""Bytes of a file: what is longer is no text that somebody wrote to be posted."""


_WORDS = re.compile(r"[\s,;]+")
_PARTS = re.compile(r"[\s;]+|,\s+")
_LINES = re.compile(r"\s*[\n;]\s*")


@dataclass(frozen=True, slots=True)
class Options:
    """What stood in options; what is None was not typed."""

    severity: Severity | None = None
    marking: str | None = None
    group: str | None = None
    channels: tuple[str, ...] | None = None
    seal: tuple[str, ...] | None = None
    due: str | None = None
    kind: Kind | None = None
    title: str | None = None
    summary: str | None = None
    actions: str | None = None
    affected: tuple[str, ...] | None = None
    cves: tuple[str, ...] | None = None
    indicators: tuple[str, ...] | None = None
    techniques: tuple[str, ...] | None = None
    references: tuple[str, ...] | None = None
    contact: str | None = None

    def over(self, written: Written) -> Written:
        """What was written, with these in place of what it says."""
        said = {each.name: getattr(self, each.name) for each in fields(self)}
        typed = {
            key: value if isinstance(value, tuple) else (str(value),)
            for key, value in said.items()
            if value is not None
        }
        return Written({**written.values, **typed}, written.body)


def a_kind(text: str) -> Kind:
    """What sort of an advisory; raises UserError."""
    word = "-".join(text.split()).replace("_", "-").casefold()
    found = next((each for each in Kind if each == word), None)
    if found is None:
        raise UserError("Say what it is: {kinds}.", kinds=", ".join(Kind))
    return found


def in_words(text: str) -> tuple[str, ...]:
    """Identifiers, separated by spaces or commas."""
    return tuple(filter(None, _WORDS.split(text)))


def in_parts(text: str) -> tuple[str, ...]:
    """Values, which may hold a comma: separated by spaces, or a comma and a space."""
    return tuple(filter(None, _PARTS.split(text)))


def in_lines(text: str) -> tuple[str, ...]:
    """Whatever holds spaces and commas itself: a line each, or separated by semicolons."""
    return tuple(filter(None, _LINES.split(text.strip())))


def a_severity(text: str) -> Severity:
    """A severity; raises UserError."""
    found = next((each for each in Severity if each == text.strip().casefold()), None)
    if found is None:
        raise UserError("Say how grave it is: low, medium, high or critical.")
    return found


def written_of(context: Context, text: str, *, title: str | None = None) -> Written | None:
    """What somebody wrote, in the file that they shared with the command, or behind it; with a
    `title` said apart, all that was typed is its body.
    """
    if context.attached:
        written = _read(context.attached)
        if written.one("title") is None and text.strip():
            first = text.strip().partition("\n")[0]
            return Written({**written.values, "title": (first,)}, written.body)
        return written
    if title is not None:
        return Written({"title": (title,)}, text.strip("\n"))
    return read_typed(text) if text.strip() else None


def _read(attached: Sequence[Attached]) -> Written:
    """What the one file that came with it says, text or a CSAF document; raises UserError."""
    if len(attached) > 1:
        raise UserError("Share one file with it, not several.")
    (file,) = attached
    if looks_like_csaf(file.name, file.content):
        return written_from_csaf(file.content)
    if len(file.content) > LARGEST:
        raise UserError("That file is too large for a text.")
    try:
        return read_file(file.content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise UserError("That file is no text in UTF-8.") from None
