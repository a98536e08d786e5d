"""The text of a PDF and where its links lead: bounded in pages, characters and time."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from typing import Any

from bot.errors import UserError

PAGES = 300
STREAM = 2_000_000
"""Bytes of what draws one page: a larger one is a picture or an attack."""
SECONDS = 20.0


def from_pdf(data: bytes, longest: int) -> str:
    """Its pages' text, and the addresses behind links. Raises UserError if it cannot be read.

    What is beyond the bounds is left out: the text that was read until then is what there is.
    """
    from pypdf import PdfReader  # noqa: PLC0415  40 MB that only this needs
    from pypdf.errors import PyPdfError  # noqa: PLC0415  as above

    made, size, until = [], 0, time.monotonic() + SECONDS
    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted and not reader.decrypt(""):
            raise UserError("this PDF has a password: save it without, and attach that")
        for number in range(min(len(reader.pages), PAGES)):
            for text in _page(reader.pages[number]):
                made.append(text)
                size += len(text)
            if size > longest or time.monotonic() > until:
                break
    except (
        PyPdfError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        ArithmeticError,
        AssertionError,
        NotImplementedError,
        RecursionError,
        MemoryError,
        OSError,
    ) as found:
        # pypdf raises nearly everything over a broken file.
        if not made:
            raise UserError("this PDF cannot be read: save it anew, or attach its text") from found
    return "\n".join(made)[:longest]


def _page(page: Any) -> Iterator[str]:
    contents = page.get_contents()
    if contents is not None and len(contents.get_data()) <= STREAM:
        yield page.extract_text()
    for each in (page.get("/Annots") or [])[:1000]:
        action = each.get_object().get("/A")
        link = action.get_object().get("/URI") if action is not None else None
        if isinstance(link, str):
            yield link
