"""The bot's counters in Prometheus' text format: numbers by account, and nothing of what was said.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.delivery.naming import account_of_lane
from bot.events import AccountId
from bot.store.tables import OPEN, Outbox, State
from bot.store.tables.paging import Alert, Page

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Deliveries = Mapping[tuple[AccountId, str], int]


@dataclass(frozen=True, slots=True)
class Pulse:
    """What is known of one account without asking the store."""

    connected: bool
    arrivals: int


def deliveries(session: Session) -> Deliveries:
    """How many deliveries are open or dead, by account and state."""
    rows = session.execute(
        select(Outbox.lane, Outbox.state, func.count())
        .where(Outbox.state.in_([*OPEN, State.DEAD]))
        .group_by(Outbox.lane, Outbox.state)
    )
    found: dict[tuple[AccountId, str], int] = {}
    for lane, state, number in rows:
        key = (account_of_lane(lane), state)
        found[key] = found.get(key, 0) + number
    return found


@dataclass(frozen=True, slots=True)
class Calls:
    """Alerts by how they went, and pages that nobody has answered; of exercises none."""

    alerts: Mapping[str, int]
    unanswered: int


def calls(session: Session) -> Calls:
    """How it stands with pages."""
    real = Page.drill.is_(None)
    counted = (
        select(Alert.state, func.count().label("number"))
        .join(Page, Page.ref == Alert.page)
        .where(real)
    ).group_by(Alert.state)
    alerts = {row.state: row.number for row in session.execute(counted)}
    ringing = (real, Page.acknowledged.is_(None), Page.ended.is_(None))
    unanswered = select(func.count()).select_from(Page).where(*ringing)
    return Calls(alerts, session.execute(unanswered).scalar_one())


def written(pulses: Mapping[AccountId, Pulse], found: Deliveries, paged: Calls) -> str:
    """All of it as text."""
    return "\n".join([*_lines(pulses, found), *_of_calls(paged)]) + "\n"


def _of_calls(paged: Calls) -> Iterator[str]:
    yield "# HELP liaison_alerts Alerts beside chat, by how they went."
    yield "# TYPE liaison_alerts gauge"
    for state in ("waiting", "sending", "sent", "failed", "dropped"):
        yield f'liaison_alerts{{state="{state}"}} {paged.alerts.get(state, 0)}'
    yield "# HELP liaison_pages_ringing Pages that ring, as nobody has answered yet."
    yield "# TYPE liaison_pages_ringing gauge"
    yield f"liaison_pages_ringing {paged.unanswered}"


def _lines(pulses: Mapping[AccountId, Pulse], found: Deliveries) -> Iterator[str]:
    yield "# HELP liaison_connected Whether live events of the account are received."
    yield "# TYPE liaison_connected gauge"
    for account, pulse in pulses.items():
        yield f'liaison_connected{{account="{account}"}} {int(pulse.connected)}'
    yield "# HELP liaison_arrivals_total Events that were taken in since the start."
    yield "# TYPE liaison_arrivals_total counter"
    for account, pulse in pulses.items():
        yield f'liaison_arrivals_total{{account="{account}"}} {pulse.arrivals}'
    yield "# HELP liaison_deliveries Deliveries that are not done, by state."
    yield "# TYPE liaison_deliveries gauge"
    for account in pulses:
        for state in (*OPEN, State.DEAD):
            number = found.get((account, state), 0)
            yield f'liaison_deliveries{{account="{account}",state="{state}"}} {number}'
