"""Advisories that are out, in all their variety."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from bot.advisories.document import Document, Update
from bot.advisories.publishing.edition import Edition, Publisher
from bot.advisories.states import State
from bot.sharing.marking import Label
from bot.times.working import Severity

AT = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)
PUBLISHER = Publisher("Liaison", "https://liaison.example.org")
DOCUMENT = Document(
    "Patch the VPN", Label.AMBER, severity=Severity.HIGH, summary="Exploited since *Monday*.",
    body="# Why\n\nIt opens.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    cves=("CVE-2026-1234", "CVE-2026-1235"), due="2026-03-24T09:00:00+00:00",
    references=("https://acme.example/1",), contact="duty@cert-alpha.example",
    affected=("ACME VPN 1.0", "ACME VPN 1.1"), indicators=("198[.]51[.]100[.]7",),
    techniques=("T1190",), actions="Patch **now**.",
)  # fmt: skip
UPDATES = (Update("It is worse.", "fake:a/ada", AT + timedelta(hours=2)),)


def edition(state: State = State.RELEASED, **changed: Any) -> Edition:
    closed = None if state is State.RELEASED else AT + timedelta(days=1)
    reason = "It was wrong." if state is State.WITHDRAWN else ""
    return Edition(
        "INN-2026-014", msgspec.structs.replace(DOCUMENT, **changed), PUBLISHER, ("CERT Alpha",),
        AT, state, closed, reason, "INN-2026-015" if state is State.SUPERSEDED else "",
    )  # fmt: skip


EVERY: dict[str, Edition] = {
    "full": edition(),
    "updated": edition(updates=UPDATES),
    "bare": edition(
        summary="",
        body="",
        cves=(),
        references=(),
        affected=(),
        indicators=(),
        techniques=(),
        actions="",
        due=None,
        contact="",
    ),
    "cves alone": edition(affected=()),
    "products alone": edition(cves=()),
    "no words": edition(summary="", body="", actions=""),
    "for a group": edition(group="inner"),
    "strict": edition(label=Label.AMBER_STRICT),
    "clear": edition(label=Label.CLEAR, severity=Severity.LOW),
    "withdrawn": edition(State.WITHDRAWN),
    "withdrawn after an update": edition(State.WITHDRAWN, updates=UPDATES),
    "superseded": edition(State.SUPERSEDED),
    "twice the same": edition(affected=("A", "A"), cves=("CVE-2026-1234", "CVE-2026-1234")),
}
