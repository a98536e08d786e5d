"""The types of MISP's attributes, and which of their values can be looked up.

https://www.misp-project.org/datamodels/ lists them. A composite type has two values, with a `|`
between them.
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.indicators.feeds.values import value
from bot.indicators.observable import Kind
from bot.indicators.things import Said

_KINDS = {
    "AS": Kind.ASN,
    "btc": Kind.BITCOIN,
    "domain": Kind.DOMAIN,
    "email": Kind.EMAIL,
    "email-dst": Kind.EMAIL,
    "email-reply-to": Kind.EMAIL,
    "email-src": Kind.EMAIL,
    "filename": Kind.FILE_NAME,
    "hostname": Kind.DOMAIN,
    "imphash": Kind.IMPHASH,
    "ip": Kind.IPV4,
    "ip-dst": Kind.IPV4,
    "ip-src": Kind.IPV4,
    "ja3-fingerprint-md5": Kind.JA3,
    "mac-address": Kind.MAC,
    "md5": Kind.MD5,
    "mutex": Kind.MUTEX,
    "regkey": Kind.REGISTRY_KEY,
    "sha1": Kind.SHA1,
    "sha256": Kind.SHA256,
    "sha512": Kind.SHA512,
    "ssdeep": Kind.SSDEEP,
    "tlsh": Kind.TLSH,
    "url": Kind.URL,
    "vulnerability": Kind.CVE,
    "xmr": Kind.MONERO,
}
_MALWARE_SAMPLE = "malware-sample"


def said(kind: str, text: str, *, context: bool) -> Iterator[Said]:
    """The values of an attribute of a type. `context` (`to_ids` is false): they prove nothing
    alone; nor does the name of a file that is told by its hash.
    """
    first, bar, second = kind.partition("|")
    one, _, other = text.partition("|") if bar or kind == _MALWARE_SAMPLE else (text, "", "")
    if kind == _MALWARE_SAMPLE:
        first, second = "filename", "md5"
    for name, written in ((first, one), (second, other)):
        known = _KINDS.get(name)
        found = value(written, known) if known is not None and written else None
        if found is not None:
            beside = name == "filename" and bool(other)
            yield Said(found, part=context or beside)
