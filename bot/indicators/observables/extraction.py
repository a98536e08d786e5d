r"""Values in running text, plain or disarmed, each with where it stands.

What is found, and what is not, so that nothing is invented:

* A value lies in one found value only: neither a URL's host nor the domain of an e-mail address is
  a value of its own here (`within` gives them), and no hash is found inside of longer digits.
* An address of four numbers is none after "version", "v", "build", "section" and the like, nor
  after a product's name and a slash (`Chrome/120.0.0.0`), nor with further parts. With a prefix it
  is a network if no host bit is set, and else the address.
* An IPv6 address stands alone, and in a range that was ever given out, so that `dead::beef` and
  `12:30:45` are none.
* A domain ends in a public suffix, with a label before it. A plain one is none if it is a file by
  the rules of `filenames`, called like a function (`os.name()`), written with a capital only in its
  last part (`end.The`, `System.Net`), or begins as code does (`self.name`).
* A file's name is found if harm comes in such files (`invoice.exe`, `report.zip`), not if it is
  source or configuration (`main.rs`, `setup.cfg`).
* A hash is a whole word of digits, neither all decimal nor of three different ones.
* A coin's address has the right check sum; so have Ethereum's in both cases.
* An autonomous system has three digits at least (`AS2` is a protocol, `AS400` a machine).
* Mutexes, rules, JA3 and imphash are found behind their word: `mutex:NAME`, `imphash: DIGITS`.

Time is linear in the text: every quantifier is bounded or possessive, and words that are longer
than any value are passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bot.indicators.observable import Observable
from bot.indicators.observables import marks, words
from bot.indicators.observables.refanging import Refanged
from bot.indicators.observables.spans import Claimed, Span


class Found(NamedTuple):
    """A value, from where to where it stands in the text, and as it is written there."""

    observable: Observable
    start: int
    end: int
    written: str


def extract(text: str) -> list[Found]:
    """Every value in a text, in the order they stand in; one that stands twice is found twice."""
    refanged = Refanged(text)
    claimed = Claimed(refanged)
    for scan in (*marks.SCANS, *words.SCANS):
        for span in scan(refanged.text, claimed):
            claimed.take(span)
    return list(_found(text, refanged, claimed.spans))


def _found(text: str, refanged: Refanged, spans: list[Span]) -> Iterator[Found]:
    for observable, start, end in sorted(spans, key=lambda span: span.start):
        old_start, old_end = refanged.origin(start, end)
        yield Found(observable, old_start, old_end, text[old_start:old_end])
