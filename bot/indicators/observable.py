"""A value that can be looked up, in its one normal form."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a value is. The codes are stored, and given out as `type`."""

    IPV4 = "ipv4"
    IPV6 = "ipv6"
    NETWORK = "cidr"
    DOMAIN = "domain"
    URL = "url"
    EMAIL = "email"
    MD5 = "md5"
    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA512 = "sha512"
    SSDEEP = "ssdeep"
    TLSH = "tlsh"
    JA3 = "ja3"
    IMPHASH = "imphash"
    CVE = "cve"
    ASN = "asn"
    MAC = "mac"
    FILE_NAME = "file-name"
    FILE_PATH = "file-path"
    REGISTRY_KEY = "registry-key"
    MUTEX = "mutex"
    BITCOIN = "bitcoin"
    ETHEREUM = "ethereum"
    MONERO = "monero"
    TECHNIQUE = "technique"
    """An id of MITRE ATT&CK."""
    YARA = "yara"
    SIGMA = "sigma"


class Observable(NamedTuple):
    """A value. `value` is its normal form: two spellings of the same have the same."""

    kind: Kind
    value: str
