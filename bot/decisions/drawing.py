"""A timeline as a picture, to be read on a phone: time runs down, a row each. Pure.

An SVG of plain shapes and texts in one font of fixed width, so that what fits is known here. What
is what is told by shape and word, not by colour alone; how it is marked stands above and below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH = 780
"""Pixels: twice the width of a phone, on which everything is half as large."""
_FONT = "DejaVu Sans Mono, monospace"
_SIZE, _SMALL, _LARGE = 26, 22, 30
_STEP = 0.602
"""How wide a letter is, of its size."""
_LINE = 36
_LEFT, _AXIS, _TEXT = 24, 48, 84
_MOST_LINES = 3
_INK, _PAPER, _GREY, _RULE = "#1a1a1a", "#ffffff", "#555555", "#888888"
_SHAPES = {
    "put": ("circle", "#ffffff"),
    "ended": ("square", "#1f5fa8"),
    "noted": ("diamond", "#8a5a00"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of it: `day` and `time` as they are written, `shape` a key of the shapes, `head` what
    it is, `text` what it says.
    """

    day: str
    time: str
    shape: str
    head: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn. `legend`: what each shape means."""

    marking: str
    title: str
    rows: Sequence[Row]
    legend: Sequence[tuple[str, str]] = ()
    footer: str = ""


def draw(picture: Picture) -> tuple[str, int]:
    """The SVG, and how high it is."""
    pieces, height = [], 0.0
    for piece, grown in _pieces(picture):
        pieces.append(f'<g transform="translate(0 {height:.0f})">{piece}</g>')
        height += grown
    whole = round(height)
    size = f'width="{WIDTH}" height="{whole}" viewBox="0 0 {WIDTH} {whole}"'
    paper = f'<rect width="{WIDTH}" height="{whole}" fill="{_PAPER}"/>'
    name = f"<title>{_safe(f'{picture.marking} {picture.title}')}</title>"
    start = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" font-family="{_FONT}">'
    return f"{start}{name}{paper}{''.join(pieces)}</svg>", whole


def _pieces(picture: Picture) -> Iterator[tuple[str, float]]:
    yield _banner(picture.marking), 64
    yield from _paragraph(picture.title, _LARGE, _INK, bold=True, at=_LEFT, most=2)
    for shape, meaning in picture.legend:
        mark = _shape(shape, _LEFT + 14, -8)
        yield (
            f'<g transform="translate(0 {_LINE - 8})">{mark}</g>'
            + _text(meaning, _SMALL, _GREY, _LEFT + 44, _LINE - 8),
            _LINE,
        )
    yield "", 16
    day = ""
    for row in picture.rows:
        if row.day != day:
            day = row.day
            yield _day(day), 56
        yield from _row(row)
    if picture.footer:
        yield "", 12
        yield from _paragraph(picture.footer, _SMALL, _GREY, at=_LEFT, most=4)
    yield "", 24
    yield _banner(picture.marking), 64


def _banner(marking: str) -> str:
    """How it is marked: white on black, as wide as the picture."""
    size = min(_LARGE, (WIDTH - 2 * _LEFT) / (max(len(marking), 1) * _STEP))
    middle = f'text-anchor="middle" font-weight="bold" font-size="{size:.1f}" fill="{_PAPER}"'
    return (
        f'<rect width="{WIDTH}" height="52" fill="#000000"/>'
        f'<text x="{WIDTH / 2:.0f}" y="36" {middle}>{_safe(marking)}</text>'
    )


def _day(day: str) -> str:
    line = f'<line x1="{_LEFT}" y1="46" x2="{WIDTH - _LEFT}" y2="46" stroke="{_RULE}"/>'
    return _text(day, _SIZE, _INK, _LEFT, 36, bold=True) + line


def _row(row: Row) -> Iterator[tuple[str, float]]:
    heads = _wrapped(f"{row.time}  {row.head}", _SIZE, _TEXT)[:_MOST_LINES]
    texts = _wrapped(row.text, _SIZE, _TEXT)
    if len(texts) > _MOST_LINES:
        texts = [*texts[: _MOST_LINES - 1], texts[_MOST_LINES - 1][:-1] + "…"]
    height = _LINE * (len(heads) + len(texts)) + 20
    axis = f'<line x1="{_AXIS}" y1="0" x2="{_AXIS}" y2="{height}" stroke="{_RULE}" '
    drawn = [axis + 'stroke-width="3"/>', _shape(row.shape, _AXIS, 24)]
    for number, line in enumerate([*heads, *texts]):
        said = number < len(heads)
        drawn.append(
            _text(line, _SIZE, _INK if said else _GREY, _TEXT, 32 + _LINE * number, bold=said)
        )
    yield "".join(drawn), height


def _paragraph(
    text: str, size: int, ink: str, *, at: int, most: int, bold: bool = False
) -> Iterator[tuple[str, float]]:
    for line in _wrapped(text, size, at)[:most]:
        yield _text(line, size, ink, at, size + 4, bold=bold), size + 12


def _shape(shape: str, x: float, y: float) -> str:
    kind, fill = _SHAPES[shape]
    how = f'fill="{fill}" stroke="{_INK}" stroke-width="3"'
    match kind:
        case "circle":
            return f'<circle cx="{x}" cy="{y}" r="11" {how}/>'
        case "square":
            return f'<rect x="{x - 11}" y="{y - 11}" width="22" height="22" {how}/>'
        case _:
            corners = f"{x},{y - 14} {x + 14},{y} {x},{y + 14} {x - 14},{y}"
            return f'<polygon points="{corners}" {how}/>'


def _text(text: str, size: float, ink: str, x: float, y: float, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" fill="{ink}"{weight} xml:space="preserve">'
        f"{_safe(text)}</text>"
    )


def _wrapped(text: str, size: float, at: float) -> list[str]:
    """A text in lines that fit; a word that is longer than a line is broken."""
    room = max(int((WIDTH - _LEFT - at) / (size * _STEP)), 1)
    lines: list[str] = []
    line = ""
    for word in text.split():
        left = word
        while left:
            space = 1 if line else 0
            if len(line) + space + len(left) <= room:
                line, left = f"{line}{' ' * space}{left}", ""
            elif line:
                lines.append(line)
                line = ""
            else:
                lines.append(left[:room])
                left = left[room:]
    return [*lines, line] if line else lines


def _safe(text: str) -> str:
    """Characters that XML takes, its own written out."""
    return escape("".join(each for each in text if each >= " " and each not in "\ufffe\uffff"
                          and not "\ud800" <= each <= "\udfff"))  # fmt: skip
