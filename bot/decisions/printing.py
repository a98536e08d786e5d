"""An SVG as a PNG, twice as fine as a phone shows it: by typst, with its own fonts."""

from __future__ import annotations

from bot.decisions.drawing import WIDTH

_PAGE = b"""#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.drawing), format: "svg", width: %dpt)
"""
_POINTS = 72
"""To an inch, so that a point is a pixel."""


def printed(svg: str) -> bytes:
    """The picture. Nothing but the drawing is read, nothing is written."""
    import typst  # noqa: PLC0415  40 MB with its fonts, for whoever draws

    page = _PAGE % WIDTH
    made = typst.compile(
        page, format="png", ppi=_POINTS, sys_inputs={"drawing": svg}, ignore_system_fonts=True
    )
    assert isinstance(made, bytes), "one page"
    return made
