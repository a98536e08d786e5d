"""Socket Mode through the unmodified client: events, acknowledgement, redelivery, warnings."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.bot.sandbox.slack.play import Scene, listening, played, refusal


@played
async def test_a_message_arrives_with_everything_around_it(scene: Scene) -> None:
    async with listening(scene.alpha) as ear:
        ts = scene.alpha.say(scene.room, scene.ada, "hello")
        await ear.until(lambda: bool(ear.heard))
        await scene.alpha.quiet()
    request = ear.heard[0]
    assert (request.type, request.retry_attempt) == ("events_api", 0)
    payload = request.payload
    assert payload["type"] == "event_callback"
    assert payload["team_id"] == scene.alpha.world.team_id
    assert payload["api_app_id"] == scene.alpha.app.id
    assert payload["event_id"].startswith("Ev")
    assert payload["authorizations"][0]["user_id"] == scene.alpha.app.user
    event = payload["event"]
    assert (event["channel"], event["ts"], event["user"]) == (scene.room, ts, scene.ada)
    assert (event["text"], event["channel_type"]) == ("hello", "channel")
    assert scene.alpha.sockets()["acknowledged"] == 1


@played
async def test_events_arrive_in_the_order_in_which_things_were_said(scene: Scene) -> None:
    async with listening(scene.alpha) as ear:
        for number in range(300):
            scene.alpha.say(scene.room, scene.ada, str(number))
        await ear.until(lambda: len(ear.heard) == 300)
    assert ear.texts() == [str(number) for number in range(300)]


@played
async def test_what_happens_where_the_bot_is_not_is_not_told(scene: Scene) -> None:
    other = scene.alpha.room("other", [scene.ada], bot=False)
    async with listening(scene.alpha) as ear:
        scene.alpha.say(other, scene.ada, "unheard")
        scene.alpha.say(scene.room, scene.ada, "heard")
        await ear.until(lambda: bool(ear.heard))
    assert ear.texts() == ["heard"]


@played
async def test_everything_that_people_do_has_its_event(scene: Scene) -> None:
    play, room, ada = scene.alpha, scene.room, scene.ada
    async with listening(play) as ear:
        ts = play.say(room, ada, "root")
        play.say(room, scene.ben, "all", ts, broadcast=True)
        waves = play.me(room, ada, "waves")
        play.edit(room, ts, "edited")
        play.react(room, ts, ada, "eyes")
        play.unreact(room, ts, ada, "eyes")
        play.pin(room, ts, ada)
        play.upload(room, ada, "notes.txt", "content", comment="see")
        play.set_topic(room, "today", ada)
        play.rename(room, "renamed", ada)
        play.invite(room, play.person("Cleo"), ada)
        play.kick(room, scene.ben, ada)
        play.change_person(ada, display_name="Ada L.")
        play.delete(room, waves)
        play.delete(room, ts)  # it has replies: a tombstone stays
        play.archive(room)
        play.unarchive(room)
        play.kick(room)
        play.invite(room)
        play.kick(scene.private)
        play.revoke()
        await ear.until(lambda: bool(ear.events("tokens_revoked")))
    kinds = [
        (event["type"], event.get("subtype"))
        for request in ear.heard
        for event in [request.payload["event"]]
    ]
    assert kinds == [
        ("message", None),
        ("message", "thread_broadcast"),
        ("message", "me_message"),
        ("message", "message_changed"),
        ("reaction_added", None),
        ("reaction_removed", None),
        ("pin_added", None),
        ("message", "file_share"),
        ("file_shared", None),
        ("message", "channel_topic"),
        ("channel_rename", None),
        ("message", "channel_name"),
        ("member_joined_channel", None),
        ("message", "channel_join"),
        ("member_left_channel", None),
        ("message", "channel_leave"),
        ("user_change", None),
        ("message", "message_deleted"),
        ("message", "message_changed"),
        ("channel_archive", None),
        ("channel_unarchive", None),
        ("channel_left", None),
        ("member_joined_channel", None),
        ("message", "channel_join"),
        ("group_left", None),
        ("tokens_revoked", None),
    ]


@played
async def test_a_mention_is_told_beside_the_message(scene: Scene) -> None:
    async with listening(scene.alpha) as ear:
        mention = f"<@{scene.alpha.app.user}> help"
        scene.alpha.say(scene.room, scene.ada, mention)
        escaped = scene.alpha.say(scene.room, scene.ada, mention, raw=False)
        scene.alpha.say(scene.room, scene.ada, mention, raw=True)
        await ear.until(lambda: len(ear.heard) == 4)
    assert [event["text"] for event in ear.events("app_mention")] == [mention]
    assert escaped not in [event["ts"] for event in ear.events("app_mention")]


@played(ack_timeout=0.05)
async def test_what_is_not_acknowledged_is_sent_again(scene: Scene) -> None:
    async with listening(scene.alpha) as ear:
        ear.acknowledging = False
        scene.alpha.say(scene.room, scene.ada, "again")
        await ear.until(lambda: len(ear.heard) >= 2)
        ear.acknowledging = True
        await scene.alpha.quiet()
    first, second = ear.heard[:2]
    assert second.envelope_id == first.envelope_id
    assert second.payload["event_id"] == first.payload["event_id"]
    assert (second.retry_attempt, second.retry_reason) == (1, "timeout")


@played(ack_timeout=0.02)
async def test_after_three_retries_slack_gives_up(scene: Scene) -> None:
    async with listening(scene.alpha) as ear:
        ear.acknowledging = False
        scene.alpha.say(scene.room, scene.ada, "lost")
        await scene.alpha.quiet()
        await ear.until(lambda: len(ear.heard) == 4)
    assert scene.alpha.sockets()["given_up"] == 1


@played(ack_timeout=0.1)
async def test_redelivery_goes_to_any_live_socket(scene: Scene) -> None:
    async with listening(scene.alpha) as deaf:
        scene.alpha.say(scene.room, scene.ada, "before")
        await deaf.until(lambda: bool(deaf.heard))
        assert scene.alpha.deafen() == 1
        async with listening(scene.alpha) as live:
            for number in range(4):
                scene.alpha.say(scene.room, scene.ada, str(number))
            await live.until(lambda: set(live.texts()) >= set("0123"))
    assert deaf.texts() == ["before"]


@played
async def test_each_payload_goes_to_one_socket_only(scene: Scene) -> None:
    async with listening(scene.alpha) as one, listening(scene.alpha) as two:
        for number in range(10):
            scene.alpha.say(scene.room, scene.ada, str(number))
        await scene.alpha.quiet()
        await one.until(lambda: len(one.heard) + len(two.heard) == 10)
        assert one.heard and two.heard
    assert sorted(one.texts() + two.texts()) == sorted("0123456789")


@played
async def test_a_warning_makes_the_client_connect_anew_before_the_end(scene: Scene) -> None:
    async with listening(scene.alpha) as ear:
        scene.alpha.warn(after=60)
        # The SDK closes the old socket before it opens the new one.
        await scene.alpha.until(lambda: scene.alpha.sockets()["open"] == 0)
        await scene.alpha.connected()
        scene.alpha.say(scene.room, scene.ada, "still here")
        await ear.until(lambda: bool(ear.heard))


@played
async def test_after_a_warning_the_socket_ends(scene: Scene) -> None:
    web = AsyncWebClient(base_url=scene.alpha.api_url)
    opened = await web.apps_connections_open(app_token=scene.alpha.app.app_token)
    async with aiohttp.ClientSession() as session, session.ws_connect(opened["url"]) as link:
        await link.receive_json()
        scene.alpha.warn(after=0.05)
        assert (await link.receive_json(timeout=5))["reason"] == "warning"
        assert (await link.receive_json(timeout=5))["reason"] == "refresh_requested"
        assert (await link.receive(timeout=5)).type is aiohttp.WSMsgType.CLOSE


@played
async def test_dropped_sockets_are_opened_again_unless_refused(scene: Scene) -> None:
    async with listening(scene.alpha, ping_interval=0.05) as ear:
        scene.alpha.refuse_sockets()
        assert scene.alpha.drop_sockets() == 1
        await scene.alpha.until(lambda: scene.alpha.call_count("apps.connections.open") >= 2)
        assert scene.alpha.sockets()["open"] == 0
        scene.alpha.refuse_sockets(refuse=False)
        await scene.alpha.connected()
        scene.alpha.say(scene.room, scene.ada, "back")
        await ear.until(lambda: "back" in ear.texts())


@played
async def test_hello_counts_connections_and_the_eleventh_is_turned_away(scene: Scene) -> None:
    web = AsyncWebClient(base_url=scene.alpha.api_url)
    async with aiohttp.ClientSession() as session:
        links = []
        for number in range(11):
            opened = await web.apps_connections_open(app_token=scene.alpha.app.app_token)
            link = await session.ws_connect(opened["url"])
            frame = await link.receive_json()
            links.append(link)
            if number < 10:
                assert (frame["type"], frame["num_connections"]) == ("hello", number + 1)
            else:
                assert (frame["type"], frame["reason"]) == ("disconnect", "too_many_websockets")
        for link in links:
            await link.close()


@played
async def test_a_ticket_is_good_for_one_socket(scene: Scene) -> None:
    web = AsyncWebClient(base_url=scene.alpha.api_url)
    opened = await web.apps_connections_open(app_token=scene.alpha.app.app_token)
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(opened["url"]) as link:
            await link.receive_json()
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(opened["url"])
    wrong = web.apps_connections_open(app_token="wrong")
    assert await refusal(wrong) == "invalid_auth"
    scene.alpha.revoke_app_token()
    revoked = web.apps_connections_open(app_token=scene.alpha.app.app_token)
    assert await refusal(revoked) == "token_revoked"


@played
async def test_a_deaf_socket_can_leave_pings_unanswered(scene: Scene) -> None:
    web = AsyncWebClient(base_url=scene.alpha.api_url)
    opened = await web.apps_connections_open(app_token=scene.alpha.app.app_token)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(opened["url"], autoping=False) as link,
    ):
        await link.receive_json()
        await link.ping(b"one")
        assert (await link.receive(timeout=5)).data == b"one"
        scene.alpha.deafen(pongs=False)
        scene.alpha.say(scene.room, scene.ada, "unheard")
        await link.ping(b"two")
        with pytest.raises(asyncio.TimeoutError):
            await link.receive(timeout=0.1)


@played
async def test_any_payload_can_be_sent(scene: Scene) -> None:
    async with listening(scene.alpha) as ear:
        scene.alpha.inject({"type": "event_callback", "event": {"type": "nonsense"}})
        scene.alpha.inject_raw("{not json")
        scene.alpha.say(scene.room, scene.ada, "after")
        await ear.until(lambda: len(ear.heard) == 2)
    assert ear.heard[0].payload["event"] == {"type": "nonsense"}
