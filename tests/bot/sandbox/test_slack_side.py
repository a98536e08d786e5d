"""A workspace's people, in the stand-in: what they say, what they see, what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.board import Attachment, Board, Line, Reaction
from bot.sandbox.deeds import Edit, React, Say, Share, TakeBack, Unreact
from bot.sandbox.server import NotSaid
from bot.sandbox.slack import SlackStandIn, Workspace
from bot.sandbox.slack_lines import shown_text
from bot.sandbox.slack_side import SlackSide
from bot.sandbox.world import ALPHA, ROOMS


@asynccontextmanager
async def _followed(folder: Path) -> AsyncIterator[tuple[SlackSide, Workspace, Board]]:
    board = Board(ROOMS)
    async with SlackStandIn(ack_timeout=0.2) as stand_in:
        workspace = stand_in.add_workspace("alpha")
        side = SlackSide(workspace, ALPHA, board, folder / "alpha.jsonl")
        following = asyncio.create_task(side.follow())
        try:
            yield side, workspace, board
        finally:
            following.cancel()


async def _until(board: Board, holds: Callable[[list[Line]], bool]) -> list[Line]:
    async with asyncio.timeout(20):
        while not holds(board.lines()):
            await board.changed()
    return board.lines()


def _run(work: Awaitable[None]) -> None:
    async def within() -> None:
        await asyncio.wait_for(work, 20)

    asyncio.run(within())


async def _api(workspace: Workspace, method: str, **arguments: object) -> None:
    headers = {"Authorization": f"Bearer {workspace.app.bot_token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(workspace.api_url + method, json=arguments) as answer,
    ):
        assert (await answer.json())["ok"]


def test_what_people_say_is_seen_as_they_typed_it(tmp_path: Path) -> None:
    async def play() -> None:
        async with _followed(tmp_path) as (side, _, board):
            await side.do("amelie", Say("a <b> & c\n<!channel>"))
            (line,) = await _until(board, lambda lines: len(lines) == 1)
            assert (line.author, line.text) == ("Amélie Rousseau", "a <b> & c\n<!channel>")
            assert (line.key.room, line.by_bot, line.only_for) == ("alpha", False, None)

    _run(play())


def test_what_the_bot_relays_has_its_author_s_name(tmp_path: Path) -> None:
    async def play() -> None:
        async with _followed(tmp_path) as (side, workspace, board):
            await _api(
                workspace,
                "chat.postMessage",
                channel=side.channel,
                text="fallback",
                username="Inês Carvalho",
                blocks=[
                    {
                        "type": "rich_text",
                        "elements": [
                            {
                                "type": "rich_text_section",
                                "elements": [{"type": "text", "text": "1 < 2 & 3"}],
                            }
                        ],
                    }
                ],
            )
            (line,) = await _until(board, lambda lines: len(lines) == 1)
            assert (line.author, line.text) == ("Inês Carvalho", "1 < 2 & 3")
            assert line.by_bot

    _run(play())


def test_a_private_answer_is_its_person_s_alone(tmp_path: Path) -> None:
    async def play() -> None:
        async with _followed(tmp_path) as (side, workspace, board):
            user = next(u.id for u in workspace.world.users.values() if u.name.startswith("karim"))
            await _api(
                workspace, "chat.postEphemeral", channel=side.channel, user=user, text="for you"
            )
            (line,) = await _until(board, lambda lines: len(lines) == 1)
            assert (line.text, line.only_for, line.by_bot) == ("for you", "karim", True)

    _run(play())


def test_a_slash_command_that_nobody_takes_says_so(tmp_path: Path) -> None:
    async def play() -> None:
        async with _followed(tmp_path) as (side, _, board):
            with pytest.raises(NotSaid, match="Slack says of /liaison: dispatch_failed"):
                await side.do("amelie", Say("/liaison status"))
            (line,) = board.lines()
            assert (line.text, line.only_for) == ("/liaison status", "amelie")

    _run(play())


def test_what_was_said_is_there_at_the_next_start(tmp_path: Path) -> None:
    async def play() -> None:
        async with _followed(tmp_path) as (side, _, board):
            await side.do("amelie", Say("before"))
            await _until(board, lambda lines: len(lines) == 1)
            channel = side.channel
        with (tmp_path / "alpha.jsonl").open("ab") as journal:
            journal.write(b'{"ts": "cut off')
        async with _followed(tmp_path) as (side, _, board):
            assert side.channel == channel
            await _until(board, lambda lines: len(lines) == 1)
            await side.do("karim", Say("after"))
            lines = await _until(board, lambda lines: len(lines) == 2)
            assert [line.text for line in lines] == ["before", "after"]
            assert [line.author for line in lines] == ["Amélie Rousseau", "Karim Haddad"]
        async with _followed(tmp_path) as (_, _, board):
            lines = await _until(board, lambda lines: len(lines) == 2)
            assert [line.text for line in lines] == ["before", "after"]

    _run(play())


def test_what_becomes_of_a_message_is_seen_and_kept(tmp_path: Path) -> None:
    async def play() -> None:
        async with _followed(tmp_path) as (side, _, board):
            await side.do("amelie", Say("one"))
            await side.do("karim", Say("two"))
            (one, two) = await _until(board, lambda lines: len(lines) == 2)
            await side.do("karim", Say("below", one.key.message))
            await side.do("amelie", Edit(one.key.message, "uno"))
            await side.do("karim", React(one.key.message, "👀"))
            await side.do("karim", TakeBack(two.key.message))
            await side.do("karim", Share("a.csv", b"x,y"))
            lines = await _until(board, lambda lines: len(lines) == 4)
            assert [(line.text, line.edited, line.taken_back) for line in lines] == [
                ("uno", True, False),
                ("", False, True),
                ("below", False, False),
                ("", False, False),
            ]
            assert lines[0].reactions == (Reaction("👀", ("Karim Haddad",)),)
            assert lines[2].answers == one.key
            assert lines[3].files == (Attachment("a.csv", 3),)
        async with _followed(tmp_path) as (_, _, board):
            lines = await _until(board, lambda lines: len(lines) == 3)
            assert [line.text for line in lines] == ["uno", "below", "\n(file: a.csv)"]
            assert lines[0].reactions == (Reaction("👀", ("Karim Haddad",)),)

    _run(play())


def test_an_emoji_goes_again_and_has_the_name_that_slack_keeps(tmp_path: Path) -> None:
    async def play() -> None:
        async with _followed(tmp_path) as (side, workspace, board):
            await side.do("amelie", Say("one"))
            (one,) = await _until(board, lambda lines: len(lines) == 1)
            await side.do("karim", React(one.key.message, "👍"))
            await side.do("karim", React(one.key.message, "❤️"))
            (shown,) = await _until(board, lambda lines: len(lines[0].reactions) == 2)
            assert [reaction.emoji for reaction in shown.reactions] == ["👍", "❤️"]
            messages = workspace.world.channels[side.channel].messages
            assert list(messages[one.key.message].reactions) == ["+1", "heart"]
            await side.do("karim", Unreact(one.key.message, "👍"))
            await side.do("karim", Unreact(one.key.message, "❤️"))
            await _until(board, lambda lines: not lines[0].reactions)

    _run(play())


def test_the_root_of_a_thread_is_taken_back_and_the_thread_stays(tmp_path: Path) -> None:
    async def play() -> None:
        async with _followed(tmp_path) as (side, _, board):
            await side.do("amelie", Say("one"))
            (root,) = await _until(board, lambda lines: len(lines) == 1)
            await side.do("karim", Say("below", root.key.message))
            await side.do("amelie", TakeBack(root.key.message))
            lines = await _until(board, lambda lines: any(line.taken_back for line in lines))
            assert [(line.text, line.taken_back) for line in lines] == [
                ("", True),
                ("below", False),
            ]

    _run(play())


def test_blocks_stand_below_each_other() -> None:
    def section(text: str) -> dict[str, object]:
        return {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}

    items = {"type": "rich_text_list", "elements": [section("i"), section("j")]}
    quote = {"type": "rich_text_quote", "elements": [{"type": "emoji", "name": "eyes"}]}
    blocks = [{"type": "rich_text", "elements": [section("a\n"), items, quote, section("e")]}]
    assert shown_text("fallback", blocks) == "a\n• i\n• j\n> 👀\ne"
    assert shown_text("1 &lt; 2", None) == "1 < 2"


def test_a_direct_message_of_the_bot_is_seen_by_its_person_alone(tmp_path: Path) -> None:
    async def play() -> None:
        async with _followed(tmp_path) as (side, workspace, board):
            first = side.people[ALPHA.people[0].key]
            await _api(workspace, "chat.postMessage", channel=first, text="You are called.")
            (line,) = await _until(board, bool)
            assert (line.text, line.only_for) == ("You are called.", ALPHA.people[0].key)
            assert line.by_bot

    _run(play())
