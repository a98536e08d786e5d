"""The line that is being read: leaves, with spaces collapsed as browsers do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bot.richtext import Everyone, Inline, LineBreak, Style, Text, lines

_SPACES = re.compile("[ \t\n\r\f]+")
_COLLAPSING = re.compile("[\t\n\r\f]|  ")
_ROOM = re.compile(r"(?<![\w@.-])@room(?![\w-]|[.:@]\w)")
_CODE = Style.CODE.value

MakeLink = Callable[[str, int], Inline]
"""What a link is in the tree, by its text and style."""


class Run:
    """Collects texts, breaks and other leaves until a block ends.

    `calls_room`: whether `@room` is a call to all here, and not just a word.
    """

    def __init__(self, *, calls_room: bool) -> None:
        self.calls_room = calls_room
        self.leaves: list[Inline] = []
        self.link: MakeLink | None = None
        self.texts: list[str] = []
        self._style = 0
        self._at_space = True
        """Whether a space here is not shown: at a line's beginning, after another one."""

    def text(self, text: str, style: int) -> None:
        """Add characters as they stand in HTML."""
        if not style & _CODE:
            if _COLLAPSING.search(text):
                text = _SPACES.sub(" ", text)
            if self._at_space and text[:1] == " ":
                text = text[1:]
        if not text:
            return
        if not self.texts:
            self._style = style
        elif style != self._style:
            if self.link is None:
                self._settle()
                self._style = style
            else:
                self._style &= style
        self.texts.append(text)
        self._at_space = text[-1] == " " and not style & _CODE

    def add(self, leaf: Inline) -> None:
        """Add a leaf that is no text."""
        self._settle()
        self.leaves.append(leaf)
        self._at_space = False

    def end_line(self) -> None:
        """End the line, where there is anything in it."""
        self._settle()
        if self.leaves and type(self.leaves[-1]) is not LineBreak:
            self.line_break()

    def line_break(self) -> None:
        """End the line."""
        self._settle()
        self._trim()
        self.leaves.append(LineBreak())
        self._at_space = True

    def begin_link(self, make: MakeLink | None) -> None:
        """What follows is the text of a link, until `end_link`."""
        self._settle()
        self.link = make

    def end_link(self) -> None:
        """The link ends here."""
        self._settle()
        self.link = None

    def taken(self) -> tuple[Inline, ...]:
        """The leaves so far, which are then forgotten; an open link goes on."""
        if (
            not self.leaves
            and len(self.texts) == 1
            and self.link is None
            and not self._style & _CODE
        ):
            text = self.texts[0]
            if "@room" not in text:  # the common case, short: a paragraph of one text
                self.texts.clear()
                self._at_space = True
                text = text.removesuffix(" ")
                return (Text(text, self._style),) if text else ()
        self._settle()
        self._trim()
        if self.leaves and type(self.leaves[-1]) is LineBreak:
            self.leaves.pop()  # as in browsers: a break before a block's end shows no line
        leaves = tuple(self.leaves)
        self.leaves.clear()
        self._at_space = True
        return leaves

    def _settle(self) -> None:
        if not self.texts:
            return
        text = "".join(self.texts)
        self.texts.clear()
        if self.link is not None:
            self._settle_link(text, self.link)
        elif self._style & _CODE:
            self.leaves.extend(lines(text.replace("\r\n", "\n").replace("\r", "\n"), self._style))
        elif self.calls_room and "@room" in text:
            self.leaves.extend(called(text, self._style))
        else:
            self.leaves.append(Text(text, self._style))

    def _settle_link(self, text: str, make: MakeLink) -> None:
        shown = _SPACES.sub(" ", text).strip(" ")
        if text[0] == " " and self.leaves:
            self.leaves.append(Text(" ", self._style))
        if shown:
            self.leaves.append(make(shown, self._style))
        if text[-1] == " " and shown:
            self.leaves.append(Text(" ", self._style))

    def _trim(self) -> None:
        """Drop a space at the line's end."""
        if not self.leaves or type(last := self.leaves[-1]) is not Text:
            return
        if last.text[-1] != " " or last.style & _CODE:
            return
        self.leaves.pop()
        if len(last.text) > 1:
            self.leaves.append(Text(last.text[:-1], last.style))


def called(text: str, style: int) -> Iterator[Inline]:
    """A text in which each `@room` is a call to all."""
    position = 0
    for found in _ROOM.finditer(text):
        if found.start() > position:
            yield Text(text[position : found.start()], style)
        yield Everyone("room", style=style)
        position = found.end()
    if position < len(text):
        yield Text(text[position:], style)
