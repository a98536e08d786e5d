"""The line that says how something is marked, where its readers would not know. Pure.

The label stands directly before the information, on every part of a split message (FIRST's TLP
2.0, usage), unless the part says so itself.
"""

from __future__ import annotations

from bot.bridge.dated import is_dated
from bot.richtext import Paragraph, RichText, Style, Text
from bot.sharing.marking import Marking
from bot.sharing.written import read_marking


def label_line(marking: Marking) -> Paragraph:
    """The line: `TLP:AMBER+STRICT REL DEU`."""
    return Paragraph((Text(str(marking), Style.BOLD),))


def labelled(body: RichText, marking: Marking, *, headed: bool) -> RichText:
    """A body with the line, below what it answers and when it was said (see `heads`)."""
    at = heads(body, headed=headed)
    return RichText((*body.blocks[:at], label_line(marking), *body.blocks[at:]))


def unlabelled(body: RichText, *, headed: bool) -> RichText:
    """A body that has the line, without it."""
    at = heads(body, headed=headed)
    return RichText((*body.blocks[:at], *body.blocks[at + 1 :]))


def heads(body: RichText, *, headed: bool) -> int:
    """How many blocks of ours a body begins with, beside the label: what it answers (`headed`),
    and when it was said.
    """
    count = int(headed)
    return count + (len(body.blocks) > count and is_dated(body.blocks[count]))


def says(body: RichText, marking: Marking, *, headed: bool) -> bool:
    """Whether a body's own words say that it is marked so."""
    written = read_marking(RichText(body.blocks[heads(body, headed=headed) :]))
    return written.label is marking.label and set(written.releasable) == set(marking.releasable)
