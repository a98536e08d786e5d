"""HTML's blocks: paragraphs, headings, quotes, lists, details and code."""

from __future__ import annotations

import re

from bot.platforms.matrix.markup.frames import Frame, Frames
from bot.platforms.matrix.markup.inline_elements import InlineElements, Links
from bot.platforms.matrix.markup.tags import CONTAINERS, HEADINGS
from bot.platforms.matrix.markup.tokens import attributes_of
from bot.richtext import CodeBlock, Heading, Paragraph, Rule, Style, lines

_LANGUAGE = re.compile(r"(?:^|\s)language-([\w+#.-]{1,40})")
_START = re.compile(r"\s*(-?\d{1,9})")
_CODE = Style.CODE.value


class BlockElements(InlineElements):
    """The blocks that are open around the line. In a cell or a summary there is none but it."""

    def __init__(self, links: Links, *, calls_room: bool, maths: bool) -> None:
        super().__init__(links, calls_room=calls_room, maths=maths)
        self.frames = Frames()
        self.heading = 0
        self.in_cell = False
        self.in_summary = False
        self.code: list[str] | None = None
        """The pieces of the code block that is being read."""
        self.language = ""

    def _has_blocks(self) -> bool:
        """Whether blocks can stand here."""
        return not self.in_cell and not self.in_summary

    def _flush(self, *_: str) -> None:
        """End the paragraph, or in a cell or summary the line."""
        run = self.run
        if not run.leaves and not run.texts:
            return
        if self.in_cell or self.in_summary:
            run.end_line()
        elif leaves := run.taken():
            level = self.heading
            self.frames.add(Heading(level, leaves) if level else Paragraph(leaves))

    def _open_heading(self, name: str, _: str) -> None:
        self._flush()
        self.heading = HEADINGS[name.lower()]

    def _close_heading(self, *_: str) -> None:
        self._flush()
        self.heading = 0

    def _rule(self, *_: str) -> None:
        self._flush()
        if self._has_blocks():
            self.frames.add(Rule())

    def _open_container(self, name: str, attributes: str) -> None:
        self._flush()
        name = name.lower()
        frame = Frame(CONTAINERS[name], ordered=name == "ol")
        if name == "ol" and (start := _START.match(attributes_of(attributes).get("start", ""))):
            frame.start = int(start[1])
        self.frames.open(frame, allowed=self._has_blocks())

    def _close_container(self, name: str, _: str = "") -> None:
        kind = CONTAINERS[name.lower()]
        if kind == "details" and self.in_summary and not self.frames.is_passed(kind):
            self._end_summary()
        self._flush()
        if self.frames.is_passed(kind) or self._has_blocks():
            self.frames.close(kind)

    def _open_item(self, *_: str) -> None:
        self._flush()
        if self.in_cell or self.in_summary:
            self.run.text("• ", self.style)
        elif self.frames.top.kind == "list":
            self.frames.top.items.append([])

    def _open_summary(self, *_: str) -> None:
        self._flush()
        top = self.frames.top
        self.in_summary = not self.in_cell and top.kind == "details" and not top.summary

    def _end_summary(self, *_: str) -> None:
        if self.in_summary:
            self.in_summary = False
            self.frames.top.summary = self.run.taken()
        else:
            self._flush()

    def _open_code(self, _: str, attributes: str) -> None:
        self._flush()
        self.code, self.language = [], _language(attributes)

    def _apart(self, name: str | None, attributes: str, closed: str | None) -> None:
        """A tag inside a code block or a formula: only its end and its line breaks count."""
        if self.skipped is not None:
            self._in_formula(name, closed)
        elif name == "br" and self.code is not None:
            self.code.append("\n")
        elif name == "code":
            self.language = self.language or _language(attributes)
            self.code = self.code or [""]
        elif closed == "pre" or (closed in CONTAINERS and len(self.frames.stack) > 1):
            self._end_code()
            if closed in CONTAINERS:
                self._close_container(closed)
        elif self.code == [] and name:
            self.code.append("")

    def _end_code(self) -> None:
        if self.code is None:
            return
        parts, self.code = self.code, None
        text = "".join(parts).replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
        if self._has_blocks():
            self.frames.add(CodeBlock(text, self.language))
            return
        for leaf in lines(text, self.style | _CODE):
            self.run.add(leaf)
        self.run.end_line()


def _language(attributes: str) -> str:
    found = _LANGUAGE.search(attributes_of(attributes).get("class", "")) if attributes else None
    return found[1] if found else ""
