"""What the sandbox's teams know of an invented actor, so that a first `ioc` is answered.

Two feeds of files: CERT Alpha's for all, CERT Bravo's for its neighbours alone, so that the same
question has two answers. Addresses are those of RFC 5737, names those of RFC 2606.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = "knowledge"
EXAMPLE = "198.51.100.24"
"""What all know of; CERT Bravo and its neighbours more."""
EXAMPLES = (
    "[ipv4-addr:value = '198.51.100.7' OR ipv6-addr:value = '2001:db8::7' OR "
    "domain-name:value = 'evil.example.com' OR url:value = 'https://example.com/a' OR "
    "email-addr:value = 'someone@example.com' OR vulnerability:name = 'CVE-2024-0001']"
)
"""What `help ioc`, and the words about what is no value, name as examples: somebody types it."""
_IDS = uuid.UUID("0d2f4f0c-55b5-4a0a-8f53-6f6a2f6a7c11")
_SAID = "2026-03-02T06:10:00.000Z"
_GREEN = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
_AMBER = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"

Object = dict[str, object]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A feed: whose, its name, its marking, for which group, its objects."""

    name: str
    team: str
    label: str
    group: str | None
    objects: Sequence[Object]

    @property
    def path(self) -> str:
        """Where its file lies, from the sandbox's folder."""
        return f"{FOLDER}/{self.name}.json"


def _named(kind: str, name: str, marking: str, **more: object) -> Object:
    return {
        "type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid.uuid5(_IDS, kind + name)}",
        "created": _SAID, "modified": _SAID, "name": name, "object_marking_refs": [marking], **more,
    }  # fmt: skip


def _indicator(name: str, pattern: str, marking: str, confidence: int, *labels: str) -> Object:
    return _named(
        "indicator", name, marking, pattern=pattern, pattern_type="stix", valid_from=_SAID,
        confidence=confidence, labels=list(labels),
    )  # fmt: skip


def _tie(kind: str, start: Object, target: Object, marking: str) -> Object:
    made = _named("relationship", f"{start['id']} {kind} {target['id']}", marking)
    del made["name"]
    return {
        **made,
        "relationship_type": kind,
        "source_ref": start["id"],
        "target_ref": target["id"],
    }


def _of_alpha() -> list[Object]:
    address = _indicator(
        "Crane stopper's server", f"[ipv4-addr:value = '{EXAMPLE}']", _GREEN, 70, "c2"
    )
    domain = _indicator(
        "Crane stopper's name", "[domain-name:value = 'update.crane-parts.example']", _GREEN, 55,
        "phishing",
    )  # fmt: skip
    malware = _named("malware", "QuayLock", _GREEN, is_family=True, malware_types=["ransomware"])
    shown = _indicator("What help shows as an example", EXAMPLES, _GREEN, 40, "example")
    told = [address, domain, shown]
    return [*told, malware, *(_tie("indicates", each, malware, _GREEN) for each in told)]


def _of_bravo() -> list[Object]:
    address = _indicator(
        "Seen at a forwarder", f"[ipv4-addr:value = '{EXAMPLE}']", _AMBER, 90, "c2", "ransomware"
    )
    network = _indicator(
        "Their hoster", "[ipv4-addr:value = '198.51.100.0/24']", _AMBER, 30, "hosting"
    )
    actor = _named("intrusion-set", "Harbour Magpie", _AMBER)
    malware = _named("malware", "QuayLock", _AMBER, is_family=True)
    return [
        address, network, actor, malware,
        _tie("indicates", address, malware, _AMBER), _tie("uses", actor, malware, _AMBER),
    ]  # fmt: skip


SHEETS = (
    Sheet("port-watch", "cert-alpha", "TLP:GREEN", None, _of_alpha()),
    Sheet("neighbours", "cert-bravo", "TLP:AMBER", "neighbours", _of_bravo()),
)


def write(folder: Path) -> None:
    """Write the files of the feeds below the sandbox's folder."""
    (folder / FOLDER).mkdir(exist_ok=True)
    for sheet in SHEETS:
        bundle = {
            "type": "bundle", "id": f"bundle--{uuid.uuid5(_IDS, sheet.name)}",
            "objects": list(sheet.objects),
        }  # fmt: skip
        (folder / sheet.path).write_text(json.dumps(bundle, indent=1), encoding="utf-8")
