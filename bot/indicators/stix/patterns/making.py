"""A value as a pattern that matches it: taken apart, it gives the value again."""

from __future__ import annotations

from bot.indicators.observable import Kind, Observable
from bot.indicators.stix.patterns.writing import quoted

_PATHS = {
    Kind.IPV4: "ipv4-addr:value",
    Kind.IPV6: "ipv6-addr:value",
    Kind.DOMAIN: "domain-name:value",
    Kind.URL: "url:value",
    Kind.EMAIL: "email-addr:value",
    Kind.MD5: "file:hashes.MD5",
    Kind.SHA1: "file:hashes.'SHA-1'",
    Kind.SHA256: "file:hashes.'SHA-256'",
    Kind.SHA512: "file:hashes.'SHA-512'",
    Kind.SSDEEP: "file:hashes.SSDEEP",
    Kind.TLSH: "file:hashes.TLSH",
    Kind.IMPHASH: "file:extensions.'windows-pebinary-ext'.imphash",
    Kind.MAC: "mac-addr:value",
    Kind.FILE_NAME: "file:name",
    Kind.FILE_PATH: "directory:path",
    Kind.REGISTRY_KEY: "windows-registry-key:key",
    Kind.MUTEX: "mutex:name",
    Kind.BITCOIN: "cryptocurrency-wallet:value",
    Kind.ETHEREUM: "cryptocurrency-wallet:value",
    Kind.MONERO: "cryptocurrency-wallet:value",
}


def pattern_of(value: Observable) -> str | None:
    """The pattern; None for what no observation shows: a CVE, a technique, a rule's name, JA3."""
    kind, text = value
    if kind is Kind.NETWORK:
        return f"[{'ipv6' if ':' in text else 'ipv4'}-addr:value ISSUBSET {quoted(text)}]"
    if kind is Kind.ASN:
        return f"[autonomous-system:number = {text.upper().lstrip('AS')}]"
    path = _PATHS.get(kind)
    return None if path is None else f"[{path} = {quoted(text)}]"
