"""Tests of CSAF 2.1, chapter 6.1, as far as what we publish can break them, in our own words.

Most of chapter 6.1 is of things that our documents never have: scores, flags, groups, languages,
identifiers of products, branches, sharing groups. `PATHS` holds them to that, so that none of those
tests can be broken unnoticed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

OVER = {
    "csaf_withdrawn": ("Reasoning for Withdrawal", "6.1.27.17"),
    "csaf_superseded": ("Reasoning for Supersession", "6.1.27.18"),
}
_NOTES = ("category", "text", "title")
PATHS = {
    "$schema", "document.aggregate_severity.text", "document.category", "document.csaf_version",
    "document.title",
    *(f"document.distribution.{each}" for each in ("text", "tlp.label", "tlp.url")),
    *(f"document.notes.{each}" for each in _NOTES),
    *(f"document.publisher.{each}" for each in ("category", "contact_details", "name")),
    "document.publisher.namespace",
    *(f"document.references.{each}" for each in ("category", "summary", "url")),
    *(f"document.tracking.{each}" for each in ("id", "status", "version")),
    *(f"document.tracking.{each}_release_date" for each in ("current", "initial")),
    *(f"document.tracking.revision_history.{each}" for each in ("date", "number", "summary")),
    *(f"product_tree.full_product_names.{each}" for each in ("name", "product_id")),
    "vulnerabilities.cve", *(f"vulnerabilities.notes.{each}" for each in _NOTES),
    "vulnerabilities.product_status.known_affected",
    *(f"vulnerabilities.remediations.{each}" for each in ("category", "details", "product_ids")),
}  # fmt: skip
"""All that a document of ours may have."""
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z")
CATEGORIES = {"csaf_base", "csaf_security_advisory", *OVER}
HEAD = {"category", "csaf_version", "distribution", "publisher", "title", "tracking"}
NOTES = {"description", "details", "faq", "general", "legal_disclaimer", "other", "summary"}


def broken(made: dict[str, Any]) -> list[str]:
    """The numbers of the tests that a document breaks, and `schema` for the form itself."""
    return [*_form(made), *_products(made), *_history(made), *_profile(made), *_over(made)]


def _form(made: dict[str, Any]) -> Iterator[str]:
    head = made["document"]
    if not {"category", "csaf_version", "distribution", "publisher", "title", "tracking"} <= set(
        head
    ):
        yield "schema: head"
    if not set(made) <= {"$schema", "document", "product_tree", "vulnerabilities"}:
        yield "schema: parts"
    if head["distribution"]["tlp"]["label"] not in {"CLEAR", "GREEN", "AMBER", "AMBER+STRICT"}:
        yield "schema: label"
    if head["category"] not in CATEGORIES:
        yield "6.1.26"
    if any(each["category"] not in NOTES for each in _notes(made)):
        yield "schema: notes"
    if list(_empty(made)):
        yield "schema: something is empty"
    yield from (f"of what we never have: {each}" for each in sorted(set(_paths(made)) - PATHS))


def _paths(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _paths(each, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for each in value:
            yield from _paths(each, path)
    else:
        yield path


def _empty(value: Any) -> Iterator[Any]:
    if value in ("", [], {}, None):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _empty(each)
    elif isinstance(value, list):
        for each in value:
            yield from _empty(each)


def _notes(made: dict[str, Any]) -> list[dict[str, str]]:
    notes: list[dict[str, str]] = list(made["document"].get("notes", []))
    return notes + [note for one in made.get("vulnerabilities", []) for note in one["notes"]]


def _products(made: dict[str, Any]) -> Iterator[str]:
    names = made.get("product_tree", {}).get("full_product_names", [])
    ids = [each["product_id"] for each in names]
    if len(set(ids)) < len(ids):
        yield "6.1.2"
    vulnerabilities = made.get("vulnerabilities", [])
    used = {
        each
        for one in vulnerabilities
        for some in (one.get("product_status", {}), *one.get("remediations", []))
        for key in ("known_affected", "product_ids")
        for each in some.get(key, [])
    }
    if not used <= set(ids):
        yield "6.1.1"
    cves = [one["cve"] for one in vulnerabilities]
    if len(set(cves)) < len(cves):
        yield "6.1.23"
    if any(
        not fix["product_ids"] for one in vulnerabilities for fix in one.get("remediations", [])
    ):
        yield "6.1.29"


def _history(made: dict[str, Any]) -> Iterator[str]:
    tracking = made["document"]["tracking"]
    history = tracking["revision_history"]
    if history != sorted(history, key=lambda each: (each["date"], int(each["number"]))):
        yield "6.1.14"
    if tracking["version"] != history[-1]["number"]:
        yield "6.1.16"
    if any(each["number"] == "0" for each in history):
        yield "6.1.18"
    if tracking["status"] == "final" and not re.fullmatch(r"[1-9][0-9]*", tracking["version"]):
        yield "6.1.17, 6.1.20"
    if any(not each["number"].isdecimal() for each in history):
        yield "6.1.30"
    dates = [tracking[f"{each}_release_date"] for each in ("current", "initial")]
    if not all(_MOMENT.fullmatch(each) for each in (*dates, *(e["date"] for e in history))):
        yield "6.1.37"
    if [each["number"] for each in history] != [str(n) for n in range(1, len(history) + 1)]:
        yield "6.1.21"
    if tracking["current_release_date"] != history[-1]["date"]:
        yield "6.1.14"


def _profile(made: dict[str, Any]) -> Iterator[str]:
    if made["document"]["category"] != "csaf_security_advisory":
        return
    if "product_tree" not in made:
        yield "6.1.27.4"
    vulnerabilities = made.get("vulnerabilities", [])
    if not vulnerabilities:
        yield "6.1.27.11"
    if not all(one.get("notes") for one in vulnerabilities):
        yield "6.1.27.5"
    if not all(one.get("product_status") for one in vulnerabilities):
        yield "6.1.27.6"
    if not all(one["product_status"].get("known_affected") for one in vulnerabilities):
        yield "6.1.27.12"


def _over(made: dict[str, Any]) -> Iterator[str]:
    head = made["document"]
    if head["category"] not in OVER:
        return
    title, test = OVER[head["category"]]
    reasons = [note for note in head["notes"] if note["title"] == title]
    if [note["category"] for note in reasons] != ["description"]:
        yield test
    if not any(note["category"] == "description" for note in head["notes"]):
        yield "6.1.27.14"
    if {"product_tree", "vulnerabilities"} & set(made):
        yield "6.1.27.15"
    if len(head["tracking"]["revision_history"]) < 2:
        yield "6.1.27.16"
    later = [each for each in head["references"] if each["summary"].startswith("Superseding Doc")]
    if head["category"] == "csaf_superseded" and [e["category"] for e in later] != ["external"]:
        yield "6.1.27.19"
