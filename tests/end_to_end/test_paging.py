"""A page on both networks: the mail, the ladder, the button and the reaction that stop it."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, BEN, EVE, FAY, Coalition, coalition, until
from tests.end_to_end.looks import LOOK
from tests.mailroom import Mailbox, mail_server

SECRET = "Kranich am Tor"
YES = "✅"
Story = Callable[[Coalition, Mailbox], Awaitable[None]]


@pytest.mark.timeout(150)
def test_a_page_from_slack_rings_in_matrix_and_by_mail_until_it_is_answered(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def story(whole: Coalition, box: Mailbox) -> None:
        slack, ada = whole.alpha.workspace, whole.alpha.people[ADA]
        asked = time.monotonic()
        slack.command(whole.alpha.channel, ada, "/page", f"cert-matrix TLP:CLEAR {SECRET}")
        await until(lambda: bool(box.messages))
        assert time.monotonic() - asked < 10 * _slowness(), "an e-mail within ten seconds"
        ref = str(whole.store.rows("SELECT ref FROM page")[0][0])
        first, link = box.messages[0].get_content().splitlines()
        assert first == f"{ref} critical"
        assert link.startswith("https://matrix.to/#/!")
        assert SECRET not in str(box.messages[0])

        # Fay stands in, and is rung at once, since the other service is down
        await _direct(whole, FAY, SECRET)
        told = await _messages(whole, ADA, f"{ref}: an alert service of CERT Matrix")
        assert "json" in told

        direct, event = await _offered(whole, EVE)
        await _join_in(whole, direct, event)
        await _messages(whole, ADA, f"{ref}: CERT Matrix has it")
        ended = "SELECT acknowledged IS NOT NULL, text FROM page"
        assert whole.store.rows(ended) == [(1, None)]
        log = whole.bot.config.with_suffix(".log")
        assert SECRET not in (log.read_text() if log.exists() else whole.bot.last_lines(9999))

    _play(tmp_path, synapse, story)


@pytest.mark.timeout(120)
def test_a_page_from_matrix_stands_in_slacks_direct_message_with_its_button(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def story(whole: Coalition, box: Mailbox) -> None:
        await whole.say(EVE, f"!page cert-alpha TLP:CLEAR {SECRET}")
        await _messages(whole, BEN, "CRITICAL · g-")
        ref = str(whole.store.rows("SELECT ref FROM page")[0][0])
        slack, ben = whole.alpha.workspace, whole.alpha.people[BEN]
        direct = slack.world.direct(slack.app, ben)
        assert direct is not None
        message = next(m for m in direct.messages.values() if SECRET in str(m.blocks))
        slack.press(direct.id, ben, message.ts, "press-0")
        await until(lambda: whole.store.rows("SELECT acknowledged FROM page")[0][0] is not None)
        await _direct(whole, EVE, f"{ref}: CERT Alpha has it")

    _play(tmp_path, synapse, story)


@pytest.mark.timeout(150)
def test_of_several_pages_that_is_answered_in_whose_thread_or_reply_it_is_typed(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def story(whole: Coalition, box: Mailbox) -> None:
        slack, ben = whole.alpha.workspace, whole.alpha.people[BEN]
        for text in ("One", "Two"):
            await whole.say(EVE, f"!page cert-alpha TLP:CLEAR {text}")
            slack.command(
                whole.alpha.channel, whole.alpha.people[ADA], "/page",
                f"cert-matrix TLP:CLEAR {text}",
            )  # fmt: skip
        await until(lambda: len(_said(whole, BEN, "CRITICAL · g-")) == 2)
        direct = slack.world.direct(slack.app, ben)
        assert direct is not None
        word = next(m for m in direct.messages.values() if "Two" in str(m.blocks))
        slack.say(direct.id, ben, "duty ack", word.ts)
        taken = "SELECT count(*) FROM page WHERE acknowledged IS NOT NULL AND team = "
        await until(lambda: whole.store.rows(f"{taken}'cert-alpha'")[0][0] == 1)
        left = "SELECT rang FROM page WHERE acknowledged IS NULL AND team = 'cert-alpha'"
        ((rang,),) = whole.store.rows(left)
        other = next(m for m in direct.messages.values() if "One" in str(m.blocks))
        assert whole.store.rows("SELECT landed FROM outbox WHERE id = ?", rang_of(rang)) == [
            (other.ts,)
        ]

        room, event = await _offered(whole, EVE)
        reply = {"msgtype": "m.text", "body": "!duty ack",
                 "m.relates_to": {"m.in_reply_to": {"event_id": event}}}  # fmt: skip
        await whole.matrix.send(whole.member(EVE), reply, room=room)
        await until(lambda: whole.store.rows(f"{taken}'cert-matrix'")[0][0] == 1)
        answered = "SELECT rang FROM page WHERE acknowledged IS NOT NULL AND team = 'cert-matrix'"
        ((rang,),) = whole.store.rows(answered)
        landed = "SELECT landed FROM outbox WHERE id = ?"
        assert whole.store.rows(landed, rang_of(rang)) == [(event,)]

    _play(tmp_path, synapse, story)


@pytest.mark.timeout(150)
def test_killed_while_a_mail_is_on_its_way_it_is_sent_again_and_no_step_comes_twice(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def story(whole: Coalition, box: Mailbox) -> None:
        await whole.say(EVE, f"!page cert-alpha TLP:CLEAR {SECRET}")
        sending = "SELECT count(*) FROM page_alert WHERE state = 'sending'"
        await until(lambda: whole.store.rows(sending)[0][0] == 1)
        await _messages(whole, BEN, "CRITICAL · g-")
        await whole.bot.kill()
        box.stalls = False
        await whole.bot.start()
        sent = "SELECT count(*) FROM page_alert WHERE state = 'sent' AND tries = 2"
        await until(lambda: whole.store.rows(sent)[0][0] == 1)
        assert len({each["Message-ID"] for each in box.messages}) == 1
        assert len(box.messages) in {1, 2}, "at least once"
        assert whole.store.rows("SELECT rung FROM page") == [(1,)]
        assert len(_said(whole, BEN, "CRITICAL · g-")) == 1

    _play(tmp_path, synapse, story, stalls=True)


@pytest.mark.timeout(150)
def test_an_urgent_advisory_rings_by_its_number_until_it_is_acknowledged(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def story(whole: Coalition, box: Mailbox) -> None:
        draft = "advisory draft --severity critical --marking TLP:CLEAR Patch the VPN\nNow."
        _typed(whole, ADA, draft)
        await until(lambda: bool(whole.store.rows("SELECT ref FROM advisory")))
        ref = whole.store.rows("SELECT ref FROM advisory")[0][0]
        _typed(whole, BEN, f"advisory seal {ref}")
        await until(lambda: bool(whole.store.rows("SELECT ref FROM seal")))
        _typed(whole, ADA, f"advisory post {ref} now")
        await until(lambda: bool(box.messages))
        assert {each["To"] for each in box.messages} == {"duty@matrix.example"}
        first = box.messages[0].get_content().splitlines()[0]
        assert first.startswith("RANSOMWARE-")
        assert first.endswith(" critical")
        assert "VPN" not in str(box.messages[0])
        number = first.partition(" ")[0]
        await whole.say(EVE, f"!advisory ack {number} received")
        open_ = "SELECT count(*) FROM page WHERE acknowledged IS NULL"
        await until(lambda: whole.store.rows(open_)[0][0] == 0)

    _play(tmp_path, synapse, story)


def _play(folder: Path, synapse: Synapse, story: Story, *, stalls: bool = False) -> None:
    """A story of two teams and their mailbox."""

    async def play(box: Mailbox) -> None:
        async with coalition(folder, synapse) as whole:
            await _begin(whole, box)
            await story(whole, box)

    with mail_server(Mailbox(stalls=stalls)) as box:
        asyncio.run(play(box))


def _typed(whole: Coalition, person: str, text: str) -> None:
    alpha = whole.alpha
    alpha.workspace.command(alpha.channel, alpha.people[person], "/liaison", text)


def rang_of(stored: object) -> str:
    """The delivery by which the first who was rung was spoken to."""
    return str(json.loads(str(stored))[0][2])


def _slowness() -> float:
    """The promise is about a bot at rest: a machine that runs much else is given more."""
    return 3.0


async def _begin(whole: Coalition, box: Mailbox) -> None:
    """Two teams: in Slack Ben is on duty; in Matrix Eve is and Fay stands in."""
    alpha, (eve, fay) = whole.alpha, (whole.member(name).user_id for name in (EVE, FAY))
    ada, ben = (f"slack:alpha/{alpha.people[name]}" for name in (ADA, BEN))
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    whole.settings["mail"] = {
        "server": f"smtp://127.0.0.1:{box.port}", "from": "liaison@a.example",
    }  # fmt: skip
    whole.settings["teams.cert-alpha"] = {
        "name": "CERT Alpha", "members": ["slack:alpha"], "delegates": [ada, ben], "duty": [ben],
        "alerts": ["mailto:duty@alpha.example"],
    }  # fmt: skip
    whole.settings["teams.cert-matrix"] = {
        "name": "CERT Matrix", "members": [f"matrix:{eve}", f"matrix:{fay}"],
        "duty": [f"matrix:{eve}", f"matrix:{fay}"],
        "alerts": ["mailto:duty@matrix.example", f"json://127.0.0.1:{port}/hidden"],
    }  # fmt: skip
    whole.write_settings()
    await whole.bot.start()
    rooms = "SELECT count(DISTINCT room) FROM roster WHERE standing <> 'unknown'"
    await until(lambda: whole.store.rows(rooms)[0][0] == 3)


async def _messages(whole: Coalition, person: str, begins: str) -> str:
    """What the bot said to somebody in Slack directly, and begins so; the last of it."""
    try:
        await until(lambda: bool(_said(whole, person, begins)))
    except TimeoutError:
        raise AssertionError(whole.bot.last_lines()) from None
    return _said(whole, person, begins)[-1]


def _said(whole: Coalition, person: str, begins: str) -> list[str]:
    slack, user = whole.alpha.workspace, whole.alpha.people[person]
    direct = slack.world.direct(slack.app, user)
    texts = [] if direct is None else [each.text for each in direct.messages.values()]
    return [each for each in texts if each.startswith(begins)]


async def _room(whole: Coalition, person: str) -> str:
    """Somebody's direct room with the bot, entered."""
    member, rooms = whole.member(person), list[str]()

    async def invited() -> bool:
        rooms[:] = await whole.matrix.invitations(member)
        return bool(rooms)

    await until(invited, 45.0, LOOK)
    await whole.matrix.join(member, rooms[0])
    return rooms[0]


