"""conversations.history and .replies: order, bounds, pages, threads, metadata."""

from __future__ import annotations

from typing import Any

from tests.bot.sandbox.slack.play import Scene, played, refusal


def texts(answer: Any) -> list[str]:
    return [message["text"] for message in answer["messages"]]


@played
async def test_history_is_newest_first_and_a_hundred_at_a_time(scene: Scene) -> None:
    for number in range(150):
        scene.alpha.say(scene.room, scene.ada, str(number))
    first = await scene.client.conversations_history(channel=scene.room)
    assert texts(first) == [str(number) for number in range(149, 49, -1)]
    assert first["has_more"]
    cursor = first["response_metadata"]["next_cursor"]
    second = await scene.client.conversations_history(channel=scene.room, cursor=cursor)
    assert texts(second) == [str(number) for number in range(49, -1, -1)]
    assert not second["has_more"]


@played
async def test_a_cursor_holds_while_new_messages_come(scene: Scene) -> None:
    for number in range(10):
        scene.alpha.say(scene.room, scene.ada, str(number))
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = await scene.client.conversations_history(channel=scene.room, limit=3, cursor=cursor)
        seen += texts(page)
        scene.alpha.say(scene.room, scene.ben, "later")
        if not page["has_more"]:
            break
        cursor = page["response_metadata"]["next_cursor"]
    assert seen == [str(number) for number in range(9, -1, -1)]


@played
async def test_bounds_are_exclusive_unless_inclusive(scene: Scene) -> None:
    stamps = [scene.alpha.say(scene.room, scene.ada, str(number)) for number in range(5)]
    history = scene.client.conversations_history
    span: dict[str, Any] = {"channel": scene.room, "oldest": stamps[1], "latest": stamps[3]}
    assert texts(await history(**span)) == ["2"]
    assert texts(await history(**span, inclusive=True)) == ["3", "2", "1"]
    since = await history(channel=scene.room, oldest=stamps[3])
    assert texts(since) == ["4"]
    whole = await history(channel=scene.room, oldest="0")
    assert len(texts(whole)) == 5
    bad = history(channel=scene.room, oldest="yesterday")
    assert await refusal(bad) == "invalid_ts_oldest"


@played
async def test_replies_are_absent_from_history_and_counted_on_the_parent(scene: Scene) -> None:
    root = scene.alpha.say(scene.room, scene.ada, "root")
    scene.alpha.say(scene.room, scene.ben, "one", root)
    posted = await scene.client.chat_postMessage(channel=scene.room, text="two", thread_ts=root)
    assert posted["message"]["thread_ts"] == root
    history = await scene.client.conversations_history(channel=scene.room)
    assert texts(history) == ["root"]
    parent = history["messages"][0]
    assert parent["reply_count"] == 2
    assert parent["latest_reply"] == posted["ts"]
    assert parent["thread_ts"] == root
    assert parent["reply_users"] == [scene.ben, scene.alpha.app.user]
    replies = await scene.client.conversations_replies(channel=scene.room, ts=root)
    assert texts(replies) == ["root", "one", "two"]
    assert replies["messages"][1]["parent_user_id"] == scene.ada


@played
async def test_replies_come_in_pages_and_after_a_stamp(scene: Scene) -> None:
    root = scene.alpha.say(scene.room, scene.ada, "root")
    stamps = [scene.alpha.say(scene.room, scene.ben, str(n), root) for n in range(5)]
    replies = scene.client.conversations_replies
    first = await replies(channel=scene.room, ts=root, limit=2)
    assert texts(first) == ["root", "0", "1"]
    cursor = first["response_metadata"]["next_cursor"]
    second = await replies(channel=scene.room, ts=root, limit=2, cursor=cursor)
    assert texts(second) == ["2", "3"]
    since = await replies(channel=scene.room, ts=root, oldest=stamps[3])
    assert texts(since) == ["root", "4"]
    missing = replies(channel=scene.room, ts="1.000000")
    assert await refusal(missing) == "thread_not_found"


@played
async def test_a_broadcast_reply_stands_in_both(scene: Scene) -> None:
    root = scene.alpha.say(scene.room, scene.ada, "root")
    await scene.client.chat_postMessage(
        channel=scene.room, text="to all", thread_ts=root, reply_broadcast=True
    )
    history = await scene.client.conversations_history(channel=scene.room)
    assert texts(history) == ["to all", "root"]
    assert history["messages"][0]["subtype"] == "thread_broadcast"
    assert history["messages"][0]["root"]["ts"] == root


@played
async def test_metadata_comes_back_only_when_asked_for_and_granted(scene: Scene) -> None:
    metadata = {"event_type": "delivery", "event_payload": {"id": "d1"}}
    posted = await scene.client.chat_postMessage(
        channel=scene.room, text="x", metadata=metadata, blocks=[{"type": "divider"}]
    )
    history = scene.client.conversations_history
    plain = (await history(channel=scene.room))["messages"][0]
    assert "metadata" not in plain
    assert plain["blocks"][0]["block_id"]
    asked = (await history(channel=scene.room, include_all_metadata=True))["messages"][0]
    assert asked["metadata"] == metadata
    thread = await scene.client.conversations_replies(
        channel=scene.room, ts=posted["ts"], include_all_metadata=True
    )
    assert thread["messages"][0]["metadata"] == metadata
    scene.alpha.withdraw(["metadata.message:read"])
    without = (await history(channel=scene.room, include_all_metadata=True))["messages"][0]
    assert "metadata" not in without


@played
async def test_history_wants_membership_and_the_scope_of_the_rooms_kind(scene: Scene) -> None:
    other = scene.alpha.room("other", [scene.ada], bot=False)
    history = scene.client.conversations_history
    assert await refusal(history(channel=other)) == "not_in_channel"
    scene.alpha.withdraw(["groups:history"])
    assert await refusal(history(channel=scene.private)) == "missing_scope"
    assert (await history(channel=scene.room))["ok"]


@played
async def test_deleted_messages_are_gone_from_history_and_thread(scene: Scene) -> None:
    root = scene.alpha.say(scene.room, scene.ada, "root")
    reply = scene.alpha.say(scene.room, scene.ben, "reply", root)
    scene.alpha.delete(scene.room, reply)
    thread = await scene.client.conversations_replies(channel=scene.room, ts=root)
    assert texts(thread) == ["root"]
    scene.alpha.delete(scene.room, root)
    assert texts(await scene.client.conversations_history(channel=scene.room)) == []
