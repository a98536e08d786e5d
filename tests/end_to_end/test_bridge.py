"""All that comes over, said on one side and read on the other, through the real process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.sandbox.slack import acts
from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, BEN, CLO, EVE, FAY, Coalition, coalition, until
from tests.end_to_end.looks import LOOK, file_shown, files_called, gone, rooted, shown, written
from tests.end_to_end.seen import Json

PNG = bytes.fromhex("89504e470d0a1a0a") + bytes(range(256)) * 400


@pytest.mark.timeout(90)
def test_whatever_people_do_on_one_side_shows_on_the_others(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse, timeout="5s") as whole:
            await _let_the_bot_set_topics(whole)
            await whole.bot.start()
            ended = await asyncio.gather(*(do(whole) for do in _SCENES), return_exceptions=True)
            failed = [error for error in ended if isinstance(error, Exception)]
            if failed:
                raise ExceptionGroup(whole.bot.last_lines(), failed)

    asyncio.run(play())


async def _let_the_bot_set_topics(whole: Coalition) -> None:
    levels = await whole.matrix.state("m.room.power_levels")
    levels["users"][whole.matrix.bot] = 50
    await whole.matrix.set_state("m.room.power_levels", levels)


# ── what people do ──────────────────────────────────────────────────────────────────────────────


async def _formatting_from_slack(whole: Coalition) -> None:
    room = whole.alpha
    bold = {"type": "text", "text": "bold", "style": {"bold": True}}
    code = {"type": "text", "text": "a<b", "style": {"code": True}}
    link = {"type": "link", "url": "https://example.org/x", "text": "there"}
    elements = [bold, {"type": "text", "text": " and "}, code, {"type": "text", "text": " "}, link]
    said = [{"type": "rich_text_section", "elements": elements}]
    listed = [{"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]}]
    said.append({"type": "rich_text_list", "style": "ordered", "elements": listed})
    acts.post(
        room.workspace.stage,
        room.workspace.world.channels[room.channel],
        acts.Draft(user=room.people[ADA], text="*bold* and `a<b` there", blocks=_block(said)),
    )
    seen = await written(whole, "matrix", lambda seen: "<strong>bold</strong>" in seen.written)
    for piece in ("<code>a&lt;b</code>", "<ol>", 'href="https://example.org/x"'):
        assert piece in seen.written
    seen = await written(whole, "bravo", lambda seen: "https://example.org/x" in seen.written)
    assert '"bold": true' in seen.written
    assert '"ordered"' in seen.written


async def _formatting_from_matrix(whole: Coalition) -> None:
    content = {
        "msgtype": "m.text",
        "body": "**strong** words from Eve",
        "format": "org.matrix.custom.html",
        "formatted_body": "<strong>strong</strong> words from <em>Eve</em>"
        "<pre><code>x = 1 &lt; 2\n</code></pre>",
    }
    await whole.matrix.send(whole.member(EVE), content)
    for room in ("alpha", "bravo"):
        seen = await written(whole, room, lambda seen: "strong" in seen.written and seen.copied)
        assert '"bold": true' in seen.written
        assert '"italic": true' in seen.written
        assert "rich_text_preformatted" in seen.written
        assert "x = 1 < 2" in seen.written
        assert seen.author == EVE


async def _edits(whole: Coalition) -> None:
    for person, home in ((ADA, "alpha"), (EVE, "matrix")):
        first, second = f"{home} says it", f"{home} says it better"
        said = await whole.say(person, first)
        others = _others(whole, home)
        copies = {room: await shown(whole, room, first) for room in others}
        await _edit(whole, person, said, second)
        for room in others:
            seen = await shown(whole, room, second, lambda seen: seen.edited)
            assert seen.id == copies[room].id
            assert seen.author == person


async def _deletions(whole: Coalition) -> None:
    for person, home in ((ADA, "alpha"), (EVE, "matrix")):
        text, answer = f"{home} regrets it", f"{home} has an answer below"
        said, root = await whole.say(person, text), await whole.say(person, f"{home} root goes")
        await whole.say(person, answer, root)
        for room in _others(whole, home):
            await shown(whole, room, text)
            await shown(whole, room, answer, rooted(f"{home} root goes"))
        for each in (said, root):
            await _delete(whole, person, each)
        for room in _others(whole, home):
            await gone(whole, room, text)
            await gone(whole, room, f"{home} root goes")
            await shown(whole, room, answer)


async def _reactions(whole: Coalition) -> None:
    """On the message itself and on its copy; the last who takes it back takes it from all."""
    text = "react to this"
    said = whole.alpha.say(ADA, text)
    copy = await shown(whole, "matrix", text)
    alpha = (whole.alpha.workspace, whole.alpha.channel)
    alpha[0].react(alpha[1], said, whole.alpha.people[BEN], "+1")
    for room in ("bravo", "matrix"):
        await shown(whole, room, text, lambda seen: seen.bot == {"👍"})
    made = await whole.matrix.react(whole.member(EVE), copy.id, "👍")
    await shown(whole, "alpha", text, lambda seen: seen.bot == {"👍"})
    alpha[0].unreact(alpha[1], said, whole.alpha.people[BEN], "+1")
    await shown(whole, "matrix", text, lambda seen: not seen.bot and seen.people == {"👍"})
    await shown(whole, "bravo", text, lambda seen: seen.bot == {"👍"})
    await whole.matrix.redact(whole.member(EVE), made)
    for room in ("alpha", "bravo"):
        await shown(whole, room, text, lambda seen: not seen.bot)


async def _threads(whole: Coalition) -> None:
    """Begun anywhere, answered from anywhere, broken by nothing."""
    for person, home in ((ADA, "alpha"), (EVE, "matrix")):
        root = await whole.say(person, f"thread of {home}")
        await whole.say(person, f"first in thread of {home}", root)
        for room in _others(whole, home):
            await shown(
                whole,
                room,
                f"first in thread of {home}",
                rooted(f"thread of {home}"),
            )
    there = await shown(whole, "matrix", "thread of alpha")
    await whole.matrix.say(whole.member(FAY), "from the other side", thread=there.id)
    for room in ("alpha", "bravo"):
        await shown(whole, room, "from the other side", rooted("thread of alpha"))
    here = await shown(whole, "bravo", "thread of matrix")
    await whole.say(CLO, "from a third side", here.id)
    for room in ("alpha", "matrix"):
        await shown(whole, room, "from a third side", rooted("thread of matrix"))


async def _rich_replies(whole: Coalition) -> None:
    said = whole.alpha.say(ADA, "what do you think?")
    assert said
    copy = await shown(whole, "matrix", "what do you think?")
    content = {
        "msgtype": "m.text",
        "body": f"> <{whole.matrix.bot}> what do you think?\n\nI agree with it",
        "m.relates_to": {"m.in_reply_to": {"event_id": copy.id}},
    }
    await whole.matrix.send(whole.member(EVE), content)
    for room in ("alpha", "bravo"):
        await shown(whole, room, "I agree with it", rooted("what do you think?"))


async def _emotes(whole: Coalition) -> None:
    whole.alpha.workspace.me(whole.alpha.channel, whole.alpha.people[ADA], "waves at all")
    await shown(whole, "matrix", "waves at all", lambda s: s.how == "m.emote" and s.author == ADA)
    await whole.matrix.send(whole.member(EVE), {"msgtype": "m.emote", "body": "waves back"})
    for room in ("alpha", "bravo"):
        seen = await written(whole, room, lambda s: "waves back" in s.text)
        assert '"italic": true' in seen.written
        assert seen.author == EVE


async def _topics_and_pins(whole: Coalition) -> None:
    alpha, channel = whole.alpha.workspace, whole.alpha.channel
    alpha.set_topic(channel, "Case 7 & more", whole.alpha.people[ADA])

    async def relayed() -> bool:
        events = [event for event in await whole.matrix.read() if event["type"] == "m.room.topic"]
        return any(event["content"]["topic"] == "Case 7 & more" for event in events)

    await until(relayed, 20.0, LOOK)
    await shown(whole, "bravo", f"{ADA} changed the topic: Case 7 & more")
    await whole.matrix.set_state("m.room.topic", {"topic": "Case 8"})
    for room in ("alpha", "bravo"):
        await shown(whole, room, f"{EVE} changed the topic: Case 8")
    said = whole.alpha.say(BEN, "worth keeping")
    copy = await shown(whole, "matrix", "worth keeping")
    alpha.pin(channel, said, whole.alpha.people[BEN])
    pinned = f"{BEN} pinned a message."
    await shown(whole, "matrix", pinned, lambda s: s.answers == "worth keeping")
    await shown(whole, "bravo", pinned, rooted("worth keeping"))
    await whole.matrix.set_state("m.room.pinned_events", {"pinned": [copy.id]})
    for room in ("alpha", "bravo"):
        pinned = f"{EVE} pinned a message."
        await shown(whole, room, pinned, rooted("worth keeping"))


async def _files_from_slack(whole: Coalition) -> None:
    alpha = whole.alpha
    alpha.workspace.upload(
        alpha.channel, alpha.people[ADA], "a.png", PNG, comment="look at it", mimetype="image/png"
    )
    await shown(whole, "matrix", "look at it")
    seen = await shown(whole, "matrix", "a.png", lambda s: s.how == "m.image")
    assert seen.author == ADA
    assert await whole.matrix.fetch(seen.file) == PNG
    await file_shown(whole, "bravo", "a.png", PNG)


async def _files_from_matrix(whole: Coalition) -> None:
    eve, content = whole.member(EVE), "naïve\n".encode() * 5_000
    mxc = await whole.matrix.upload(eve, "notes.txt", content, "text/plain")
    info = {"size": len(content), "mimetype": "text/plain"}
    said = {"msgtype": "m.file", "body": "notes.txt", "url": mxc, "info": info}
    event = await whole.matrix.send(eve, said)
    for room in ("alpha", "bravo"):
        await file_shown(whole, room, "notes.txt", content)
    await whole.matrix.redact(eve, event)
    rooms = ("alpha", "bravo")
    await until(lambda: not any(files_called(whole, r, "notes.txt") for r in rooms), 20.0)


async def _long_messages(whole: Coalition) -> None:
    from_matrix = [f"Matrix paragraph {n}: " + "abc " * 150 for n in range(30)]
    from_slack = [f"Slack paragraph {n}: " + "äöü " * 150 for n in range(50)]
    await whole.matrix.say(whole.member(EVE), "\n\n".join(from_matrix))
    whole.alpha.say(ADA, "\n\n".join(from_slack))
    for room, words in (("bravo", from_matrix), ("matrix", from_slack)):
        begins = words[0][:18]

        async def whole_of_it(room: str = room, words: list[str] = words) -> bool:
            there = "\n".join(seen.text for seen in await whole.seen(room) if seen.copied)
            return all(word.strip() in there for word in words)

        await until(whole_of_it, 20.0, LOOK)
        parts = [seen for seen in await whole.seen(room) if seen.copied and begins in seen.text]
        assert len(parts) == 1
    split = [s for s in await whole.seen("bravo") if s.copied and "Matrix paragraph" in s.text]
    assert 1 < len(split) <= 10


_SCENES: tuple[Callable[[Coalition], Awaitable[None]], ...] = (
    _formatting_from_slack,
    _formatting_from_matrix,
    _edits,
    _deletions,
    _reactions,
    _threads,
    _rich_replies,
    _emotes,
    _topics_and_pins,
    _files_from_slack,
    _files_from_matrix,
    _long_messages,
)


def _block(elements: list[Json]) -> list[Json]:
    return [{"type": "rich_text", "block_id": "b1", "elements": elements}]


async def _edit(whole: Coalition, person: str, said: str, text: str) -> None:
    room = whole.people[person]
    if room == "matrix":
        await whole.matrix.edit(whole.member(person), said, text)
    else:
        whole.rooms[room].workspace.edit(whole.rooms[room].channel, said, text)


async def _delete(whole: Coalition, person: str, said: str) -> None:
    room = whole.people[person]
    if room == "matrix":
        await whole.matrix.redact(whole.member(person), said)
    else:
        whole.rooms[room].workspace.delete(whole.rooms[room].channel, said)


def _others(whole: Coalition, home: str) -> list[str]:
    return [room for room in (*whole.rooms, "matrix") if room != home]
