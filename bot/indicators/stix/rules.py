"""The names of rules in other languages: what can be looked up of a YARA or Sigma rule."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.indicators.observable import Kind, Observable
from bot.indicators.stix.fields import Fields
from bot.indicators.stix.patterns.kinds import Normal
from bot.indicators.things import Said

MOST = 100
_HEAD = 1 << 16
"""Characters in which names are looked for."""
_NAMES = {
    "yara": (
        Kind.YARA,
        re.compile(
            r"^[ \t]{0,64}(?:(?:private|global)[ \t]{1,64}){0,2}rule[ \t]{1,64}(\w{1,128})\b",
            re.MULTILINE | re.ASCII,
        ),
    ),
    "sigma": (Kind.SIGMA, re.compile(r"^title:[ \t]{0,64}([^\r\n]{1,256})", re.MULTILINE)),
}


def rule_name(fields: Fields, normal: Normal) -> Iterator[Said]:
    """The names that a pattern gives its rules, if it is in one of these languages."""
    if fields.pattern_type not in _NAMES:
        return
    kind, form = _NAMES[fields.pattern_type]
    for _, found in zip(range(MOST), form.finditer(fields.pattern[:_HEAD]), strict=False):
        name = normal(kind, found[1].strip(" \t'\""))
        if name is not None:
            yield Said(Observable(kind, name))
