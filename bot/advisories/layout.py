"""What an advisory says below its first lines, by the template of its kind. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from bot.advisories.document import Document, Kind
from bot.advisories.templating import Value, laid_out, linked
from bot.richtext import Block
from bot.times.saying import local_and_utc
from bot.words import Words, message

_KINDS: Mapping[Kind, str] = {
    Kind.ADVISORY: message("advisory"),
    Kind.ALERT: message("alert"),
    Kind.BULLETIN: message("bulletin"),
    Kind.SITUATION_REPORT: message("situation report"),
    Kind.ALL_CLEAR: message("all clear"),
}


def kind_words(kind: Kind, words: Words) -> str:
    """What sort it is, in words."""
    return words(_KINDS[kind])


def blocks(document: Document, origin: Sequence[str], words: Words, *, whole: bool) -> list[Block]:
    """Without its body where that stands in posts of its own."""
    written = {
        "summary": document.summary,
        "body": document.body if whole else "",
        "actions": document.actions,
    }
    fields: dict[str, Value] = {
        "affected": document.affected,
        "indicators": document.indicators,
        "references": tuple(map(linked, document.references)),
        "line": _lines(document, origin, words),
        "say": {
            "affected": words("Affected:"),
            "actions": words("What to do:"),
            "indicators": words("Indicators:"),
            "references": words("References:"),
            "situation": words("The situation:"),
            "over": words("It is over."),
        },
    }
    return list(laid_out(document.kind, fields, written))


def _lines(document: Document, origin: Sequence[str], words: Words) -> Mapping[str, str]:
    """What takes a line each; empty: it says nothing of it."""
    lines = dict.fromkeys(("cves", "techniques", "due", "contact"), "")
    if document.cves:
        lines["cves"] = words("CVE: {cves}", cves=", ".join(document.cves))
    if document.techniques:
        listed = ", ".join(document.techniques)
        lines["techniques"] = words("Techniques: {techniques}", techniques=listed)
    if document.due is not None:
        due = datetime.fromisoformat(document.due).astimezone(UTC)
        lines["due"] = words("To be done by: {when}", when=local_and_utc(words, due, UTC))
    if document.contact:
        lines["contact"] = words("Contact: {contact}", contact=document.contact)
    return lines | {"origin": words("From: {teams}", teams=", ".join(origin))}
