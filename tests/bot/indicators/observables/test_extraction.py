# ruff: noqa: E501, RUF001  tables; letters that look like others are what this is about
"""Values in running text: all that are there, and none that are not."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from bot.errors import UserError
from bot.indicators.observables import Kind, extract, read
from tests.bot.indicators.observables.corpus import DECOYS, corpus
from tests.bot.indicators.observables.hostile import HOSTILE

FOUND = [
    ("see http://example.com/a.", ["http://example.com/a"]),
    ("(see http://example.com/a_(b))", ["http://example.com/a_(b)"]),
    ("[x](http://example.com/a)", ["http://example.com/a"]),
    ("<http://example.com/a|here>", ["http://example.com/a"]),
    ("<http://example.com|example.com>", ["example.com"]),
    ("evil[.]<http://example.com|example.com>", ["evil.example.com"]),
    ('<a href="http://example.com/a">', ["http://example.com/a"]),
    ("'http://example.com/a'", ["http://example.com/a"]),
    ("hxxp://example.com/a,hxxp://example.org/b", ["http://example.com/a", "http://example.org/b"]),
    ("http://example.com/a，次", ["http://example.com/a"]),
    ("http://user:pw@example.com:81/", ["http://user:pw@example.com:81/"]),
    ("tcp://198.51.100.7:4444!", ["tcp://198.51.100.7:4444"]),
    ("foo://example.com/", ["example.com"]),
    ("198.51.100.7", ["198.51.100.7"]),
    ("198.51.100.7:443", ["198.51.100.7"]),
    ("198.51.100.7,198.51.100.8;198.51.100.9|192.0.2.1", ["198.51.100.7", "198.51.100.8", "198.51.100.9", "192.0.2.1"]),
    ("198.51.100.7-198.51.100.9", ["198.51.100.7", "198.51.100.9"]),
    ("198.51.100.0/24.", ["198.51.100.0/24"]),
    ("inet 198.51.100.77/24", ["198.51.100.77"]),
    ("198.51.100.7/32", ["198.51.100.7"]),
    ("/198.51.100.7:8080", ["198.51.100.7"]),
    ("version 198[.]51.100.7", ["198.51.100.7"]),
    ("version 198.51.100.7", []),
    ("nginx/198.51.100.7", []),
    ("outside/198.51.100.7", ["198.51.100.7"]),
    ("[2001:db8::7]:443", ["2001:db8::7"]),
    ("from 2001:db8::7: yes", ["2001:db8::7"]),
    ("2001:db8::/32,", ["2001:db8::/32"]),
    ("::ffff:198.51.100.7", ["198.51.100.7"]),
    ("fe80::1%eth0", ["fe80::1"]),
    ("at 12:30:45, std::vector, a::b, dead::beef", []),
    ("evil.example.com:8443", ["evil.example.com"]),
    ("evil[.]example[.]com/gate.php", ["evil.example.com"]),
    ("*.example.com", ["example.com"]),
    ("EVIL.EXAMPLE.COM", ["evil.example.com"]),
    ("Evil.example.com", ["evil.example.com"]),
    ("例え.jp です", ["domain:例え.jp"]),
    ("访问evil.example看看", ["evil.example"]),
    ("bücher.example", ["domain:bücher.example"]),
    ("main.rs main[.]rs www.main.rs", ["domain:main.rs", "domain:www.main.rs"]),
    ("report.zip, invoice.PDF.exe", ["file:report.zip", "file:invoice.pdf.exe"]),
    ("self.name os.name() System.Net finished.In the", []),
    ("co.uk com example", []),
    ("a co[.]uk", []),
    ("Joe <joe@example.com>, ann[at]example[.]org", ["joe@example.com", "ann@example.org"]),
    ("mailto:joe@example.com", ["joe@example.com"]),
    ("@joe joe@ @example.com joe@localhost", []),
    ("ab" * 16 + "c", []),
    ("1" * 32, []),
    ("md5=0123456789abcdef0123456789abcdef", ["0123456789abcdef" * 2]),
    ("sha256:" + "0123456789abcdef" * 4, ["0123456789abcdef" * 4]),
    ("550e8400-e29b-41d4-a716-446655440000", []),
    ("YWJj+0123456789abcdef0123456789abcdef", []),
    ("imphash: 0123456789abcdef0123456789abcdef", ["imphash:" + "0123456789abcdef" * 2]),
    ("JA3=0123456789abcdef0123456789abcdef", ["ja3:" + "0123456789abcdef" * 2]),
    ("CVE-2024-12345, cve-2024-0001 CVE‑2024‑4444", ["CVE-2024-12345", "CVE-2024-0001", "CVE-2024-4444"]),
    ("CVE-2024-12345-foo", []),
    ("AS64496 (ASN 64497) AS400 AS2 ASCII", ["AS64496", "AS64497"]),
    ("T1059.001, T1566. TA0002 G0016 S0154 T1000 T99999", ["T1059.001", "T1566", "TA0002", "G0016", "S0154"]),
    ("00:00:5e:00:53:01 0000.5e00.5301", ["00:00:5e:00:53:01", "00:00:5e:00:53:01"]),
    ("00:00:5e:00:53:01:02:03", []),
    (r"in C:\Program Files\Evil Corp\a.exe and C:\b.dll", [r"c:\program files\evil corp\a.exe", r"c:\b.dll"]),
    (r"C:\a\b.exe -do c\d.txt", [r"c:\a\b.exe"]),
    (r"\\server\share\a.exe", [r"\\server\share\a.exe"]),
    (r"HKCU\Software\Microsoft\Windows NT\CurrentVersion\Run, then", [r"HKCU\Software\Microsoft\Windows NT\CurrentVersion\Run"]),
    ("in /tmp/.evil/a.sh, and/or /24", ["/tmp/.evil/a.sh"]),
    (r"mutex: Global\Evil and mutex:'Evil Two'", [r"mutex:Global\Evil", "mutex:Evil Two"]),
    ("yara:Evil_Loader.", ["yara:Evil_Loader"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "values"), FOUND)
def test_what_is_found_in_a_text(text: str, values: list[str]) -> None:
    assert [found.observable for found in extract(text)] == [read(each) for each in values]


@pytest.mark.parametrize("decoy", DECOYS)
def test_what_only_looks_like_a_value_is_none(decoy: str) -> None:
    for text in (decoy, f"saw {decoy} there", f"({decoy})", f'"{decoy}".'):
        assert extract(text) == []


@pytest.mark.parametrize("seed", range(3))
def test_all_planted_values_are_found_and_none_is_invented(seed: int) -> None:
    made = corpus(seed, 1500)
    found, planted = Counter(each.observable for each in extract(made.text)), Counter(made.planted)
    assert (planted - found).total() <= len(made.planted) * 0.01, planted - found
    assert not found - planted


def test_a_value_is_given_as_it_stands() -> None:
    text = "see hxxp[://]evil[.]example[.]com/a and “198。51。100。7”"
    assert [(each.start, each.written) for each in extract(text)] == [
        (4, "hxxp[://]evil[.]example[.]com/a"),
        (41, "198。51。100。7"),
    ]


def test_a_value_that_stands_twice_is_found_twice() -> None:
    assert [each.start for each in extract("198.51.100.7 198.51.100.7")] == [0, 13]


@pytest.mark.parametrize("name", HOSTILE)
def test_time_is_linear_on_hostile_text(name: str) -> None:
    small, large = (_least_time(HOSTILE[name](size)) for size in (10_000, 80_000))
    assert large < max(small, 0.002) * 8 * 4  # quadratic time would be 64


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_value_is_read_or_refused(name: str) -> None:
    try:
        assert read(HOSTILE[name](8000)).kind in Kind
    except UserError as refused:
        assert len(str(refused).splitlines()[0]) <= 200


def _least_time(text: str) -> float:
    took = []
    for _ in range(2):
        begun = time.process_time()
        extract(text)
        took.append(time.process_time() - begun)
    return min(took)
