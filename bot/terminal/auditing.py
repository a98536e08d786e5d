"""`liaison audit`: what an administrator asks of the audit, beside a running bot or without one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from bot.custody import exporting, verifying
from bot.custody.audit import OPERATOR, Act, Action, named, record
from bot.custody.verifying import Verified
from bot.delivery.lanes import utc_now
from bot.terminal.inspection import opened_store
from config.settings import Settings


def verify(settings: Settings, head: bytes | None) -> int:
    """Say whether the chain holds, and who can vouch for it; 1 where it is broken.

    `head`: a hash that was kept from earlier, which has to be in the chain.
    """
    with opened_store(settings) as database:
        found = database.read_now(lambda session: verifying.verify(session, utc_now(), head))
    if found.fault is not None:
        print(f"broken at row {found.fault.number}: {found.fault.wrong}")
    else:
        print(f"verified: {found.rows} rows, head {found.head.hex()}")
        for first, last in found.lost:
            print(f"lost in a restore, as is on record: rows {first} to {last}")
        print(_witnessed(found))
    if found.unsealed:
        print(f"not sealed yet: {found.unsealed} rows, which no hash covers")
    return 0 if found.fault is None else 1


def _witnessed(found: Verified) -> str:
    if found.witnessed is None:
        return "unwitnessed: no head of it is known outside; all of it may have been made anew"
    return f"witnessed up to row {found.witnessed}; {found.rows - found.witnessed} rows since then"


def export(settings: Settings, since: datetime, *, as_json: bool) -> int:
    """Print every row from a moment on; that this was done is itself one of them."""
    act = Act(OPERATOR, None, Action.EXPORTED, named("audit"), f"since {exporting.precise(since)}")
    with opened_store(settings) as database:
        database.run_now(lambda session: record(session, act, utc_now()))
        database.read_now(lambda session: _print(exporting.export(session, since), as_json=as_json))
    return 0


def _print(rows: Iterator[exporting.Json], *, as_json: bool) -> None:
    if not as_json:
        print(_line(dict(zip(_WIDTHS, _WIDTHS, strict=True))))
    for row in rows:
        print(json.dumps(row) if as_json else _line(row))


def _line(row: exporting.Json) -> str:
    shown = ("-" if row[name] in (None, "") else str(row[name]) for name in _WIDTHS)
    pairs = zip(shown, _WIDTHS.values(), strict=True)
    return "  ".join(text.ljust(width) for text, width in pairs).rstrip()


_WIDTHS = {
    "number": 8, "at": 27, "action": 10, "outcome": 7, "team": 16, "who": 24, "rule": 16,
    "object": 0,
}  # fmt: skip
"""The columns of the table, and how wide each is at least."""
