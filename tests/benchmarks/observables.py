"""What reading values costs: finding them in text, hostile text, their normal form at import."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain
from typing import TypeVar

import ioc_finder  # type: ignore[import-untyped]  # it brings no types

from bot.errors import UserError
from bot.indicators.observables import Kind, Observable, extract, normal, read
from tests.benchmarks.measures import spread
from tests.benchmarks.report import Figure
from tests.benchmarks.trials import Size
from tests.bot.indicators.observables.corpus import Corpus, corpus
from tests.bot.indicators.observables.hostile import HOSTILE

_T = TypeVar("_T")
_PATIENCE = 4.0
"""Seconds of processor that the reference is given for one hostile text."""
_THEIRS = ("a.", "digits", "a@", "http://a", "1.1.1.1-", "[", "/tmp/", "\\")
_LARGE = 100_000
_IMPORTED = {
    Kind.IPV4: "198.51.100.7",
    Kind.DOMAIN: "login.example.com",
    Kind.SHA256: "0123456789abcdef" * 4,
    Kind.URL: "http://login.example.com/a/b.php?c=1",
}


def observables(size: Size) -> list[Figure]:
    """Finding, hostile text, one value, and the normal form of many."""
    values = min(size.missed, 6000)
    return [
        _finding("Values found in text, one in 80 characters", corpus(1, values)),
        _finding("Values found in text, one in 600 characters", corpus(2, values // 5, words=100)),
        _hostile(),
        _normal_forms(),
        _one_value(),
    ]


def _finding(name: str, made: Corpus) -> Figure:
    ours, took = _timed(lambda: [each.observable for each in extract(made.text)])
    theirs, slow = _timed(lambda: list(_by_reference(made.text)))
    planted, found = Counter(made.planted), Counter(ours)
    share = 1 - (planted - found).total() / len(made.planted)
    invented = (found - planted).total()
    size = len(made.text.encode()) / 1e6
    known = set(made.planted)
    return Figure(
        name,
        "2 MB/s, 99 %, none invented",
        f"{size / took:.1f} MB/s, {share:.1%} of {len(made.planted):,}, {invented} invented",
        f"ioc-finder {size / slow:.2f} MB/s, {len(known & set(theirs)) / len(known):.0%}",
        "Every kind, half of the values of the network disarmed, in prose with what only looks "
        "like values; made by us, so it holds what we thought of. Of ioc-finder it is counted "
        "which of the different values it gives at all, each read by us, so that no spelling "
        "counts against it; it knows neither ATT&CK nor Ethereum nor names of files. Seconds of "
        "processor, the best of three goes, for both.",
        size / took >= 2 and share >= 0.99 and not invented,
    )  # fmt: skip


def _by_reference(text: str) -> Iterable[Observable]:
    for name, found in ioc_finder.find_iocs(text, parse_unicode_iocs=True).items():
        listed = chain(*found.values()) if isinstance(found, dict) else found
        for value in listed:
            try:
                yield read(f"imphash:{value}" if name == "imphashes" else value)
            except UserError:
                continue


def _hostile() -> Figure:
    took = {
        name: _timed(lambda make=make: extract(make(_LARGE)))[1]  # type: ignore[misc]
        for name, make in HOSTILE.items()
    }
    slowest = max(took, key=lambda name: took[name])
    theirs = {name: _theirs(HOSTILE[name](_LARGE)) for name in _THEIRS}
    given_up = [name for name, seconds in theirs.items() if seconds is None]
    done = [seconds for seconds in theirs.values() if seconds is not None]
    return Figure(
        f"The slowest of {len(HOSTILE)} hostile texts of 100 KB", "1 s",
        f"{took[slowest]:.2f} s ({slowest!r}, repeated); the middle one "
        f"{spread(list(took.values())).p50:.0f} ms",
        f"ioc-finder, {len(_THEIRS)} of these: {len(given_up)} not done after {_PATIENCE:.0f} s"
        + (f", the others {max(done):.2f} s at most" if done else ""),
        "A few characters repeated 100,000 characters long, digits and noise. The reference runs "
        "in a process of its own, which is ended after the time named; its start is not counted.",
        took[slowest] <= 1,
    )  # fmt: skip


def _theirs(text: str) -> float | None:
    program = (
        "import math, resource, sys, time, ioc_finder\n"
        "text = sys.stdin.read()\nbegun = time.process_time()\n"
        f"limit = math.ceil(begun + {_PATIENCE})\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))\n"
        "ioc_finder.find_iocs(text)\nprint(time.process_time() - begun)"
    )
    try:
        ended = subprocess.run(
            [sys.executable, "-c", program],
            input=text, capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return None
    return float(ended.stdout)


def _normal_forms() -> Figure:
    rates = {}
    for kind, value in _IMPORTED.items():
        values = [value] * 100_000
        rates[kind] = len(values) / _timed(lambda k=kind, v=values: [normal(k, e) for e in v])[1]  # type: ignore[misc]
    return Figure(
        "Normal forms at import", "500,000 a second",
        ", ".join(f"{kind} {rate / 1000:,.0f} k" for kind, rate in rates.items()) + " a second", "",
        "`normal` of a value that is in its normal form already, as nearly all of a feed are; "
        "a call each.", min(rates[kind] for kind in _IMPORTED if kind is not Kind.URL) >= 500_000,
    )  # fmt: skip


def _one_value() -> Figure:
    texts = [
        "198[.]51[.]100[.]7",
        "hxxps://evil[.]example[.]com/a",
        "0123456789abcdef" * 2,
        "main.rs",
    ]
    took = []
    for text in texts * 2000:
        begun = time.perf_counter()
        read(text)
        took.append(time.perf_counter() - begun)
    found = spread(took)
    return Figure(
        "Reading one typed value", "",
        f"p50 {found.p50 * 1000:.0f} µs, p99 {found.p99 * 1000:.0f} µs",
        method="`read`, disarmed or not.",
    )  # fmt: skip


def _timed(work: Callable[[], _T]) -> tuple[_T, float]:
    """What comes out, and the least seconds of processor that it took in three goes."""
    took = []
    for _ in range(3):
        begun = time.process_time()
        made = work()
        took.append(time.process_time() - begun)
    return made, min(took)
