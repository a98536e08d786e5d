"""An advisory as a CSAF 2.1 document. Pure.

What names CVEs and products is a security advisory; what lacks either is of the base profile, which
asks for neither. One that holds no more says so, and why, as 2.1 has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from bot.advisories.publishing.edition import Edition, folder_of, moment
from bot.advisories.sources.item import is_address, one_line
from bot.advisories.states import State
from bot.times.working import Severity

SCHEMA = "https://docs.oasis-open.org/csaf/csaf/v2.1/schema/csaf.json"
TLP = "https://www.first.org/tlp/"
_OVER = {State.WITHDRAWN: "csaf_withdrawn", State.SUPERSEDED: "csaf_superseded"}
_REASONS = {
    State.WITHDRAWN: "Reasoning for Withdrawal",
    State.SUPERSEDED: "Reasoning for Supersession",
}
_SEVERITIES = {
    Severity.CRITICAL: "Critical",
    Severity.HIGH: "High",
    Severity.MEDIUM: "Medium",
    Severity.LOW: "Low",
}
_encode = msgspec.json.Encoder().encode


def csaf_of(edition: Edition) -> bytes:
    """The document, as a file: the same edition is the same file."""
    return msgspec.json.format(_encode(document_of(edition)), indent=2) + b"\n"


def document_of(edition: Edition) -> dict[str, Any]:
    """The document, as JSON has it."""
    made: dict[str, Any] = {"$schema": SCHEMA, "document": _head(edition)}
    if edition.state in _OVER:
        return made
    products = _products(edition)
    if products:
        made["product_tree"] = {"full_product_names": products}
    vulnerabilities = list(_vulnerabilities(edition, [each["product_id"] for each in products]))
    if vulnerabilities:
        made["vulnerabilities"] = vulnerabilities
    return made


def _head(edition: Edition) -> dict[str, Any]:
    document = edition.document
    head: dict[str, Any] = {
        "aggregate_severity": {"text": _SEVERITIES[document.severity]},
        "category": _category(edition),
        "csaf_version": "2.1",
        "distribution": _distribution(edition),
        "notes": list(_notes(edition)),
        "publisher": _publisher(edition),
        "references": list(_references(edition)),
        "title": one_line(document.title) or edition.number,
        "tracking": _tracking(edition),
    }
    return {key: value for key, value in head.items() if value}


def _publisher(edition: Edition) -> dict[str, str]:
    contact = edition.document.contact
    told = {"category": "coordinator"} | ({"contact_details": contact} if contact else {})
    return told | {"name": edition.publisher.name, "namespace": edition.publisher.namespace}


def _category(edition: Edition) -> str:
    if edition.state in _OVER:
        return _OVER[edition.state]
    document = edition.document
    return "csaf_security_advisory" if document.cves and document.affected else "csaf_base"


def _distribution(edition: Edition) -> dict[str, Any]:
    tlp = {"label": edition.label.removeprefix("TLP:"), "url": TLP}
    if not edition.marking.releasable:
        return {"tlp": tlp}
    lists = str(edition.marking).removeprefix(str(edition.marking.label)).strip()
    return {"text": f"{edition.label} {lists}", "tlp": tlp}


def _notes(edition: Edition) -> Iterator[dict[str, str]]:
    document = edition.document
    if edition.state in _OVER:
        because = edition.reason or _instead(edition) or "It holds no more."
        yield _note("description", _REASONS[edition.state], because)
    if document.summary:
        yield _note("summary", "Summary", document.summary)
    if document.body:
        category = "details" if edition.state in _OVER else "description"
        yield _note(category, "Description", document.body)
    if document.actions:
        yield _note("details", "What to do", document.actions)
    if document.due is not None:
        yield _note("details", "To be done by", document.due)
    if document.indicators:
        yield _note("details", "Indicators", "\n".join(document.indicators))
    if document.techniques:
        yield _note("details", "Techniques of ATT&CK", ", ".join(document.techniques))
    yield _note("general", "From", ", ".join(edition.origin))
    for number, update in enumerate(document.updates, 2):
        yield _note("details", f"Update {number} of {moment(update.at)}", update.text)


def _note(category: str, title: str, text: str) -> dict[str, str]:
    return {"category": category, "text": text.strip() or title, "title": title}


def _instead(edition: Edition) -> str:
    return f"{edition.instead} has taken its place." if edition.instead else ""


def _references(edition: Edition) -> Iterator[dict[str, str]]:
    base = f"{edition.publisher.namespace.rstrip('/')}/csaf"
    own = f"{base}/{folder_of(edition.label)}/{edition.year}/{edition.file}.json"
    yield {"category": "self", "summary": f"Canonical URL of {edition.number}", "url": own}
    if edition.state is State.SUPERSEDED:
        name = edition.instead or "unknown"
        summary = f"Superseding Document: {name}"
        yield {"category": "external", "summary": summary, "url": f"{base}/#{name}"}
    for each in edition.document.references:
        if is_address(each):
            yield {"category": "external", "summary": each, "url": each}


def _tracking(edition: Edition) -> dict[str, Any]:
    revisions = [(edition.released, "First version")]
    revisions += [
        (each.at, one_line(each.text, 300) or "Update") for each in edition.document.updates
    ]
    if edition.state in _OVER:
        because = edition.reason or _instead(edition) or "It holds no more."
        revisions.append((edition.closed or edition.changed, one_line(because, 300)))
    history = [
        {"date": moment(at), "number": str(number), "summary": text}
        for number, (at, text) in enumerate(revisions, 1)
    ]
    return {
        "current_release_date": history[-1]["date"],
        "id": edition.number,
        "initial_release_date": history[0]["date"],
        "revision_history": history,
        "status": "final",
        "version": str(len(history)),
    }


def _products(edition: Edition) -> list[dict[str, str]]:
    return [
        {"name": name, "product_id": f"LIAPID-{number:04d}"}
        for number, name in enumerate(dict.fromkeys(edition.document.affected), 1)
    ]


def _vulnerabilities(edition: Edition, products: list[str]) -> Iterator[dict[str, Any]]:
    document = edition.document
    said = document.summary.strip() or document.title
    for cve in dict.fromkeys(document.cves):
        one: dict[str, Any] = {"cve": cve, "notes": [_note("description", cve, said)]}
        if products:
            one["product_status"] = {"known_affected": products}
            details = document.actions.strip() or "See the description of this document."
            one["remediations"] = [
                {"category": "mitigation", "details": details, "product_ids": products}
            ]
        yield one
