"""How much of a message a body fills, and bodies in parts that Slack takes, in linear time.

https://docs.slack.dev/reference/methods/chat.postMessage: above about 13,200 characters of block
text Slack was seen to answer `msg_blocks_too_long`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from bot.platforms.slack.markup.cutting import pieces_of_code, pieces_of_leaves
from bot.platforms.slack.markup.flat import Code, Flat, Leaves, Section, nested
from bot.platforms.slack.markup.flatten import flatten
from bot.platforms.slack.markup.lengths import ELEMENT, flat_cost
from bot.richtext import Inline, LineBreak, RichText


@dataclass(frozen=True, slots=True)
class Limits:
    """What one message may hold. `reserved`: characters that the caller will add to each part;
    `parts`: more than these are no message any more.
    """

    characters: int = 12_000
    parts: int = 10
    reserved: int = 0


LIMITS = Limits()
_BETWEEN = 2 * ELEMENT
"""What two sections cost more when they are one."""


def cost(body: RichText) -> int:
    """Characters that Slack may count of a body, escaped and with the addresses of its links."""
    return sum(map(flat_cost, flatten(body.blocks, tuple)))


def split(body: RichText, limits: Limits = LIMITS) -> tuple[RichText, ...] | None:
    """The body in parts, each within the limits; None where that makes too many parts, so that it
    is to be sent as a file. Every part is one block when it is written.

    It is cut between paragraphs, items and blocks of code; what is longer than a message, between
    lines, then between words, then between characters as people see them. Code goes on as code in
    the next part, a quote as a quote, a list with its numbers. What Slack has no form for has its
    stand-in (`flatten`) in the parts. A link longer than a message is a part of its own.
    """
    run = flatten(body.blocks, tuple)
    room = limits.characters - limits.reserved
    whole = sum(map(flat_cost, run))
    if whole <= room:
        return (body,)
    if whole > room * limits.parts:
        return None
    parts: list[list[Flat]] = [[]]
    left = room
    for piece in _pieces(run, room):
        price = flat_cost(piece) + _BETWEEN
        if price > left and parts[-1]:
            if len(parts) == limits.parts:
                return None
            parts.append([])
            left = room
        parts[-1].append(piece)
        left -= price
    return tuple(RichText(nested(_merged(part))) for part in parts)


def _pieces(run: Iterable[Flat], room: int) -> Iterator[Flat]:
    """The run in pieces that fit, sections paragraph by paragraph."""
    for flat in run:
        if isinstance(flat, Code):
            for text in pieces_of_code(flat.text, room - _BETWEEN - ELEMENT):
                yield replace(flat, text=text)
        elif isinstance(flat, Section):
            for paragraph in _paragraphs(flat.content):
                for content in pieces_of_leaves(paragraph, room - _BETWEEN - ELEMENT):
                    yield replace(flat, content=content)
        else:
            for content in pieces_of_leaves(flat.content, room - _BETWEEN - ELEMENT):
                yield replace(flat, content=content)


def _paragraphs(content: Leaves) -> Iterator[Leaves]:
    """The leaves between empty lines; further empty lines stay with what follows."""
    start = 0
    for place in range(1, len(content) - 1):
        breaks = isinstance(content[place], LineBreak) and isinstance(content[place - 1], LineBreak)
        if breaks and place - 1 > start and not isinstance(content[place + 1], LineBreak):
            yield content[start : place - 1]
            start = place + 1
    yield content[start:]


def _merged(part: list[Flat]) -> Iterator[Flat]:
    """Neighbouring sections as one again, with the empty line that was between them."""
    waiting: list[Inline] = []
    border = False
    for flat in part:
        if isinstance(flat, Section) and waiting and flat.border == border:
            waiting += [LineBreak(), LineBreak(), *flat.content]
            continue
        if waiting:
            yield Section(tuple(waiting), border)
            waiting = []
        if isinstance(flat, Section):
            waiting, border = list(flat.content), flat.border
        else:
            yield flat
    if waiting:
        yield Section(tuple(waiting), border)
