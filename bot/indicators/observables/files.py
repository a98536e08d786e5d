"""Values in an attached file, whoever made it: text, CSV, JSON, HTML or PDF.

A file is never trusted: what is too large, packed, no text, or does not end gets a reason. Where a
value stands is a place in the text that was read out of the file, not in the file.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable

from bot.errors import UserError
from bot.indicators.observables.extraction import Found, extract
from bot.indicators.observables.markup import from_csv, from_html, from_json
from bot.indicators.observables.portable import from_pdf

LARGEST = 20_000_000
"""Bytes of a file, and characters of what is read out of it."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PACKED = (
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
)
_READERS = {
    "csv": from_csv, "tsv": from_csv, "json": from_json, "stix": from_json, "ndjson": from_json,
    "html": from_html, "htm": from_html, "xhtml": from_html, "xml": from_html,
}  # fmt: skip


def from_file(name: str, mimetype: str, data: bytes | Iterable[bytes]) -> list[Found]:
    """Every value in a file; `data` may come in pieces, and no more are taken than are read.

    Raises UserError with the reason if the file cannot be read.
    """
    held = _gathered(data)
    if held.startswith(_PACKED):
        raise UserError("a packed file is not opened: unpack it, and attach what is in it")
    if b"%PDF-" in held[:1024]:
        return extract(from_pdf(held, LARGEST))
    return extract(_text(name, mimetype, held)[:LARGEST])


def _gathered(data: bytes | Iterable[bytes]) -> bytes:
    made, size = [], 0
    for piece in [data] if isinstance(data, bytes) else data:
        size += len(piece)
        if size > LARGEST:
            raise UserError("too large a file: {n} MB at most", n=LARGEST // 1_000_000)
        made.append(piece)
    return b"".join(made)


def _text(name: str, mimetype: str, held: bytes) -> str:
    text = _decoded(held)
    ending = name.rpartition(".")[2].lower()
    kind = mimetype.partition(";")[0].strip().lower().rpartition("/")[2].rpartition("+")[2]
    read = _READERS.get(ending) or _READERS.get(kind)
    if read is None and text.lstrip()[:1] in ("<", "{", "["):
        read = from_html if text.lstrip().startswith("<") else from_json
    return read(text) if read is not None else text


def _decoded(held: bytes) -> str:
    """By its mark, as UTF-8, or as Windows had it in the West: then no byte is lost that counts."""
    for mark, encoding in _MARKS:
        if held.startswith(mark):
            return held.decode(encoding, "replace")
    if b"\0" in held[:4096]:
        raise UserError("not a file that I can read: attach text, CSV, JSON, HTML or PDF")
    try:
        return held.decode("utf-8")
    except UnicodeDecodeError:
        return held.decode("cp1252", "replace")
