"""The blocks that are being read: quotes, lists, details and tables inside each other."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.richtext import DEEPEST, Block, Details, Inline, Item, List, Paragraph, Quote, Table


@dataclass(slots=True)
class Frame:
    """A block that has not ended yet, and what it holds so far."""

    kind: str
    blocks: list[Block] = field(default_factory=list)
    items: list[list[Block]] = field(default_factory=list)
    ordered: bool = False
    start: int = 1
    summary: tuple[Inline, ...] = ()
    rows: list[list[tuple[Inline, ...]]] = field(default_factory=list)
    header: int = 0
    in_head: bool = False

    def add(self, block: Block) -> None:
        """Add a block; what stands in a list outside its items belongs to the one before it."""
        if self.kind != "list":
            self.blocks.append(block)
        elif self.items:
            self.items[-1].append(block)
        else:
            self.items.append([block])

    def block(self) -> Block | None:
        """The block, None where there is nothing in it."""
        if self.kind == "quote":
            return Quote(tuple(self.blocks)) if self.blocks else None
        if self.kind == "details":
            shown = self.summary or self.blocks
            return Details(self.summary, tuple(self.blocks)) if shown else None
        if self.kind == "list":
            items = tuple(Item(tuple(blocks)) for blocks in self.items)
            return List(self.ordered, items, self.start) if items else None
        rows = tuple(tuple(row) for row in self.rows if row)
        return Table(rows, min(self.header, len(rows))) if rows else None


class Frames:
    """The open blocks from the outermost in; no deeper than `DEEPEST`.

    What is opened deeper, or inside a cell, is counted and otherwise passed over, so that its end
    closes nothing else.
    """

    def __init__(self) -> None:
        self.root = Frame("root")
        self.stack = [self.root]
        self._passed: dict[str, int] = {}

    @property
    def top(self) -> Frame:
        """The innermost open block."""
        return self.stack[-1]

    def add(self, block: Block) -> None:
        """Add a block where it belongs: what stands in a table outside its cells, before it."""
        frame = self.stack[-1]
        (self.stack[-2] if frame.kind == "table" else frame).add(block)

    def open(self, frame: Frame, *, allowed: bool = True) -> bool:
        """Open a block; False where it is passed over."""
        if not allowed or len(self.stack) > DEEPEST:
            self._passed[frame.kind] = self._passed.get(frame.kind, 0) + 1
            return False
        self.stack.append(frame)
        return True

    def is_passed(self, kind: str) -> bool:
        """Whether a block of this kind is open that was passed over."""
        return bool(self._passed.get(kind))

    def close(self, kind: str) -> None:
        """Close the innermost block of this kind, and with it what is open inside it.

        Nothing where none is open, or only outside of a table that is.
        """
        if self._passed.get(kind):
            self._passed[kind] -= 1
            return
        for at in range(len(self.stack) - 1, 0, -1):
            if self.stack[at].kind == kind:
                while len(self.stack) > at:
                    self._close_top()
                return
            if self.stack[at].kind == "table":
                return

    def finish(self) -> tuple[Block, ...]:
        """Close all that is open; the blocks of the whole."""
        while len(self.stack) > 1:
            self._close_top()
        return tuple(self.root.blocks)

    def paragraph(self, leaves: tuple[Inline, ...]) -> None:
        """Add a paragraph, if there is anything in it."""
        if leaves:
            self.add(Paragraph(leaves))

    def _close_top(self) -> None:
        block = self.stack.pop().block()
        if block is not None:
            self.add(block)
