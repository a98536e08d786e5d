"""Deterministic ids of cyber observables (STIX 2.1, section 2.9): the same value, the same id."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from bot.indicators.observable import Kind, Observable

_NAMESPACE = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
_HASHES = {
    Kind.MD5: "MD5",
    Kind.SHA1: "SHA-1",
    Kind.SHA256: "SHA-256",
    Kind.SHA512: "SHA-512",
}
_BY_VALUE = {
    Kind.IPV4: ("ipv4-addr", "value"),
    Kind.IPV6: ("ipv6-addr", "value"),
    Kind.DOMAIN: ("domain-name", "value"),
    Kind.URL: ("url", "value"),
    Kind.EMAIL: ("email-addr", "value"),
    Kind.MAC: ("mac-addr", "value"),
    Kind.MUTEX: ("mutex", "name"),
    Kind.REGISTRY_KEY: ("windows-registry-key", "key"),
    Kind.FILE_NAME: ("file", "name"),
    Kind.FILE_PATH: ("directory", "path"),
}


def deterministic_id(type_: str, contributing: Mapping[str, Any]) -> str:
    """The id of an observable with these contributing properties: UUIDv5 of their RFC 8785 JSON.

    Of a file's hashes only one contributes: MD5, else SHA-1, SHA-256, SHA-512. There must be no
    fractions, and only ASCII in names: then this JSON is the canonical one.
    """
    text = json.dumps(contributing, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return f"{type_}--{uuid.uuid5(_NAMESPACE, text)}"


def observable_of(value: Observable) -> dict[str, Any] | None:
    """The cyber observable that this value is, without marking; None where STIX has no type for it
    that all know.
    """
    kind, text = value
    contributing: dict[str, Any]
    if kind in _BY_VALUE:
        type_, name = _BY_VALUE[kind]
        contributing = {name: text}
    elif kind in _HASHES:
        type_, contributing = "file", {"hashes": {_HASHES[kind]: text}}
    elif kind is Kind.NETWORK:
        type_, contributing = "ipv6-addr" if ":" in text else "ipv4-addr", {"value": text}
    elif kind is Kind.ASN:
        type_, contributing = "autonomous-system", {"number": int(text.upper().lstrip("AS"))}
    else:
        return None
    id_ = deterministic_id(type_, contributing)
    return {"type": type_, "spec_version": "2.1", "id": id_, **contributing}
