"""How a document is marked, and whether it lies about that. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.advisories.sources.csaf.form import Csaf
from bot.advisories.sources.refusals import Refusal, Refused
from bot.richtext import say
from bot.sharing.marking import Label
from bot.sharing.written import read_marking

_LABELS = {
    "WHITE": Label.CLEAR,  # 2.0
    "CLEAR": Label.CLEAR,
    "GREEN": Label.GREEN,
    "AMBER": Label.AMBER,
    "AMBER+STRICT": Label.AMBER_STRICT,
    "RED": Label.RED,
}
_MAYBE = re.compile("tlp", re.IGNORECASE)


def label_named(text: str) -> Label | None:
    """A label as CSAF writes it, UNLABELED and nonsense being none."""
    return _LABELS.get(text.strip().upper())


def label_of(csaf: Csaf, listed: Label | None = None) -> Label | None:
    """The label that a document bears; `listed`: of the feed that lists it. Raises Refused for one
    that is none, is TLP:RED, or is lower than the feed's or than what its own words bear.
    """
    distribution = csaf.document.distribution
    tlp = None if distribution is None else distribution.tlp
    label = None if tlp is None else label_named(tlp.label)
    if label is None and (tlp is not None or csaf.document.csaf_version != "2.0"):
        raise Refused(Refusal.LABEL)
    bears = max(_borne(csaf), default=None, key=lambda each: each.rank)
    if label is None:
        label = bears if listed is None or (bears and bears > listed) else listed
    if label is Label.RED or (bears is Label.RED and label is None):
        raise Refused(Refusal.RED)
    if label is not None and listed is not None and label < listed:
        raise Refused(Refusal.LOWER)
    if label is not None and bears is not None and bears > label:
        raise Refused(Refusal.WORDS)
    return label


def _borne(csaf: Csaf) -> Iterator[Label]:
    """The labels that its words bear: at the beginning or the end of a text, or alone on a line
    there; anywhere in the text that says for whom it is.
    """
    head = csaf.document
    if head.distribution is not None and _MAYBE.search(head.distribution.text):
        read = read_marking(say(head.distribution.text))
        yield from (each for each in (read.label, read.spoken) if each is not None)
    texts = [head.title, *(note.text for note in head.notes)]
    texts += [note.text for each in csaf.vulnerabilities for note in each.notes]
    for text in texts:
        if _MAYBE.search(text):
            read = read_marking(say(text[:20_000]))
            if read.label is not None:
                yield read.label
