"""What the admin rooms hear of a workspace: token gone, bot put out, channel closed, moved."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest

from bot.events import MessagePosted, RoomId
from bot.platforms.slack.listening import Pace
from bot.richtext import plain
from bot.sandbox.slack import Workspace
from bot.store.database import Database
from tests.bot.platforms.slack.workplace import ACCOUNT, QUICK, Place, place, reading, run
from tests.clock import Clock
from tests.watching import Watch, watching

Act = Callable[[Workspace, str], None]


@asynccontextmanager
async def watched(
    database: Database, clock: Clock, pace: Pace = QUICK
) -> AsyncGenerator[tuple[Place, Watch], None]:
    """A workspace that is read, and the canary that watches it."""
    async with (
        place(pace=pace) as at,
        reading(at),
        watching(database, clock, {ACCOUNT: at.platform}) as watch,
    ):
        assert await watch.told() == []
        yield at, watch


CAUSES: list[tuple[str, Act, Act, str]] = [
    (
        "the token is revoked, or the app removed",
        lambda alpha, _: alpha.revoke(),
        lambda alpha, _: alpha.restore(),
        "slack:alpha does not work",
    ),
    (
        "the bot is removed",
        lambda alpha, channel: alpha.kick(channel),
        lambda alpha, channel: alpha.invite(channel),
        "is closed to me: the bot is not in the channel",
    ),
    (
        "the channel is archived",
        lambda alpha, channel: alpha.archive(channel),
        lambda alpha, channel: alpha.unarchive(channel),
        "is closed to me: the channel is archived",
    ),
]


@pytest.mark.parametrize(("cause", "end", "mend", "said"), CAUSES, ids=[each[0] for each in CAUSES])
def test_what_died_is_said_once_and_what_works_again_once(
    sqlite: Database, clock: Clock, cause: str, end: Act, mend: Act, said: str
) -> None:
    async def scenario() -> None:
        async with watched(sqlite, clock) as (at, watch):
            end(at.workspace, at.channel)
            (told,) = await watch.told()
            assert said in told, cause
            assert len(await watch.told()) == 1
            mend(at.workspace, at.channel)
            assert len(await watch.told()) == 2
            assert watch.admin.copies()[1].endswith(("works again.", "is open to me again."))
            assert len(await watch.told()) == 2

    run(scenario())


def test_an_app_token_that_is_refused_is_said(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        async with watched(sqlite, clock) as (at, watch):
            at.workspace.revoke_app_token()
            calls = at.workspace.call_count("apps.connections.open")
            at.workspace.drop_sockets(1)
            await at.workspace.until(
                lambda: at.workspace.call_count("apps.connections.open") > calls
            )
            listening = at.platform._listening
            assert listening is not None
            while not any(socket.refused for socket in listening.sockets):
                await at.workspace.until(
                    lambda: at.workspace.call_count("apps.connections.open") > calls
                )
                await watch.canary.look()
            (told,) = await watch.told()
            assert "slack:alpha does not work" in told

    run(scenario())


@pytest.mark.parametrize("private", [False, True])
def test_what_waits_for_a_channel_that_the_bot_was_put_out_of_lands_when_it_is_let_in(
    sqlite: Database, clock: Clock, private: bool
) -> None:
    async def scenario() -> None:
        async with watched(sqlite, clock) as (at, watch):
            at.workspace._channel(at.channel).private = private
            await at.caught_up()
            at.workspace.kick(at.channel)
            await watch.post(at.room, "one")
            await watch.post(at.room, "two")
            assert len(await watch.told()) == 1
            at.say("while the bot was out")
            at.workspace.invite(at.channel)
            await watch.canary.look()  # its lane is hurried
            await at.workspace.until(lambda: at.workspace.texts(at.channel) == ["one", "two"])
            assert (await watch.told())[1:] == [f"{at.room} is open to me again."]
            await at.reader.until(lambda: "while the bot was out" in at.reader.texts)

    run(scenario())


def test_a_channel_that_is_made_private_or_renamed_goes_on(sqlite: Database, clock: Clock) -> None:
    async def scenario() -> None:
        async with watched(sqlite, clock) as (at, watch):
            await at.caught_up()
            at.workspace.make_private(at.channel)
            at.workspace.rename(at.channel, "another-name")
            at.say("still here")
            await at.reader.until(lambda: (at.room, "still here") in heard(at))
            await watch.post(at.room, "hello")
            await at.workspace.until(lambda: at.workspace.texts(at.channel) == ["hello"])
            assert await watch.told() == []

    run(scenario())


def heard(at: Place) -> list[tuple[RoomId, str]]:
    return [(each.room, plain(each.body)) for each in at.reader.of(MessagePosted)]


def test_a_channel_that_gets_another_id_is_followed_and_said(
    sqlite: Database, clock: Clock
) -> None:
    async def scenario() -> None:
        async with watched(sqlite, clock) as (at, watch):
            await at.caught_up()
            old = at.channel
            at.channel = at.workspace.change_id(old)
            at.say("after the move")
            # it keeps the name that it is configured by
            await at.reader.until(lambda: (at.room, "after the move") in heard(at))
            at.say("from then on")
            await at.reader.until(lambda: (at.room, "from then on") in heard(at))
            await watch.post(at.room, "hello")
            await at.workspace.until(lambda: at.workspace.texts(at.channel) == ["hello"])
            (told,) = await watch.told()
            assert f"{at.room} is slack:alpha/{at.channel} now" in told
            findings = [each.what for each in await at.platform.check()]
            moved = f"{at.room}: moved to slack:alpha/{at.channel}"
            assert any(each.startswith(moved) for each in findings)

    run(scenario())
