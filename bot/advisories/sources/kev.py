"""The catalogue of Known Exploited Vulnerabilities (https://www.cisa.gov/kev), read. Pure.

Its `dueDate` binds bodies of the United States and nobody else: it is not taken over. It keeps no
history, so that a change shows only by comparing.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from bot.advisories.sources.item import Item, cves_in, is_address, one_line
from bot.advisories.sources.refusals import Refusal, Refused
from bot.times.working import Severity


class Entry(msgspec.Struct):
    """One of `vulnerabilities[]`."""

    cveID: str = ""  # noqa: N815  as it is spelled there
    vendorProject: str = ""  # noqa: N815
    product: str = ""
    vulnerabilityName: str = ""  # noqa: N815
    dateAdded: str = ""  # noqa: N815
    shortDescription: str = ""  # noqa: N815
    requiredAction: str = ""  # noqa: N815
    knownRansomwareCampaignUse: str = ""  # noqa: N815
    notes: str = ""


class Catalogue(msgspec.Struct):
    """The whole. Entries are read one by one: one that is broken spoils no other."""

    vulnerabilities: list[msgspec.Raw]


_catalogue = msgspec.json.Decoder(Catalogue).decode
_entry = msgspec.json.Decoder(Entry).decode


def read_kev(content: bytes) -> Iterator[Item | Refused]:
    """Each entry, or why it is none. Raises Refused for what is no catalogue."""
    try:
        entries = _catalogue(content.removeprefix(b"\xef\xbb\xbf")).vulnerabilities
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        raise Refused(Refusal.UNREADABLE) from None
    for raw in entries:
        try:
            yield _item(_entry(raw))
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            yield Refused(Refusal.UNREADABLE)
        except Refused as error:
            yield error


def _item(entry: Entry) -> Item:
    cve = next(iter(cves_in(entry.cveID)), "")
    title = one_line(entry.vulnerabilityName) or one_line(f"{entry.vendorProject} {entry.product}")
    if not cve or not title:
        raise Refused(Refusal.NAMELESS, one_line(entry.cveID, 40))
    known = entry.knownRansomwareCampaignUse.strip().casefold() == "known"
    use = "Known use by ransomware." if known else ""
    return Item(
        identity=f"cve {cve}",
        name=cve,
        title=title,
        summary="\n\n".join(filter(None, (entry.shortDescription.strip(), use))),
        details=tuple(_details(entry)),
        severity=Severity.CRITICAL if known else Severity.HIGH,
        cves=(cve,),
        vendors=tuple(filter(None, (one_line(entry.vendorProject),))),
        products=tuple(filter(None, (one_line(entry.product),))),
        ransomware=known,
        references=tuple(_addresses(entry.notes)),
        updated=entry.dateAdded,
    )


def _details(entry: Entry) -> Iterator[tuple[str, str]]:
    yield "Source", f"CISA, Known Exploited Vulnerabilities, {one_line(entry.dateAdded, 20)}"
    if entry.requiredAction.strip():
        yield "Asked of federal bodies of the United States", entry.requiredAction


def _addresses(notes: str) -> list[str]:
    words = (word.strip(";,") for word in notes.split())
    return list(dict.fromkeys(word for word in words if is_address(word)))[:10]
