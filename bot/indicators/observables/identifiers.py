"""Names out of a catalogue: vulnerabilities, techniques, rules, mutexes."""

from __future__ import annotations

import re
import unicodedata

_CVE = re.compile(
    r"CVE[-_\s\u2012-\u2015]{1,3}([0-9]{4})[-_\s\u2012-\u2015]{1,3}([0-9]{1,19})",
    re.IGNORECASE | re.ASCII,
).fullmatch
_TECHNIQUE = re.compile(
    r"(?:T[0-9]{4}(?:[./][0-9]{3})?|TA[0-9]{4}|[GSMC][0-9]{4}|DS[0-9]{4})", re.IGNORECASE | re.ASCII
).fullmatch
_YARA = re.compile("[A-Za-z_][A-Za-z0-9_]{0,127}").fullmatch
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_AROUND = ' \t\n\r\v\f"`\u00a0'
"""What may stand around a name without being part of it."""
_LONGEST = 1024


def cve(text: str) -> str | None:
    """`CVE-2024-0001`: no more zeros before its number than the four digits need."""
    found = _CVE(text.strip()) if len(text) < 60 else None
    if found is None or int(found[1]) < 1999:
        return None
    return f"CVE-{found[1]}-{int(found[2]):04}"


def technique(text: str) -> str | None:
    """An id of ATT&CK: `T1059.001`; also of tactics, groups, software, campaigns, mitigations."""
    bare = text.strip() if len(text) < 60 else ""
    return bare.upper().replace("/", ".") if _TECHNIQUE(bare) else None


def mutex(text: str) -> str | None:
    """As it stands, without quotes around: Windows tells the cases of its letters apart."""
    bare = text.strip(_AROUND) if len(text) <= _LONGEST else ""
    return bare if bare and not _CONTROL.search(bare) else None


def yara(text: str) -> str | None:
    """As it stands: what YARA allows as the name of a rule."""
    bare = text.strip() if len(text) < _LONGEST else ""
    return bare if _YARA(bare) else None


def sigma(text: str) -> str | None:
    """A rule's title or id: without regard to case, one space between words."""
    if len(text) > _LONGEST:
        return None
    composed = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).lower())
    bare = " ".join(composed.split()).strip(_AROUND)
    return bare if bare and not _CONTROL.search(bare) else None
