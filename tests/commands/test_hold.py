"""Legal holds: said in an admin room, of a channel or a message, audited, and shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from bot.custody import holding
from bot.errors import UserError
from bot.richtext import plain
from bot.store.tables import Audit, Base, Message
from commands.grammar import Call
from commands.registry import Context, Registry
from tests.bot.sharing.allies import ALLIES
from tests.commands.house import ADMIN_ROOM, NOW, SLACK_ROOM, SmallHouse, context_in

LINK = f"{SLACK_ROOM}/m1"


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(
            Message(
                room=SLACK_ROOM, message="m1", channel="ransomware", author="slack:alpha/U1",
                said=NOW, received=NOW, originator="alpha", digest=b"\x01",
            )
        )  # fmt: skip
        session.flush()
        yield session
    engine.dispose()


@pytest.fixture
def admin(session: Session) -> Context:
    return replace(context_in(ADMIN_ROOM), session=session)


def ask(context: Context, name: str, text: str) -> str:
    return plain(Registry.load().run(Call(name, text), context).body)


@pytest.mark.parametrize(
    ("what", "name"), [("ransomware", "channel:ransomware"), (LINK, "message:1:01")]
)
def test_it_is_held_until_it_is_let_go_and_both_are_written_down(
    admin: Context, what: str, name: str
) -> None:
    assert ask(admin, "hold", what).startswith("Held: nothing of it is erased")
    assert ask(admin, "hold", what) == "It is held already."
    assert bool(holding.standing(admin.session))
    assert ask(admin, "unhold", what).startswith("Held no more")
    assert not holding.standing(admin.session)
    with pytest.raises(UserError, match="not held"):
        ask(admin, "unhold", what)
    rows = admin.session.execute(select(Audit.action, Audit.object)).all()
    assert [tuple(row) for row in rows] == [("held", name), ("let go", name)]


def test_elsewhere_and_of_nothing_it_is_refused(admin: Context, session: Session) -> None:
    with pytest.raises(UserError, match="no channel and no message"):
        ask(admin, "hold", "nothing")
    elsewhere = replace(context_in(SLACK_ROOM, SmallHouse(teams=ALLIES)), session=session)
    with pytest.raises(UserError):
        ask(elsewhere, "hold", "ransomware")
    assert not holding.standing(session)


def test_the_channel_and_the_status_show_it(session: Session) -> None:
    house = SmallHouse(holds=holding.Holds({"ransomware": NOW}, {7: NOW}))
    channel = replace(context_in(SLACK_ROOM, house), session=session)
    assert "Under a legal hold since 14:30 UTC" in ask(channel, "channel", "")
    status = ask(replace(context_in(ADMIN_ROOM, house), session=session), "status", "")
    assert "ransomware: under a legal hold since 14:30 UTC" in status
    assert "message 7: under a legal hold since 14:30 UTC" in status
