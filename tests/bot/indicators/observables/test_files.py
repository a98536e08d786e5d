"""Values in attached files, and files that want to do harm."""

from __future__ import annotations

import gzip
import io
import json
import time
import zipfile
import zlib
from collections.abc import Iterator

import pytest
from pypdf import PdfWriter
from pypdf.annotations import Link
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from bot.errors import UserError
from bot.indicators.observables import from_file, read


def values(name: str, mimetype: str, data: bytes) -> list[object]:
    return [found.observable for found in from_file(name, mimetype, data)]


def pdf(text: str, *, link: str = "", key: str = "") -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    font = DictionaryObject({
        NameObject("/Type"): NameObject("/Font"),
        NameObject("/Subtype"): NameObject("/Type1"),
        NameObject("/BaseFont"): NameObject("/Helvetica"),
    })  # fmt: skip
    fonts = DictionaryObject({NameObject("/F1"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    drawing = DecodedStreamObject()
    drawing.set_data(b"BT /F1 12 Tf 10 100 Td (" + text.encode() + b") Tj ET")
    page[NameObject("/Contents")] = writer._add_object(drawing)
    if link:
        writer.add_annotation(0, Link(rect=(0, 0, 9, 9), url=link))
    if key:
        writer.encrypt(key)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "mimetype", "data"),
    [
        ("a.txt", "text/plain", "see evil[.]example[.]com"),
        ("a.csv", "text/csv", "# list\nvalue,note\nevil.example.com,http\n"),
        ("a.csv", "text/csv", '"evil.example.com";"x"\n'),
        ("a.tsv", "text/plain", "1\tevil.example.com\t2"),
        ("a.json", "application/json", '{"a": ["evil\\u002eexample.com\\n"]}'),
        ("a.json", "application/json", "[" * 10_000 + '"evil.example.com"'),
        ("x", "application/stix+json;version=2.1", '{"a":"[x:value = \'evil.example.com\']"}'),
        ("a.html", "text/html", "<p>evil<b>.</b>example<wbr>.com</p>"),
        ("a.html", "text/html", "<script>x('evil.example.com')</script>"),
        ("a.html", "text/html", "<!-- evil.example.com -->"),
        ("a.html", "text/html", "<img alt='evil.example.com'>"),
        ("a.html", "text/html", "evil&#46;example&period;com"),
        ("x", "", "<html>evil.example.com<"),
    ],
)  # fmt: skip
def test_a_value_is_found_in_files_of_every_kind(name: str, mimetype: str, data: str) -> None:
    assert values(name, mimetype, data.encode()) == [read("evil.example.com")]


def test_cells_do_not_run_into_each_other() -> None:
    data = b"http://example.com/a,198.51.100.7,x\nhttp://example.com/b,198.51.100.8,y\n"
    found = ["http://example.com/a", "198.51.100.7", "http://example.com/b", "198.51.100.8"]
    assert values("a.csv", "text/csv", data) == [read(each) for each in found]


def test_escaped_urls_and_astral_letters_of_json_are_read() -> None:
    data = json.dumps({"a": "😀 http://example.com/ü"}).replace("/", "\\/").encode()
    assert values("a.json", "application/json", data) == [read("http://example.com/ü")]


def test_a_link_in_html_is_found_beside_its_text() -> None:
    data = b'<a title=x href="http://evil.example/a?b=1&amp;c=2">shop.example.com</a>'
    found = [read("shop.example.com"), read("http://evil.example/a?b=1&c=2")]
    assert values("a.html", "text/html", data) == found


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_the_encodings_that_are_met(encoding: str) -> None:
    assert values("a", "text/plain", "é evil.example.com".encode(encoding)) == [
        read("evil.example.com")
    ]


def test_a_pdf_gives_its_text_and_where_its_links_lead() -> None:
    found = values("a.pdf", "application/pdf", pdf("198.51.100.7", link="http://evil.example/"))
    assert found == [read("198.51.100.7"), read("http://evil.example/")]


def _zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", b"0" * 1_000_000)
    return made.getvalue()


def _bomb() -> bytes:
    packed = zlib.compress(b" " * 300_000_000, 9)
    whole = pdf("x")
    return whole.replace(
        whole[whole.index(b"stream\n") - 40 : whole.index(b"endstream")],
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed) + packed + b"\n",
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (_zip(), "packed"),
        (gzip.compress(b"0" * 1_000_000), "packed"),
        (b"\x7fELF\0\0\0\0" * 9, "PDF"),
        (b"0" * 20_000_001, "too large"),
        (pdf("198.51.100.7", key="secret"), "password"),
        (b"%PDF-1.7\n" + b"1 0 obj\n<<" * 5000, "cannot be read"),
        (b"%PDF-1.7\n%%EOF", "cannot be read"),
        (b"%PDF-1.7\n" + b"[" * 100_000 + b"\nstartxref\n9\n%%EOF", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_gets_a_reason(data: bytes, said: str) -> None:
    begun = time.process_time()
    with pytest.raises(UserError, match=said):
        from_file("a", "", data)
    assert time.process_time() - begun < 10


def test_a_stream_that_would_unpack_to_too_much_is_left_out() -> None:
    begun = time.process_time()
    try:
        found = from_file("a.pdf", "application/pdf", _bomb())
    except UserError:
        found = []
    assert not found
    assert time.process_time() - begun < 10


def test_no_more_of_a_file_is_taken_than_is_read() -> None:
    taken = 0

    def pieces() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"0" * 1_000_000

    with pytest.raises(UserError, match="too large"):
        from_file("a", "text/plain", pieces())
    assert taken == 21


@pytest.mark.parametrize(
    ("name", "piece"),
    [
        ("a.html", b"<a "), ("a.html", b"<a b='"), ("a.html", b"<"), ("a.html", b"&#"),
        ("a.html", b'<a b="<'), ("a.html", b"<!--"), ("a.csv", b'"'), ("a.csv", b","),
        ("a.json", b"\\"), ("a.json", b"[{"), ("a.json", b"\\ud800"), ("a.html", b"<a =a"),
    ],
)  # fmt: skip
def test_markup_that_never_ends_is_read_in_linear_time(name: str, piece: bytes) -> None:
    took = []
    for size in (20_000, 160_000):
        begun = time.process_time()
        from_file(name, "", piece * (size // len(piece)))
        took.append(time.process_time() - begun)
    assert took[1] < max(took[0], 0.002) * 8 * 4
