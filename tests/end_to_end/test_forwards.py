"""What is forwarded in Slack goes no further than where it was said first."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.sandbox.synapse import Synapse
from tests.end_to_end.coalition import ADA, EVE, coalition, until


@pytest.mark.timeout(90)
def test_a_forward_into_a_wider_channel_stays_where_it_was_forwarded(
    tmp_path: Path, synapse: Synapse
) -> None:
    async def play() -> None:
        async with coalition(tmp_path, synapse) as whole:
            alpha, bravo = whole.alpha, whole.bravo
            server = whole.matrix.bot.partition(":")[2]
            whole.settings["teams.cert-alpha"] = {"members": ["slack:alpha"]}
            whole.settings["teams.cert-bravo"] = {"members": ["slack:bravo"]}
            whole.settings["teams.cert-matrix"] = {"members": [f"matrix:{server}"]}
            inner = [alpha.workspace.room("inner", [*alpha.people.values()])]
            inner.append(bravo.workspace.room("inner", [*bravo.people.values()]))
            names = ("slack:alpha", "slack:bravo")
            rules = {"waiver": "a test", "ceiling": "TLP:AMBER"}
            whole.settings["channels.inner"] = {
                "rooms": [f"{name}/{room}" for name, room in zip(names, inner, strict=True)],
                **rules,
            }
            whole.settings["channels.ransomware"] |= {**rules, "default_marking": "TLP:GREEN"}
            whole.settings["teams.cert-matrix"]["clearance"] = "TLP:GREEN"
            whole.write_settings()
            await whole.bot.start()
            ada = alpha.people[ADA]
            said = alpha.workspace.say(inner[0], ada, "from inside")
            plain = alpha.say(ADA, "from outside")
            workspace = alpha.workspace
            workspace.forward(alpha.channel, ada, inner[0], said, "look at this")
            workspace.forward(alpha.channel, ada, alpha.channel, plain, "look at that")
            link = f"https://alpha.slack.com/archives/{inner[0]}/p{said.replace('.', '')}"
            workspace.say(alpha.channel, ada, f"see <{link}>", raw=True)
            await until(lambda: whole.store.messages >= 5 and whole.store.open == 0, 30)
            there = " ".join(str(each) for each in await whole.seen("matrix"))
            assert "from outside" in there
            assert "look at that" in there
            assert "from inside" not in there
            assert "look at this" not in there
            assert "archives" not in there
            slack = " ".join(str(each) for each in await whole.seen("bravo"))
            assert "look at this" in slack
            assert EVE not in slack

    asyncio.run(play())
