"""Words with dots in them: addresses, domains, names of files, and what only looks like these."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.indicators.observable import Kind, Observable
from bot.indicators.observables import addresses
from bot.indicators.observables.domains import domain, registrable, suffix_of
from bot.indicators.observables.filenames import CARRIERS, is_file
from bot.indicators.observables.places import file_name
from bot.indicators.observables.spans import Claimed, Span

_DOTTED = re.compile(r"(?<![\w-])[\w-]++(?:\.[\w-]++)++")
_LONGEST = 255
_NUMBERS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}\Z")
_PREFIX = re.compile(r"/([0-9]{1,2})(?!\w|\.\w)")
_VERSION = re.compile(
    r"(?:\b(?i:v|ver|vers|versions?|releases?|build|firmware|revision|rev|updated? to|upgraded? to"
    r"|kernel|section|sec|chapter|clause|figure|fig|annex|appendix|oid)\.?[\s:=#(]{0,3}|§ ?"
    r"|\b(?:[A-Z][A-Za-z]{2,20}|curl|wget|nginx|openssl|python-requests|okhttp)/)\Z"
)
_BEFORE = 24
"""Characters before an address in which such a word is looked for."""
_MACHINE = re.compile(r"[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2}\Z")
_CODE = frozenset(
    """self this cls super console logger log logging os sys window document math obj object event
    data item items args kwargs request response req res module exports process config settings
    std string list dict array json yaml re np pd plt tf torch asp ado vb node e i params props
    state store user app doc docs system java javax org com net android kotlin scala""".split()  # noqa: SIM905  read at a glance
)
"""How code begins: `self.name`, `logger.info`, `org.apache`."""
_NEVER_BEFORE = ("\\", "@", "$", "%")
_EAST = re.compile("[\u2e80-\u9fff\uac00-\ud7af]")
_BORDER = re.compile(
    "(?<=[0-9A-Za-z])(?=[\u2e80-\u9fff\uac00-\ud7af])|(?<=[\u2e80-\u9fff\uac00-\ud7af])(?=[0-9A-Za-z])"
)


def dotted(text: str, claimed: Claimed) -> Iterator[Span]:
    """Addresses, domains and files among the words with dots."""
    for found in _DOTTED.finditer(text):
        start, end = found.span()
        if end - start > _LONGEST or not claimed.is_free(start, end):
            continue
        word = found[0]
        if word[0].isdigit() and word[-1].isdigit() and not word.strip("0123456789.-"):
            yield from _numbers(text, word, start, claimed)
        elif span := _name(text, word, start, claimed):
            yield span


def _numbers(text: str, word: str, start: int, claimed: Claimed) -> Iterator[Span]:
    """Addresses; two with `-` between are the ends of a range."""
    ends = word.split("-")
    for each in ends:
        end = start + len(each)
        value = addresses.ipv4(each)
        if value and (
            claimed.was_disarmed(start, end)
            or not _VERSION.search(text[max(0, start - _BEFORE) : start])
        ):
            prefix = _PREFIX.match(text, end) if len(ends) == 1 else None
            network = addresses.network(each + prefix[0]) if prefix else None
            if prefix and network and not network.endswith("/32"):
                yield Span(Observable(Kind.NETWORK, network), start, prefix.end())
            else:
                yield Span(Observable(Kind.IPV4, value), start, end)
        start = end + 1


def _name(text: str, word: str, start: int, claimed: Claimed) -> Span | None:
    bare = word.strip("-")
    start += len(word) - len(word.lstrip("-"))
    if not bare.isascii() and _EAST.search(bare):
        bare, start = _between_scripts(bare, start)
    end = start + len(bare)
    if _MACHINE.match(bare):
        value = addresses.mac(bare)
        return Span(Observable(Kind.MAC, value), start, end) if value else None
    before, disarmed = text[max(0, start - 2) : start], claimed.was_disarmed(start, end)
    in_path = before[-1:] == "/" and before != "//"
    if before[-1:] in _NEVER_BEFORE or (in_path and not disarmed):
        return None
    name = domain(bare)
    is_other = not disarmed and name and (is_file(name) or _is_code(bare, text[end : end + 1]))
    if name and not is_other and registrable(name):
        return Span(Observable(Kind.DOMAIN, name), start, end)
    return _file(bare, start)


def _file(bare: str, start: int) -> Span | None:
    name = file_name(bare)
    if name is None or name.rpartition(".")[2] not in CARRIERS:
        return None
    if suffix_of(name) is not None and not is_file(name):
        return None
    return Span(Observable(Kind.FILE_NAME, name), start, start + len(bare))


def _is_code(bare: str, after: str) -> bool:
    """Whether a word with dots is a sentence's end without a space, or out of a program."""
    labels = bare.split(".")
    last = labels[-1]
    if after == "(":
        return True
    if last[0].isupper() and not bare.isupper() and last != labels[0]:
        return True
    return labels[0].lower() in _CODE and (len(labels) == 2 or labels[0].lower() in _NEVER_A_HOST)


_NEVER_A_HOST = frozenset("self this cls super com org java javax std".split())  # noqa: SIM905  read at a glance


def _between_scripts(bare: str, start: int) -> tuple[str, int]:
    """Of a word in Latin and Chinese, Japanese or Korean letters, what stands around its dots.

    These are written without spaces: `访问evil.example看看` holds `evil.example`.
    """
    for part in _BORDER.split(bare):
        if "." in part.strip("."):
            return part.strip("."), start + bare.index(part) + len(part) - len(part.lstrip("."))
    return bare, start
