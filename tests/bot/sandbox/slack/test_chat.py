"""Posting, editing, deleting and whispering."""

from __future__ import annotations

import pytest

from tests.bot.sandbox.slack.play import Json, Scene, listening, played, refusal


@played
async def test_a_posted_message_is_given_back_and_stands(scene: Scene) -> None:
    answer = await scene.client.chat_postMessage(channel=scene.room, text="hello")
    message = answer["message"]
    assert message["text"] == "hello"
    assert message["user"] == scene.alpha.app.user
    assert message["bot_id"] == scene.alpha.app.bot_id
    assert message["app_id"] == scene.alpha.app.id
    assert message["bot_profile"]["name"] == "Liaison"
    assert scene.alpha.messages(scene.room)[0]["ts"] == answer["ts"]


@played
async def test_stamps_are_unique_and_increasing(scene: Scene) -> None:
    stamps = [scene.alpha.say(scene.room, scene.ada, str(n)) for n in range(200)]
    assert stamps == sorted(set(stamps))
    assert all(len(ts) == 17 and ts[10] == "." for ts in stamps)


@played(now=lambda: 1763912345.0)
async def test_stamps_stay_unique_when_the_clock_stands_still(scene: Scene) -> None:
    stamps = [scene.alpha.say(scene.room, scene.ada, "x") for _ in range(10_050)]
    assert stamps[0] == "1763912345.000100"
    assert stamps == sorted(set(stamps))


@played
async def test_a_customised_name_makes_a_bot_message(scene: Scene) -> None:
    async with listening(scene.alpha) as ear:
        answer = await scene.client.chat_postMessage(
            channel=scene.room, text="x", username="Ada (CERT)", icon_url="https://x.example/i.png"
        )
        await ear.until(lambda: bool(ear.events()))
    for message in (answer["message"], ear.events()[0]):
        assert message["subtype"] == "bot_message"
        assert message["username"] == "Ada (CERT)"
        assert message["bot_id"] == scene.alpha.app.bot_id
        assert message["icons"]["image_48"] == "https://x.example/i.png"
        assert "user" not in message
    scene.alpha.withdraw(["chat:write.customize"])
    again = scene.client.chat_postMessage(channel=scene.room, text="x", username="Ada")
    assert await refusal(again) == "missing_scope"


@played
async def test_the_bots_own_messages_come_back_as_events(scene: Scene) -> None:
    async with listening(scene.alpha) as ear:
        await scene.client.chat_postMessage(channel=scene.room, text="mine")
        await ear.until(lambda: bool(ear.events()))
    event = ear.events()[0]
    assert event["bot_id"] == scene.alpha.app.bot_id
    assert event["user"] == scene.alpha.app.user
    assert event["bot_profile"]["app_id"] == event["app_id"] == scene.alpha.app.id
    assert "subtype" not in event


@played
async def test_a_text_above_forty_thousand_characters_is_cut(scene: Scene) -> None:
    answer = await scene.client.chat_postMessage(channel=scene.room, text="x" * 40_001)
    assert len(answer["message"]["text"]) == 40_000


@played
async def test_too_much_block_text_is_refused(scene: Scene) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2641}}
    five = scene.client.chat_postMessage(channel=scene.room, text="x", blocks=[section] * 5)
    assert await refusal(five) == "msg_blocks_too_long"
    four = await scene.client.chat_postMessage(channel=scene.room, text="x", blocks=[section] * 4)
    ids = [block["block_id"] for block in four["message"]["blocks"]]
    assert len(set(ids)) == 4


@pytest.mark.parametrize(
    "block",
    [
        {"type": "nonsense"},
        {"type": "section"},
        {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}},
        {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}},
        {"type": "divider", "block_id": "x" * 256},
        {"type": "actions", "elements": []},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11},
        {"type": "actions", "elements": [{"type": "button", "text": {"text": "x" * 76}}]},
    ],
)
def test_a_block_beyond_its_limits_is_refused(block: Json) -> None:
    @played
    async def story(scene: Scene) -> None:
        post = scene.client.chat_postMessage(channel=scene.room, text="x", blocks=[block])
        assert await refusal(post) == "invalid_blocks"

    story()


@played
async def test_the_usual_refusals_have_slacks_names(scene: Scene) -> None:
    post = scene.client.chat_postMessage
    other = scene.alpha.room("other", [scene.ada], bot=False)
    hidden = scene.alpha.room("hidden", [scene.ada], bot=False, private=True)
    old = scene.alpha.room("old", [scene.ada])
    scene.alpha.archive(old)
    assert await refusal(post(channel="C0", text="x")) == "channel_not_found"
    assert await refusal(post(channel=hidden, text="x")) == "channel_not_found"
    assert await refusal(post(channel=other, text="x")) == "not_in_channel"
    assert await refusal(post(channel=old, text="x")) == "is_archived"
    empty = scene.client.api_call("chat.postMessage", json={"channel": scene.room, "text": " "})
    assert await refusal(empty) == "no_text"
    unknown = post(channel=scene.room, text="x", thread_ts="1763912345.000100")
    assert await refusal(unknown) == "thread_not_found"
    bad = post(channel=scene.room, text="x", metadata={"event_type": "x"})
    assert await refusal(bad) == "invalid_metadata_schema"


