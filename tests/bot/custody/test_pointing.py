"""Which of the bot's posts a message link leads to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from bot.custody.pointing import pointed_at
from bot.events import DeliveryId, RoomId
from bot.store.tables import Outbox, Posting, Reference, State
from tests.commands.house import NOW
from tests.stores import opened, sqlite_url

SLACK, MATRIX = RoomId("slack:alpha/C01GEN"), RoomId("matrix:coalition/!abc:example.org")


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    with opened(sqlite_url(tmp_path)) as database, Session(database.engine) as session:
        yield session


def put(session: Session, ref: str, room: RoomId, landed: str) -> None:
    key = DeliveryId(f"d{ref}{room[:5]}")
    session.add(
        Outbox(
            id=key, room=room, lane=room, kind="post", state=State.DELIVERED, landed=landed,
            created=NOW,
        )
    )  # fmt: skip
    session.flush()
    session.add(Reference(handle=ref, kind="decision", series="RTF", created=NOW))
    session.flush()
    session.add(Posting(ref=ref, kind="text", room=room, part=0, delivery=key))
    session.flush()


@pytest.mark.parametrize(
    ("link", "ref"),
    [
        ("https://alpha.slack.com/archives/C01GEN/p1700000000000100", "p-7kq2m"),
        ("<https://alpha.slack.com/archives/C01GEN/p1700000000000100>", "p-7kq2m"),
        ("https://matrix.to/#/!abc:example.org/$event?via=example.org", "a-7kq2m"),
        ("https://alpha.slack.com/archives/C02ELSE/p1700000000000100", None),
        ("https://alpha.slack.com/archives/C01GEN/p1700000000000101", None),
        ("https://example.org/", None),
        ("p-7kq2m", None),
        ("", None),
    ],
)
def test_a_link_leads_to_what_stands_in_that_post(
    session: Session, link: str, ref: str | None
) -> None:
    put(session, "p-7kq2m", SLACK, "1700000000.000100")
    put(session, "a-7kq2m", MATRIX, "$event")
    assert pointed_at(session, link) == ref
