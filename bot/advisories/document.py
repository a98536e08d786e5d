"""What an advisory says: its fields, and the hash that a seal approves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

import msgspec

from bot.errors import UserError
from bot.sharing.marking import Label, Marking
from bot.times.working import Severity

LONGEST_TITLE = 200
LONGEST = 40_000
"""Characters of a body: some ten pages. What is longer belongs into a file of its own."""
LONGEST_LINE = 500
"""Characters of a product, a reference, an indicator as it is shown;"""
MOST = 200
"""and of each list at most so many: what is more belongs into a file too."""
_CVE = re.compile(r"CVE-[0-9]{4}-[0-9]{4,19}")
_TECHNIQUE = re.compile(r"T[0-9]{4}(?:\.[0-9]{3})?")
_encode = msgspec.json.Encoder(order="sorted").encode


class Kind(StrEnum):
    """What sort of an advisory it is: each has a template of its own."""

    ADVISORY = "advisory"
    ALERT = "alert"
    BULLETIN = "bulletin"
    SITUATION_REPORT = "situation-report"
    ALL_CLEAR = "all-clear"


class Update(msgspec.Struct, frozen=True):
    """What was added to an advisory that was out, as Markdown; `minor`: nobody is asked again."""

    text: str
    by: str
    at: datetime
    minor: bool = False


class Document(msgspec.Struct, frozen=True):
    """An advisory as it was written. `body`, `summary` and `actions` (what its readers are to do)
    are Markdown; `due`: until when, as RFC 3339; the deadline is its author's, and nobody else's
    law. `affected`: products and versions; `indicators` as they are shown, harmless; `techniques`
    of ATT&CK.
    """

    title: str
    label: Label
    group: str | None = None
    severity: Severity = Severity.MEDIUM
    summary: str = ""
    body: str = ""
    cves: tuple[str, ...] = ()
    due: str | None = None
    references: tuple[str, ...] = ()
    contact: str = ""
    kind: Kind = Kind.ADVISORY
    affected: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    actions: str = ""
    updates: tuple[Update, ...] = ()

    @property
    def marking(self) -> Marking:
        """How far it may go."""
        group = self.group
        return Marking(self.label, () if group is None else (frozenset({group.casefold()}),))


def encoded(document: Document) -> str:
    """As it is stored: the same document is the same text."""
    return _encode(document).decode()


def decoded(stored: str) -> Document:
    """The same, read again."""
    return msgspec.json.decode(stored, type=Document)


def encoded_update(update: Update) -> str:
    """An update that waits for its seals, as it is stored."""
    return _encode(update).decode()


def decoded_update(stored: str) -> Update:
    """The same, read again."""
    return msgspec.json.decode(stored, type=Update)


def digest(
    document: Document,
    channels: Sequence[str],
    sealing: Sequence[str] = (),
    pending: str | None = None,
) -> bytes:
    """What a seal approves: every word, for whom it is, who stands for it, and what is to be said
    beside it.
    """
    return sha256(_encode((document, list(channels), list(sealing), pending))).digest()


def checked(document: Document) -> Document:
    """The same document; raises UserError with the first thing that is wrong with it."""
    if not document.title.strip():
        raise UserError(
            "An advisory needs a title: its first line, or “title” in the front matter."
        )
    if len(document.title) > LONGEST_TITLE:
        raise UserError("A title has at most {n} characters.", n=LONGEST_TITLE)
    if any(len(text) > LONGEST for text in (document.body, document.summary, document.actions)):
        raise UserError(
            "An advisory has at most {n} characters; share the rest as a file.", n=LONGEST
        )
    if document.label is Label.RED:
        raise UserError("TLP:RED is for those who were there: no advisory is made of it.")
    _check_lists(document)
    return document


def _check_lists(document: Document) -> None:
    for cve in document.cves:
        if not _CVE.fullmatch(cve):
            raise UserError("“{word}” is no CVE; write it as CVE-2026-12345.", word=cve[:24])
    for technique in document.techniques:
        if not _TECHNIQUE.fullmatch(technique):
            raise UserError(
                "“{word}” is no technique of ATT&CK; write it as T1190 or T1059.001.",
                word=technique[:24],
            )
    for some in (
        document.cves, document.techniques, document.affected, document.indicators,
        document.references,
    ):  # fmt: skip
        if len(some) > MOST or any(len(each) > LONGEST_LINE for each in some):
            raise UserError(
                "A list of an advisory has at most {n} lines of {m} characters; share the rest "
                "as a file.", n=MOST, m=LONGEST_LINE,
            )  # fmt: skip
