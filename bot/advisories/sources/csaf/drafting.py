"""A CSAF document as the fields of a draft: what `advisory draft` makes of one. Pure."""

from __future__ import annotations

from bot.advisories.document import MOST
from bot.advisories.front_matter import Written
from bot.advisories.sources.csaf.reading import read_csaf
from bot.advisories.sources.item import Item, actions_of, body_of, one_line, said
from bot.advisories.sources.refusals import WORDS, Refused
from bot.errors import UserError

LONGEST_SUMMARY = 1500


def looks_like_csaf(name: str, content: bytes) -> bool:
    """Whether a file that came with a command is meant as CSAF: JSON by its name, or by itself."""
    return name.lower().endswith(".json") or content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def written_from_csaf(content: bytes) -> Written:
    """The front matter and body that a document amounts to, as if somebody had typed them.

    Its label becomes the draft's; without one the channel's default holds. Raises UserError with
    the reason for a document that is not to be believed.
    """
    try:
        return written_of_item(read_csaf(content))
    except Refused as error:
        raise UserError(WORDS[error.reason]) from None


def written_of_item(item: Item) -> Written:
    """The same of an item, whatever it came from. A severity that nobody said is left out."""
    values = {
        "title": (one_line(item.title),),
        "summary": (said(_shortened(item.summary)),) if item.summary.strip() else (),
        "severity": () if item.severity is None else (str(item.severity),),
        "marking": () if item.label is None else (str(item.label),),
        "cves": item.cves[:MOST],
        "affected": item.affected,
        "actions": ((actions_of(item),) if item.actions else ()),
        "references": item.references,
    }
    return Written({key: each for key, each in values.items() if each}, body_of(item))


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_SUMMARY:
        return text
    return text[: LONGEST_SUMMARY - 1].rstrip() + "…"
