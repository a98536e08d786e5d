"""The fields of an advisory, as options of a command and as what a form asks for."""

from __future__ import annotations

from typing import Annotated

from bot.advisories.document import Kind
from bot.times.working import Severity
from commands.drafting import (
    KINDS,
    SEVERITIES,
    a_kind,
    a_severity,
    in_lines,
    in_parts,
    in_words,
)
from commands.labels import names
from commands.registry import Flag, Rest

Several = tuple[str, ...] | None

Words = Annotated[
    str,
    Rest(
        "a title, and below it lines of text (Markdown)", form="its text, in Markdown", headed=True
    ),
]
Title = Annotated[str | None, Flag("its title", needed=True)]
WhatSort = Annotated[
    Kind | None,
    Flag("advisory, alert, bulletin, situation-report or all-clear", a_kind, choices=KINDS),
]
HowGrave = Annotated[
    Severity | None, Flag("low, medium, high or critical", a_severity, choices=SEVERITIES)
]
Summary = Annotated[str | None, Flag("what it is about, in a few sentences", several=True)]
Actions = Annotated[str | None, Flag("what its readers are to do (Markdown)", several=True)]
Due = Annotated[str | None, Flag("until when its readers are to act", shown="T")]
Affected = Annotated[
    Several, Flag("products and versions, a line each or with semicolons", in_lines, several=True)
]
Cves = Annotated[Several, Flag("the vulnerabilities, as CVE-2026-12345", in_words)]
Indicators = Annotated[
    Several, Flag("what is known of them here: values, or #TAG", in_parts, several=True)
]
Techniques = Annotated[Several, Flag("the techniques of ATT&CK, as T1190", in_words)]
References = Annotated[
    Several, Flag("addresses to read on, a line each or with semicolons", in_lines, several=True)
]
Marked = Annotated[str | None, Flag("how it is marked, as TLP:AMBER", shown="M")]
Group = Annotated[str | None, Flag("the group that it is for", shown="G")]
Channels = Annotated[Several, Flag("the channels that it is for", names)]
Sealing = Annotated[Several, Flag("the teams that seal it", names, shown="TEAMS")]
Contact = Annotated[str | None, Flag("whom to ask")]
