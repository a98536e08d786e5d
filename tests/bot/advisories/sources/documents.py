"""CSAF documents as publishers write them, to be changed in one thing each."""

from __future__ import annotations

import json
from typing import Any


def document(name: str = "ACME-2026-001", **head: Any) -> dict[str, Any]:
    """A sound document about one product; `head`: what its head says otherwise."""
    meta: dict[str, Any] = {
        "category": "csaf_security_advisory",
        "csaf_version": "2.0",
        "distribution": {"tlp": {"label": "WHITE"}},
        "publisher": {"category": "vendor", "name": "ACME", "namespace": "https://acme.example"},
        "title": "A gate that opens for everybody",
        "tracking": {
            "id": name,
            "version": "1",
            "status": "final",
            "initial_release_date": "2026-03-01T08:00:00Z",
            "current_release_date": "2026-03-01T08:00:00Z",
            "revision_history": [
                {"number": "1", "date": "2026-03-01T08:00:00Z", "summary": "First version"}
            ],
        },
        "notes": [{"category": "summary", "text": "Anybody can enter."}],
        "references": [{"category": "self", "summary": "it", "url": "https://acme.example/1"}],
    }
    product = {"name": "ACME Gate 1.0", "product_id": "P1"}
    return {
        "document": meta | head,
        "product_tree": {
            "branches": [
                {
                    "category": "vendor",
                    "name": "ACME",
                    "branches": [
                        {
                            "category": "product_name",
                            "name": "Gate",
                            "branches": [
                                {"category": "product_version", "name": "1.0", "product": product}
                            ],
                        }
                    ],
                }
            ]
        },
        "vulnerabilities": [
            {
                "cve": "CVE-2026-1234",
                "notes": [{"category": "description", "text": "It does not ask."}],
                "product_status": {"known_affected": ["P1"]},
                "remediations": [
                    {"category": "vendor_fix", "details": "Install 1.1.", "product_ids": ["P1"]}
                ],
                "scores": [{"cvss_v3": {"baseScore": 9.8}, "products": ["P1"]}],
            }
        ],
    }


def tracked(name: str, version: str, date: str, *said: str) -> dict[str, Any]:
    """How a revision of a document stands."""
    history = [{"number": str(n), "date": date, "summary": text} for n, text in enumerate(said, 1)]
    return {
        "id": name, "version": version, "status": "final", "current_release_date": date,
        "initial_release_date": "2026-03-01T08:00:00Z", "revision_history": history,
    }  # fmt: skip


def written(content: dict[str, Any]) -> bytes:
    """As it stands in a file."""
    return json.dumps(content).encode()