async def _direct(whole: Coalition, person: str, text: str) -> None:
    """Wait until the bot has said this there."""
    room = await _room(whole, person)

    async def there() -> bool:
        said = await whole.matrix.bot_said(whole.member(person), room)
        return any(text in each for each in said)

    await until(there, 45.0, LOOK)


async def _offered(whole: Coalition, person: str) -> tuple[str, str]:
    """The message on which the bot shows ✅, and its room."""
    room, found = await _room(whole, person), list[str]()

    async def there() -> bool:
        query = {"dir": "b", "limit": "100"}
        path = f"/rooms/{room}/messages"
        page = await whole.matrix.call(whole.member(person), "GET", path, query=query)
        found[:] = [
            each["content"]["m.relates_to"]["event_id"] for each in page["chunk"] if _is_yes(each)
        ]
        return bool(found)

    await until(there, 45.0, LOOK)
    return room, found[0]


def _is_yes(event: dict[str, Any]) -> bool:
    related = event["content"].get("m.relates_to", {})
    return event["type"] == "m.reaction" and bool(related.get("key") == YES)


async def _join_in(whole: Coalition, room: str, event: str) -> None:
    relation = {"rel_type": "m.annotation", "event_id": event, "key": YES}
    where = f"/rooms/{room}/send/m.reaction/answered"
    await whole.matrix.call(whole.member(EVE), "PUT", where, {"m.relates_to": relation})
