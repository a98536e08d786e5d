"""A CSAF document, from its bytes to an item. Pure.

A document is somebody else's word: it is read as far as it is needed, and refused with the reason
where it cannot be believed. What breaks a rule of the specification and harms nobody is taken over
all the same: real feeds break many.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from bot.advisories.sources.csaf.form import Csaf, Note, Vulnerability
from bot.advisories.sources.csaf.marked import label_of
from bot.advisories.sources.csaf.trees import Products, products_of
from bot.advisories.sources.item import Item, clean, cves_in, is_address, one_line
from bot.advisories.sources.refusals import Refusal, Refused
from bot.sharing.marking import Label
from bot.times.working import Severity

LARGEST = 15_000_000
"""Bytes of a document (2.0, appendix C: at most 15 MB)."""
_VERSIONS = frozenset({"2.0", "2.1"})
_SHOWN = 60
"""Products, vulnerabilities and remediations that are shown."""
_WORDS = {
    "critical": Severity.CRITICAL,
    "important": Severity.HIGH,
    "high": Severity.HIGH,
    "moderate": Severity.MEDIUM,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
    "none": Severity.LOW,
}
_OVER = frozenset({"csaf_withdrawn", "csaf_superseded"})
_TOLD = frozenset({"general", "details"})
_SECTORS = "critical infrastructure sectors"
_decode = msgspec.json.Decoder(Csaf).decode


def read_csaf(content: bytes, listed: Label | None = None) -> Item:
    """What a document warns of; `listed`: the label of the feed that lists it. Raises Refused."""
    if len(content) > LARGEST:
        raise Refused(Refusal.TOO_LARGE)
    try:
        csaf = _decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise Refused(Refusal.UNREADABLE) from None
    name = one_line(csaf.document.tracking.id, 80)
    try:
        return _item(csaf, name, listed)
    except Refused as error:
        raise Refused(error.reason, name) from None


def _item(csaf: Csaf, name: str, listed: Label | None) -> Item:
    head = csaf.document
    if head.csaf_version not in _VERSIONS:
        raise Refused(Refusal.VERSION)
    title, publisher = one_line(head.title), one_line(head.publisher.name)
    if not (name and title and publisher):
        raise Refused(Refusal.NAMELESS)
    products = products_of(csaf.product_tree)
    label = label_of(csaf, listed)
    whose = head.publisher.namespace.strip().rstrip("/").casefold() or publisher.casefold()
    last = head.tracking.revision_history[-1:]
    return Item(
        identity=f"csaf {whose} {name.casefold()}",
        name=name,
        title=title,
        summary=_note(head.notes, "summary") or _note(head.notes, "description"),
        details=tuple(_details(csaf)),
        severity=_severity(csaf),
        label=label,
        cves=_cves(csaf),
        vendors=tuple(products.vendors) or (publisher,),
        products=tuple(dict.fromkeys((*products.families, *products.names.values()))),
        affected=tuple(_affected(csaf, products)),
        actions=tuple(_actions(csaf)[:_SHOWN]),
        sectors=tuple(_sectors(head.notes)),
        references=tuple(_references(csaf)),
        version=head.tracking.version,
        updated=head.tracking.current_release_date,
        changed=tuple(one_line(each.summary, 300) for each in last if each.summary.strip()),
        withdrawn=head.category in _OVER,
    )


def _severity(csaf: Csaf) -> Severity | None:
    """The gravest score; without any, its publisher's word."""
    best = max(_scores(csaf.vulnerabilities), default=None)
    if best is not None:
        return severity_of(best)
    word = csaf.document.aggregate_severity
    return None if word is None else _WORDS.get(word.text.strip().casefold())


def severity_of(score: float) -> Severity:
    """A score of CVSS in words (https://www.first.org/cvss/v3.1/specification-document, 5)."""
    if score >= 9.0:
        return Severity.CRITICAL
    if score >= 7.0:
        return Severity.HIGH
    return Severity.MEDIUM if score >= 4.0 else Severity.LOW


def _scores(vulnerabilities: Iterable[Vulnerability]) -> Iterator[float]:
    for each in vulnerabilities:
        for score in (*each.scores, *(metric.content for metric in each.metrics)):
            known = score.cvss_v4 or score.cvss_v3 or score.cvss_v2
            if known is not None and 0.0 <= known.baseScore <= 10.0:
                yield known.baseScore


def _cves(csaf: Csaf) -> tuple[str, ...]:
    return cves_in(" ".join(each.cve for each in csaf.vulnerabilities))


def _references(csaf: Csaf) -> Iterator[str]:
    """Its own address first; the web's alone."""
    found = sorted(csaf.document.references, key=lambda each: each.category != "self")
    urls = dict.fromkeys(each.url.strip() for each in found)
    good = (url for url in urls if is_address(url))
    yield from islice(good, 10)


def _sectors(notes: Iterable[Note]) -> Iterator[str]:
    """As CISA writes them, in a note of that title."""
    for note in notes:
        if note.title.strip().casefold() == _SECTORS:
            parts = clean(note.text).replace(";", ",").split(",")
            yield from (one_line(each, 80).removeprefix("and ") for each in parts if each.strip())


def _note(notes: Iterable[Note], category: str) -> str:
    return next((clean(note.text) for note in notes if note.category == category), "")


def _details(csaf: Csaf) -> Iterator[tuple[str, str]]:
    """What stands in its body: who says it, what else they say, and each vulnerability."""
    head = csaf.document
    by = f"{one_line(head.publisher.name)}, {one_line(head.tracking.id)}"
    yield "Source", f"{by}, version {one_line(head.tracking.version, 40)}"
    for note in head.notes:
        if note.category in _TOLD and note.text.strip():
            yield one_line(note.title, 120) or "Details", note.text
    for each in csaf.vulnerabilities[:_SHOWN]:
        text = _note(each.notes, "description") or _note(each.notes, "summary")
        title = one_line(each.title if each.cve in each.title else f"{each.cve} {each.title}")
        if text or each.title:
            yield title or "Vulnerability", text


def _actions(csaf: Csaf) -> list[str]:
    """What its publisher says is to be done, each once."""
    done = dict.fromkeys(
        clean(f"{fix.details} {fix.url}")
        for each in csaf.vulnerabilities
        for fix in each.remediations
        if fix.details.strip()
    )
    return list(done)


def _affected(csaf: Csaf, products: Products) -> list[str]:
    ids: dict[str, None] = {}
    for each in csaf.vulnerabilities:
        status = each.product_status
        for some in (
            status.known_affected, status.first_affected, status.last_affected,
            status.under_investigation,
        ):  # fmt: skip
            ids |= dict.fromkeys(some)
    return [one_line(products.names.get(one, one)) for one in islice(ids, _SHOWN)]
