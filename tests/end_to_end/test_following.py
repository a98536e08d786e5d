"""What was decided, followed from both networks: its number a link, its channel a picture."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, EVE, Coalition, until
from tests.end_to_end.test_deciding import deciding, listed, propose, told


async def shown(whole: Coalition) -> tuple[str, str]:
    """Everything in the room of Slack, and in that of Matrix."""
    alpha = whole.alpha
    slack = json.dumps(alpha.workspace.messages(alpha.channel))
    return slack, json.dumps(await whole.matrix.read())


@pytest.mark.timeout(120)
def test_a_number_is_a_link_and_what_happened_a_picture_on_both_networks(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with deciding(tmp_path, synapse) as whole:
            await propose(whole, "--silence 4s Block it together.")

            async def adopted() -> bool:
                return [len(each) for each in await told(whole, "adopted")] == [2, 2, 2]

            await until(adopted, 40, 0.5)
            ((number,),) = [[each["number"]] for each in await listed(whole)]
            whole.alpha.say(ADA, f"As decided in {number}, at once.")
            await whole.say(EVE, f"We do what {number} says.")

            async def linked() -> bool:
                slack, matrix = await shown(whole)
                permalink = f"https://alpha.slack.com/archives/{whole.alpha.channel}/p"
                title = f"{number} (TLP:GREEN"
                return (
                    permalink in slack
                    and title in slack
                    and "https://matrix.to/#/!" in matrix
                    and title in matrix
                )

            await until(linked, 30, 0.5)
            alpha = whole.alpha
            alpha.workspace.command(alpha.channel, alpha.people[ADA], "/liaison", "timeline")
            await whole.say(EVE, "!timeline")

            async def drawn() -> bool:
                slack, matrix = await shown(whole)
                return "timeline-ransomware" in slack and "timeline-ransomware" in matrix

            await until(drawn, 30, 0.5)
            await until(lambda: whole.store.open == 0, 30)

    asyncio.run(play())
