"""A plain idea of each kind's normal form, and small bundles: enough to read STIX by."""

from __future__ import annotations

import io
import ipaddress
import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest

from bot.indicators.observable import Kind
from bot.indicators.stix.reading import read_bundle
from bot.indicators.things import Rejected, Thing

Json = dict[str, Any]
_FORMS = {
    Kind.DOMAIN: r"(?:[\w-]{1,63}\.){1,20}[a-z][a-z0-9-]{1,62}",
    Kind.URL: r"[a-z]{2,10}://.{1,2000}",
    Kind.EMAIL: r"[^@\s]{1,200}@[\w.-]{1,200}",
    Kind.MD5: r"[0-9a-f]{32}",
    Kind.SHA1: r"[0-9a-f]{40}",
    Kind.SHA256: r"[0-9a-f]{64}",
    Kind.SHA512: r"[0-9a-f]{128}",
    Kind.IMPHASH: r"[0-9a-f]{32}",
    Kind.CVE: r"cve-\d{4}-\d{4,}",
    Kind.ASN: r"as\d{1,10}",
    Kind.MAC: r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}",
    Kind.TECHNIQUE: r"t\d{4}(?:\.\d{3})?",
    Kind.BITCOIN: r"[13b][a-z0-9]{25,60}",
    Kind.ETHEREUM: r"0x[0-9a-f]{40}",
}
_AS_WRITTEN = frozenset(
    {Kind.FILE_NAME, Kind.FILE_PATH, Kind.REGISTRY_KEY, Kind.MUTEX, Kind.YARA, Kind.SIGMA}
    | {Kind.SSDEEP, Kind.TLSH}
)
_ADDRESSES: dict[Kind, Any] = {
    Kind.IPV4: ipaddress.IPv4Address,
    Kind.IPV6: ipaddress.IPv6Address,
    Kind.NETWORK: ipaddress.ip_network,
}


def normal(kind: Kind, value: str) -> str | None:
    if kind in _ADDRESSES:
        try:
            return str(_ADDRESSES[kind](value))
        except ValueError:
            return None
    if kind in _AS_WRITTEN:
        is_path = "\\" in value or "/" in value
        return None if is_path is not (kind is Kind.FILE_PATH) and "FILE" in kind.name else value
    form = _FORMS.get(kind)
    found = value.lower()
    if form is None or re.fullmatch(form, found) is None:
        return None
    return found.upper() if kind in {Kind.CVE, Kind.ASN, Kind.TECHNIQUE} else found


def an_id(type_: str, number: int = 1) -> str:
    return f"{type_}--{uuid.UUID(int=number, version=4)}"


def an_object(type_: str, number: int = 1, **more: Any) -> Json:
    return {
        "type": type_,
        "spec_version": "2.1",
        "id": an_id(type_, number),
        "created": "2026-01-02T03:04:05.000Z",
        "modified": "2026-01-02T03:04:05.678901Z",
        **more,
    }


def an_indicator(pattern: Any = "[url:value = 'https://a.example/']", **more: Any) -> Json:
    given: Json = {"pattern": pattern, "pattern_type": "stix", **more}
    return an_object("indicator", **{"valid_from": "2026-01-02T03:04:05Z", **given})


def a_bundle(*objects: Any) -> bytes:
    return json.dumps({"type": "bundle", "id": an_id("bundle"), "objects": objects}).encode()


def read(text: bytes) -> list[Thing | Rejected]:
    return list(read_bundle(io.BytesIO(text), normal))


def read_one(of: Json) -> Thing:
    (found,) = read(a_bundle(of))
    assert isinstance(found, Thing), found
    return found


def refused(of: Any) -> str:
    (found,) = read(a_bundle(of))
    assert isinstance(found, Rejected), found
    return found.reason


def real_data() -> Path | None:
    """The folder with bundles of real vendors, if it is here."""
    found = (above / "shared" / "data" / "stix" for above in Path(__file__).parents)
    return next((each for each in found if each.is_dir()), None)


needs_real_data = pytest.mark.skipif(
    real_data() is None, reason="no real bundles are here (../shared/data/stix)"
)
