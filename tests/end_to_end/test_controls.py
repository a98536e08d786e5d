"""Buttons in Slack and reactions in Matrix: pressed by people, acting once, for who may."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.slack.stage import Ephemeral, Interaction
from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, BEN, EVE, Coalition, coalition, until
from tests.end_to_end.slack_side import shown_by_bot

YES, TRAY = "✅", "📤"


@pytest.mark.timeout(90)
def test_in_slack_what_is_chosen_on_a_message_is_confirmed_by_a_button_and_done_once(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            await _rosters(whole)
            slack, channel = whole.alpha.workspace, whole.alpha.channel
            ada, ben = whole.alpha.people[ADA], whole.alpha.people[BEN]
            said = whole.alpha.say(ADA, "to be recalled")
            await whole.all_landed()

            slack.shortcut(ben, "recall", channel, said)
            refused = await _whispered(whole, ben, "Only who said it")
            assert refused.blocks is not None
            assert len(refused.blocks) == 1
            slack.shortcut(ada, "recall", channel, said)
            pressed: set[str] = set()

            async def recalled() -> bool:
                """Press, and again where it was asked anew since: who reads the rooms may have been
                read meanwhile.
                """
                for each in slack.whispers(ada):
                    if each.text.startswith("Recalled."):
                        return True
                    if each.text.startswith("Recall it?") and str(each.blocks) not in pressed:
                        pressed.add(str(each.blocks))
                        slack.repeat(slack.press(channel, ada, each.ts, "press-0"))
                return False

            await until(recalled)

            async def gone() -> bool:
                return "to be recalled" not in str(await whole.seen("matrix"))

            await until(gone)
            await whole.settled()
            assert [each.text.partition("\n")[0] for each in slack.whispers(ada)] == [
                "Recalled. It is not passed on any more, whatever becomes of it."
            ]

    asyncio.run(play())


@pytest.mark.timeout(90)
def test_in_slack_a_form_asks_for_the_rest_and_says_what_is_wrong_with_it(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            slack, channel = whole.alpha.workspace, whole.alpha.channel
            ada = whole.alpha.people[ADA]
            said = whole.alpha.say(ADA, "to be marked")
            await whole.all_landed()
            slack.shortcut(ada, "release", channel, said)
            view = await _view(whole)
            answer = await _sent(whole, view, {"group": _text("")})
            assert answer.answer is None
            await _whispered(whole, ada, "")
            slack.shortcut(ada, "mark", channel, said)
            view = await _view(whole)
            answer = await _sent(whole, view, {"words": _text(" ")})
            assert answer.answer is not None
            assert answer.answer["response_action"] == "errors"
            assert answer.answer["errors"].keys() == {"words"}
            await _sent(whole, view, {"words": _text("TLP:CLEAR")})
            await _whispered(whole, ada, "Marked TLP:CLEAR.")
            assert not slack.world.views

    asyncio.run(play())


@pytest.mark.timeout(90)
def test_in_slack_an_answer_is_shared_by_its_button(tmp_path: Path, synapse: Synapse) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            slack, channel = whole.alpha.workspace, whole.alpha.channel
            ada = whole.alpha.people[ADA]
            slack.command(channel, ada, "/liaison", "channel")
            answer = await _whispered(whole, ada, "")
            slack.press(channel, ada, answer.ts, "press-0")

            async def shared() -> bool:
                return len(shown_by_bot(slack, channel)) == 1

            await until(shared)
            await whole.settled()
            assert await whole.matrix.shown_by_bot() == []

    asyncio.run(play())


@pytest.mark.timeout(90)
def test_in_matrix_the_bots_reaction_is_joined_in_the_direct_room(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            await whole.bot.start()
            await _rosters(whole)
            matrix, eve = whole.matrix, whole.member(EVE)
            said = await whole.say(EVE, "to be recalled")
            await whole.all_landed()
            await whole.say(EVE, f"!recall matrix:coalition/{matrix.room}/{said}")

            async def invited() -> bool:
                return bool(await matrix.invitations(eve))

            await until(invited)
            (direct,) = await matrix.invitations(eve)
            await matrix.join(eve, direct)
            joined = ""

            async def answered() -> bool:
                """Join in the question, and again where it was asked anew since: who reads the
                rooms may have been read meanwhile.
                """
                nonlocal joined
                if any("Recalled." in each for each in await matrix.bot_said(eve, direct)):
                    return True
                question = (await _reactions(whole, direct)).get(YES, joined)
                if question != joined:
                    await _join_in(whole, direct, question, YES)
                    joined = question
                return False

            await until(answered)
            asked = next(e for e in await _events(whole, direct) if e["event_id"] == joined)
            assert f"{YES} confirm" in asked["content"]["body"]

            async def gone() -> bool:
                left = shown_by_bot(whole.alpha.workspace, whole.alpha.channel)
                return not left and not await _reactions(whole, direct)

            await until(gone)

            await whole.say(EVE, "!channel")
            answer = await _offered(whole, direct, TRAY)
            await _join_in(whole, direct, answer["event_id"], TRAY)

            async def shared() -> bool:
                return len(await matrix.shown_by_bot()) == 1

            await until(shared)

    asyncio.run(play())


async def _rosters(whole: Coalition) -> None:
    """Wait until it was read who is in each room: what is asked about a recall names them."""
    rooms = "SELECT count(DISTINCT room) FROM roster WHERE standing <> 'unknown'"
    await until(lambda: whole.store.rows(rooms)[0][0] == 3)


async def _whispered(whole: Coalition, person: str, text: str) -> Ephemeral:
    """What somebody alone was shown, and begins so."""
    slack = whole.alpha.workspace
    found: list[Ephemeral] = []

    async def there() -> bool:
        found[:] = [each for each in slack.whispers(person) if each.text.startswith(text)]
        return bool(found)

    await until(there)
    return found[-1]


async def _view(whole: Coalition) -> str:
    """The form that stands open."""
    views = whole.alpha.workspace.world.views

    async def there() -> bool:
        return bool(views)

    await until(there)
    return next(iter(views))


async def _sent(whole: Coalition, view: str, values: dict[str, Any]) -> Interaction:
    slack = whole.alpha.workspace
    deed = slack.submit(whole.alpha.people[ADA], view, values)
    return await slack.settled(deed.id)


def _text(text: str) -> dict[str, Any]:
    return {"value": {"type": "plain_text_input", "value": text or None}}


async def _events(whole: Coalition, room: str) -> list[dict[str, Any]]:
    """What Eve sees in a room, the oldest first."""
    eve = whole.member(EVE)
    query = {"dir": "b", "limit": "100"}
    page = await whole.matrix.call(eve, "GET", f"/rooms/{room}/messages", query=query)
    return list(reversed(page["chunk"]))


async def _reactions(whole: Coalition, room: str) -> dict[str, str]:
    """The bot's own, by the emoji: which message they are on."""
    related = [
        each["content"].get("m.relates_to", {})
        for each in await _events(whole, room)
        if each["type"] == "m.reaction" and each["sender"] == whole.matrix.bot
    ]
    return {each["key"]: each["event_id"] for each in related if each}


async def _offered(whole: Coalition, room: str, emoji: str) -> dict[str, Any]:
    """The message on which the bot shows this emoji."""

    async def there() -> bool:
        return emoji in await _reactions(whole, room)

    await until(there)
    target = (await _reactions(whole, room))[emoji]
    return next(each for each in await _events(whole, room) if each["event_id"] == target)


async def _join_in(whole: Coalition, room: str, event: str, emoji: str) -> None:
    relation = {"rel_type": "m.annotation", "event_id": event, "key": emoji}
    where = f"/rooms/{room}/send/m.reaction/{event[1:9]}{ord(emoji)}"
    await whole.matrix.call(whole.member(EVE), "PUT", where, {"m.relates_to": relation})
