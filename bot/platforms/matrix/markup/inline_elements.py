"""HTML's elements inside a line: styles, links, spoilers, formulas, pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bot.platforms.matrix.markup.run import MakeLink, Run
from bot.platforms.matrix.markup.tags import LOWERED, RAISED, STYLES
from bot.platforms.matrix.markup.tokens import attributes_of
from bot.richtext import Emoji, Math, Style

_SHORTCODE = re.compile(r":?([\w+-][\w+.-]{0,99}):?", re.ASCII)
_SPOILER = Style.SPOILER.value
_LONGEST_SCRIPT = 20
"""Characters that are raised or lowered one by one."""

Links = Callable[[str], MakeLink | None]
"""What a link to an address becomes; None for nothing but its text."""


class InlineElements:
    """The line that is being read, and which styles are open in it.

    Styles are counted, not nested: a leaf has those that are open where it stands, which is what
    browsers make of tags that are closed in the wrong order.
    """

    def __init__(self, links: Links, *, calls_room: bool, maths: bool) -> None:
        self.run = Run(calls_room=calls_room)
        self.links, self.maths = links, maths
        self.style = 0
        self.depths = dict.fromkeys([bit.value for bit in Style], 0)
        self.spans: list[int] = []
        self.raised: list[Mapping[int, int | str | None]] = []
        self.skipped: str | None = None
        """The element of a formula whose fallback is passed over."""
        self.skip_depth = 0

    def _flush(self, *_: str) -> None:
        """End the paragraph, or in a cell or summary the line."""
        raise NotImplementedError

    def _style(self, bit: int) -> None:
        self.depths[bit] += 1
        self.style |= bit

    def _unstyle(self, bit: int) -> None:
        if self.depths[bit]:
            self.depths[bit] -= 1
            if not self.depths[bit]:
                self.style &= ~bit

    def _open_style(self, name: str, _: str) -> None:
        self._style(STYLES[name.lower()])

    def _close_style(self, name: str, _: str) -> None:
        self._unstyle(STYLES[name.lower()])

    def _open_link(self, _: str, attributes: str) -> None:
        href = attributes_of(attributes).get("href", "").strip()
        self.run.begin_link(self.links(href) if href else None)

    def _open_span(self, name: str, attributes: str) -> None:
        block = name.lower() == "div"
        if block:
            self._flush()
        found = attributes_of(attributes) if "data-mx-" in attributes.lower() else {}
        if self.maths and (tex := found.get("data-mx-maths", "").strip()):
            self.run.add(Math(tex, self.style))
            self.skipped, self.skip_depth = name.lower(), 1
        elif not block:
            self._begin_spoiler(found.get("data-mx-spoiler"))

    def _begin_spoiler(self, reason: str | None) -> None:
        if reason is None:
            self.spans.append(0)
            return
        if reason.strip() and not self.style & _SPOILER:
            self.run.text(f"({reason.strip()}) ", self.style)
        self.spans.append(_SPOILER)
        self._style(_SPOILER)

    def _close_link(self, *_: str) -> None:
        self.run.end_link()

    def _line_break(self, *_: str) -> None:
        self.run.line_break()

    def _raise(self, *_: str) -> None:
        self.raised.append(RAISED)

    def _lower(self, *_: str) -> None:
        self.raised.append(LOWERED)

    def _close_span(self, *_: str) -> None:
        if self.spans and (bit := self.spans.pop()):
            self._unstyle(bit)

    def _close_script(self, *_: str) -> None:
        if self.raised:
            self.raised.pop()

    def _image(self, _: str, attributes: str) -> None:
        """A picture is its words; a room's own emoji (MSC2545) is its short code."""
        found = attributes_of(attributes)
        words = (found.get("alt") or found.get("title") or "").strip()
        code = _SHORTCODE.fullmatch(words) if "data-mx-emoticon" in found else None
        if code is not None and self.run.link is None:
            self.run.add(Emoji(f":{code[1]}:", self.style))
        else:
            self.run.text(words, self.style)

    def _in_formula(self, name: str | None, closed: str | None) -> None:
        self.skip_depth += (name == self.skipped) - (closed == self.skipped)
        if not self.skip_depth:
            block, self.skipped = self.skipped == "div", None
            if block:
                self._flush()


def scripted(text: str, table: Mapping[int, int | str | None]) -> str:
    """Raised or lowered text as characters that look so, with ^ or _ where there are none.

    So that 10⁶ is never read as 106.
    """
    bare = text.strip()
    if not bare:
        return text
    if len(bare) <= _LONGEST_SCRIPT and all(ord(character) in table for character in bare):
        return text.replace(bare, bare.translate(table))
    mark = "_" if table is LOWERED else "^"
    return text.replace(bare, f"{mark}({bare})" if " " in bare else f"{mark}{bare}", 1)
