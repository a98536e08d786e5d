"""HTML's tables: rows and cells, and what a browser makes of them where they are not closed."""

from __future__ import annotations

from bot.platforms.matrix.markup.block_elements import BlockElements
from bot.platforms.matrix.markup.frames import Frame
from bot.platforms.matrix.markup.inline_elements import Links


class TableElements(BlockElements):
    """The table that is open, if any; a table inside a cell is only its lines."""

    def __init__(self, links: Links, *, calls_room: bool, maths: bool) -> None:
        super().__init__(links, calls_room=calls_room, maths=maths)
        self.row_is_header = False
        self.before_cell: tuple[int, dict[int, int], list[int]] = 0, {}, []
        """The styles that were open before the cell: those that it opened end with it."""

    def _open_table(self, *_: str) -> None:
        self._flush()
        inside = not self._has_blocks() or self.frames.top.kind == "table"
        self.frames.open(Frame("table"), allowed=not inside)

    def _close_table(self, *_: str) -> None:
        if not self.frames.is_passed("table"):
            self._end_row()
        self._flush()
        self.frames.close("table")

    def _is_in_table(self) -> bool:
        return self.frames.top.kind == "table" and not self.frames.is_passed("table")

    def _open_head(self, *_: str) -> None:
        self._end_row()
        self.frames.top.in_head = self._is_in_table()

    def _open_body(self, *_: str) -> None:
        self._end_row()
        self.frames.top.in_head = False

    def _open_row(self, *_: str) -> None:
        self._end_row()
        self._flush()
        if self._is_in_table():
            self.frames.top.rows.append([])
            self.row_is_header = True

    def _end_row(self, *_: str) -> None:
        if not self._is_in_table():
            return
        self._end_cell()
        table = self.frames.top
        headed = self.row_is_header or table.in_head
        if table.rows and table.rows[-1] and headed and table.header == len(table.rows) - 1:
            table.header += 1
        self.row_is_header = False

    def _open_cell(self, name: str, _: str) -> None:
        if not self._is_in_table():
            self._flush()
            return
        self._end_cell()
        self._flush()
        if not self.frames.top.rows:
            self._open_row()
        self.row_is_header = self.row_is_header and name.lower() == "th"
        self.in_cell = True
        self.before_cell = self.style, dict(self.depths), list(self.spans)

    def _end_cell(self, *_: str) -> None:
        """What a cell opened ends with it."""
        if not self.in_cell or not self._is_in_table():
            return
        self.run.end_link()
        self.frames.top.rows[-1].append(self.run.taken())
        self.style, depths, self.spans = self.before_cell
        self.depths.update(depths)
        self.in_cell = False
