"""HTML's elements → blocks and leaves, tag by tag, as browsers lay them out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bot.platforms.matrix.markup.inline_elements import scripted
from bot.platforms.matrix.markup.table_elements import TableElements
from bot.platforms.matrix.markup.tags import CONTAINERS, HEADINGS, PARAGRAPHS, STYLES
from bot.platforms.matrix.markup.tokens import tokens, unescape
from bot.richtext import Block

_FIRST_LINE_END = re.compile(r"\A\r?\n")


class Elements(TableElements):
    """Reads one message's HTML."""

    def read(self, source: str) -> None:
        """Read it all."""
        depths, say = self.depths, self.run.text
        for escaped, name, attributes, closed in tokens(source):
            if escaped:
                text = unescape(escaped)
                if self.code is not None or self.skipped is not None or self.raised:
                    self._text_apart(text)
                else:
                    say(text, self.style)
            if self.code is not None or self.skipped is not None:
                self._apart(name and name.lower(), attributes or "", closed and closed.lower())
            elif name:
                bit = STYLES.get(name)
                if bit is not None:
                    depths[bit] += 1
                    self.style |= bit
                elif (act := _OPENING.get(name) or _OPENING.get(name.lower())) is not None:
                    act(self, name, attributes or "")
            elif closed:
                bit = STYLES.get(closed)
                if bit is not None:
                    self._unstyle(bit)
                elif (end := _CLOSING.get(closed) or _CLOSING.get(closed.lower())) is not None:
                    end(self, closed, "")

    def finish(self) -> tuple[Block, ...]:
        """The blocks, all that is open closed."""
        self._end_code()
        self._end_cell()
        self._end_summary()
        self._flush()
        return self.frames.finish()

    def _text_apart(self, text: str) -> None:
        """A text in a code block, in a formula's fallback, or that is raised or lowered."""
        if self.skipped is not None:
            return
        if self.code is None:
            self.run.text(scripted(text, self.raised[-1]), self.style)
        else:
            # as in browsers: a line end right after the tag is not part of the code
            self.code.append(text if self.code else _FIRST_LINE_END.sub("", text))


_Act = Callable[[Elements, str, str], None]
_OPENING: Mapping[str, _Act] = (
    dict.fromkeys(PARAGRAPHS, Elements._flush)
    | dict.fromkeys(HEADINGS, Elements._open_heading)
    | dict.fromkeys(CONTAINERS, Elements._open_container)
    | dict.fromkeys(STYLES, Elements._open_style)
    | {
        "a": Elements._open_link,
        "br": Elements._line_break,
        "caption": Elements._end_cell,
        "div": Elements._open_span,
        "hr": Elements._rule,
        "img": Elements._image,
        "li": Elements._open_item,
        "pre": Elements._open_code,
        "span": Elements._open_span,
        "sub": Elements._lower,
        "summary": Elements._open_summary,
        "sup": Elements._raise,
        "table": Elements._open_table,
        "tbody": Elements._open_body,
        "td": Elements._open_cell,
        "tfoot": Elements._open_body,
        "th": Elements._open_cell,
        "thead": Elements._open_head,
        "tr": Elements._open_row,
    }
)
_CLOSING: Mapping[str, _Act] = (
    dict.fromkeys(PARAGRAPHS, Elements._flush)
    | dict.fromkeys(HEADINGS, Elements._close_heading)
    | dict.fromkeys(CONTAINERS, Elements._close_container)
    | dict.fromkeys(STYLES, Elements._close_style)
    | {
        "a": Elements._close_link,
        "br": Elements._line_break,
        "caption": Elements._flush,
        "div": Elements._flush,
        "li": Elements._flush,
        "span": Elements._close_span,
        "sub": Elements._close_script,
        "summary": Elements._end_summary,
        "sup": Elements._close_script,
        "table": Elements._close_table,
        "td": Elements._end_cell,
        "th": Elements._end_cell,
        "thead": Elements._open_body,
        "tr": Elements._end_row,
    }
)
