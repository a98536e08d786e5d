"""A store that is put back from a copy in the middle of traffic and decisions: nothing is said
twice, nothing is lost, and no number is used twice.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, CLO, EVE, Coalition, until
from tests.end_to_end.looks import file_shown, files_called
from tests.end_to_end.test_deciding import deciding, listed, propose, told

READING = "SELECT read FROM recovery WHERE ended IS NULL AND read IS NOT NULL"

_BEFORE, _OPEN, _LOST = "The first.", "Open in the copy.", "The copy does not know it."


@pytest.mark.timeout(240)
def test_a_restore_in_the_middle_of_200_messages_and_two_decisions_doubles_and_loses_nothing(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with deciding(tmp_path, synapse) as whole:
            await propose(whole, f"--silence 2s {_BEFORE}")
            await _adopted(whole, 1)
            await _say(whole, 0, 70)
            await propose(whole, f"--silence 8s {_OPEN}")
            await until(lambda: _count(whole, "decision") == 2)
            copy = tmp_path / "copy"
            kept = await whole.command("db", "backup", str(copy))
            assert kept.status == 0, kept
            await _say(whole, 70, 130)
            await propose(whole, f"--silence 2s {_LOST}")
            await _adopted(whole, 3)
            name, content = "list.csv", b"value,port\n"
            await _share(whole, name, content)
            for key in whole.rooms:
                await file_shown(whole, key, name, content)
            await _all_there(whole, 130)

            before = await _numbers(whole)

            held = await whole.command("db", "restore", str(copy))
            assert held.status == 3, held
            assert "in use" in held.err
            await whole.bot.kill()
            await _say(whole, 130, 200)  # nobody hears these
            posts = await _posts(whole)
            back = await whole.command("db", "restore", str(copy))
            assert back.status == 0, back
            ready = await whole.bot.start()
            assert "recovery" in ready
            await until(lambda: bool(whole.store.rows(READING)), 60.0)
            assert await _posts(whole) == posts, "nothing is posted before somebody says so"
            assert "device.replaced" in whole.bot.log.read_text()

            over = await whole.command("resume", "all")
            assert over.status == 0, over
            await _all_there(whole, 200)
            await propose(whole, "--silence 2s The one after it.")
            await _adopted(whole, 4)
            after = await _numbers(whole)
            assert {text: after.get(text) for text in (_BEFORE, _OPEN)} == {
                text: before[text] for text in (_BEFORE, _OPEN)
            }
            assert after["The one after it."][-3:] == "004"
            assert before[_LOST] not in after.values()
            for room in await told(whole, "adopted"):
                outcomes = [line for line in room if " · adopted · " in line]
                assert len(outcomes) == 4, room
                assert len({line.split(" · ")[1] for line in outcomes}) == 4, room
            assert all(files_called(whole, key, name) == [content] for key in whole.rooms)
            verified = await whole.command("decisions", "verify")
            assert verified.status == 0, verified

    asyncio.run(play())


async def _say(whole: Coalition, first: int, after: int) -> None:
    people = (ADA, CLO, EVE)
    for number in range(first, after):
        await whole.say(people[number % 3], f"message {number}")


async def _share(whole: Coalition, name: str, content: bytes) -> None:
    eve = whole.member(EVE)
    mxc = await whole.matrix.upload(eve, name, content, "text/csv")
    info = {"size": len(content), "mimetype": "text/csv"}
    await whole.matrix.send(eve, {"msgtype": "m.file", "body": name, "url": mxc, "info": info})


async def _all_there(whole: Coalition, count: int) -> None:
    """Each message once in each room, those of one person in their order, and nothing under way."""
    expected = Counter(f"message {number}" for number in range(count))

    async def missing() -> dict[str, tuple[Counter[str], Counter[str]]]:
        found = {
            room: Counter(each.text for each in seen if each.text.startswith("message "))
            for room, seen in (await whole.all_seen()).items()
        }
        return {room: (expected - there, there - expected) for room, there in found.items()}

    async def done() -> bool:
        return whole.store.open == 0 and not any(
            any(map(len, m)) for m in (await missing()).values()
        )

    try:
        await until(done, 60.0, 0.5)
    except TimeoutError:
        raise AssertionError(f"{await missing()}\n{whole.bot.last_lines()}") from None
    for seen in (await whole.all_seen()).values():
        for person in range(3):
            said = [int(s.text[8:]) for s in seen if s.text.startswith("message ")]
            own = [number for number in said if number % 3 == person]
            assert own == sorted(own)


async def _adopted(whole: Coalition, number: int) -> None:
    async def there() -> bool:
        rooms = await told(whole, "adopted")
        return all(any(f"-00{number}" in line for line in room) for room in rooms)

    await until(there, 60.0, 0.5)
    await until(lambda: whole.store.open == 0, 30.0)


async def _numbers(whole: Coalition) -> dict[str, str]:
    return {row["text"]: str(row["number"]) for row in await listed(whole)}


async def _posts(whole: Coalition) -> list[int]:
    """How many messages of the bot's each room shows."""
    return [
        len([seen for seen in each if seen.copied]) for each in (await whole.all_seen()).values()
    ]


def _count(whole: Coalition, table: str) -> int:
    (row,) = whole.store.rows(f"SELECT count(*) FROM {table}")
    return int(str(row[0]))