@played
async def test_apps_text_keeps_its_markup_and_loses_stray_brackets(scene: Scene) -> None:
    said = "a & b < c > d &lt; <@U1> <https://x.example|x>"
    answer = await scene.client.chat_postMessage(channel=scene.room, text=said)
    expected = "a &amp; b &lt; c &gt; d &lt; <@U1> <https://x.example|x>"
    assert answer["message"]["text"] == expected


@played
async def test_what_people_type_is_escaped(scene: Scene) -> None:
    scene.alpha.say(scene.room, scene.ada, "<!channel> & more")
    message = scene.alpha.messages(scene.room)[0]
    assert message["text"] == "&lt;!channel&gt; &amp; more"
    element = message["blocks"][0]["elements"][0]["elements"][0]
    assert element == {"type": "text", "text": "<!channel> & more"}


@played
async def test_an_edit_changes_the_bots_own_message_only(scene: Scene) -> None:
    ts = (await scene.client.chat_postMessage(channel=scene.room, text="one"))["ts"]
    async with listening(scene.alpha) as ear:
        answer = await scene.client.chat_update(channel=scene.room, ts=ts, text="two")
        await ear.until(lambda: bool(ear.events()))
    assert answer["text"] == "two"
    event = ear.events()[0]
    assert event["subtype"] == "message_changed"
    assert (event["message"]["text"], event["previous_message"]["text"]) == ("two", "one")
    assert event["message"]["edited"]["user"] == scene.alpha.app.user
    theirs = scene.alpha.say(scene.room, scene.ada, "hers")
    update = scene.client.chat_update
    edit = update(channel=scene.room, ts=theirs, text="x")
    assert await refusal(edit) == "cant_update_message"
    missing = update(channel=scene.room, ts="1.000000", text="x")
    assert await refusal(missing) == "message_not_found"
    long = update(channel=scene.room, ts=ts, text="x" * 4001)
    assert await refusal(long) == "msg_too_long"


@played
async def test_a_deletion_takes_the_bots_own_message_only(scene: Scene) -> None:
    ts = (await scene.client.chat_postMessage(channel=scene.room, text="one"))["ts"]
    theirs = scene.alpha.say(scene.room, scene.ada, "hers")
    async with listening(scene.alpha) as ear:
        await scene.client.chat_delete(channel=scene.room, ts=ts)
        await ear.until(lambda: bool(ear.events()))
    assert ear.events()[0]["subtype"] == "message_deleted"
    assert ear.events()[0]["deleted_ts"] == ts
    assert scene.alpha.texts(scene.room, bot=False) == ["hers"]
    again = scene.client.chat_delete(channel=scene.room, ts=theirs)
    assert await refusal(again) == "cant_delete_message"


@played
async def test_an_ephemeral_is_seen_by_one_and_by_no_history(scene: Scene) -> None:
    whisper = scene.client.chat_postEphemeral
    await whisper(channel=scene.room, user=scene.ada, text="psst")
    assert [shown.text for shown in scene.alpha.whispers(scene.ada)] == ["psst"]
    assert scene.alpha.whispers(scene.ben) == []
    assert (await scene.client.conversations_history(channel=scene.room))["messages"] == []
    stranger = scene.alpha.person("Eve")
    away = whisper(channel=scene.room, user=stranger, text="psst")
    assert await refusal(away) == "user_not_in_channel"


@played
async def test_a_persons_id_is_their_direct_message(scene: Scene) -> None:
    answer = await scene.client.chat_postMessage(channel=scene.ada, text="to you")
    opened = await scene.client.conversations_open(users=scene.ada)
    assert answer["channel"] == opened["channel"]["id"] == scene.alpha.direct(scene.ada)
    assert opened["already_open"]


@played
async def test_a_permalink_names_channel_and_stamp(scene: Scene) -> None:
    root = scene.alpha.say(scene.room, scene.ada, "root")
    reply = scene.alpha.say(scene.room, scene.ben, "reply", root)
    link = await scene.client.chat_getPermalink(channel=scene.room, message_ts=reply)
    assert f"/archives/{scene.room}/p{reply.replace('.', '')}" in link["permalink"]
    assert f"thread_ts={root}" in link["permalink"]


@played
async def test_lone_surrogates_do_not_break_the_way_in_or_out(scene: Scene) -> None:
    await scene.client.chat_postMessage(channel=scene.room, text="a\ud800b")
    assert scene.alpha.texts(scene.room) == ["a\ufffdb"]
    async with listening(scene.alpha) as ear:
        scene.alpha.say(scene.room, scene.ada, "c\ud800d")
        await ear.until(lambda: bool(ear.events()))
        assert ear.texts() == ["c\ud800d"]


@played(keep=10)
async def test_memory_is_bounded_where_asked(scene: Scene) -> None:
    for number in range(1000):
        scene.alpha.say(scene.room, scene.ada, str(number))
    assert scene.alpha.said(scene.room) == 1000
    texts = scene.alpha.texts(scene.room, bot=False)
    assert len(texts) <= 14
    assert texts[-1] == "999"
