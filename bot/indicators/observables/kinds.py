"""The names of kinds as people write them, `KIND:VALUE`, and an example of each."""

from __future__ import annotations

import re

from bot.indicators.observable import Kind

_NAMES = {
    Kind.IPV4: "ip ipv4 ip4 address addr ip-src ip-dst",
    Kind.IPV6: "ipv6 ip6",
    Kind.NETWORK: "network net subnet range",
    Kind.DOMAIN: "host hostname fqdn dns domain-name",
    Kind.URL: "uri link",
    Kind.EMAIL: "e-mail mail email-addr email-src email-dst",
    Kind.SHA1: "sha-1",
    Kind.SHA256: "sha-256",
    Kind.SHA512: "sha-512",
    Kind.SSDEEP: "fuzzy",
    Kind.JA3: "ja3-fingerprint-md5",
    Kind.IMPHASH: "imp-hash",
    Kind.CVE: "vulnerability",
    Kind.ASN: "as",
    Kind.MAC: "mac-address",
    Kind.FILE_NAME: "file filename name",
    Kind.FILE_PATH: "path filepath",
    Kind.REGISTRY_KEY: "registry regkey reg",
    Kind.MUTEX: "mutant",
    Kind.BITCOIN: "btc",
    Kind.ETHEREUM: "eth",
    Kind.MONERO: "xmr",
    Kind.TECHNIQUE: "attack att&ck mitre ttp tactic",
    Kind.YARA: "yara-rule",
    Kind.SIGMA: "sigma-rule",
}
PREFIXES = {kind.value: kind for kind in Kind}
PREFIXES |= {name: kind for kind, names in _NAMES.items() for name in names.split()}
EXAMPLES = {
    Kind.IPV4: "198.51.100[.]7",
    Kind.IPV6: "2001[:]db8[:][:]7",
    Kind.NETWORK: "198.51.100[.]0/24",
    Kind.DOMAIN: "evil[.]example[.]com",
    Kind.URL: "hxxps[:]//example[.]com/a",
    Kind.EMAIL: "someone[@]example[.]com",
    Kind.MD5: "d41d8cd98f00b204e9800998ecf8427e",
    Kind.SHA1: "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    Kind.SHA256: "[0-9a-f]{64}",
    Kind.SHA512: "[0-9a-f]{128}",
    Kind.SSDEEP: "96[:]abc…[:]def…",
    Kind.TLSH: "T1[0-9A-F]{70}",
    Kind.JA3: "[0-9a-f]{32}",
    Kind.IMPHASH: "[0-9a-f]{32}",
    Kind.CVE: "CVE-2024-0001",
    Kind.ASN: "AS64496",
    Kind.MAC: "00[:]00[:]5e[:]00[:]53[:]01",
    Kind.FILE_NAME: "invoice[.]exe",
    Kind.FILE_PATH: r"c:\windows\evil[.]exe",
    Kind.REGISTRY_KEY: r"HKLM\software\evil",
    Kind.MUTEX: r"Global\evil",
    Kind.BITCOIN: "bc1q…",
    Kind.ETHEREUM: "0x[0-9a-f]{40}",
    Kind.MONERO: "4…",
    Kind.TECHNIQUE: "T1059.001",
    Kind.YARA: "evil_loader",
    Kind.SIGMA: "Suspicious Encoded Command",
}
_PREFIXED = re.compile(r"(?!(?i:file|dns)://)([A-Za-z][A-Za-z0-9&-]{1,20}) ?: ?(.*)", re.DOTALL)


def prefixed(text: str) -> tuple[Kind, str] | None:
    """The kind that stands in front of a value, and the rest."""
    found = _PREFIXED.fullmatch(text)
    kind = PREFIXES.get(found[1].lower()) if found else None
    return None if found is None or kind is None else (kind, found[2])
