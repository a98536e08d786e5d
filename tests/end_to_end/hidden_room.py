"""A coalition whose channel has an encrypted room too, in which Ada reads and writes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.sandbox.synapse import Synapse
from tests.bot.platforms.matrix.ally import ENCRYPTED, Ally, ally
from tests.bot.platforms.matrix.house import House, house
from tests.end_to_end.coalition import Coalition, coalition, until


@asynccontextmanager
async def hidden_room(
    folder: Path, synapse: Synapse
) -> AsyncIterator[tuple[Coalition, House, Ally, str]]:
    """The coalition with its bot running, the people's side, Ada's client, and the room."""
    async with (
        coalition(folder, synapse) as whole,
        house(synapse) as home,
        ally(home, folder / "ada") as ada,
    ):
        room = await home.ada.make_room(whole.matrix.bot, initial_state=[ENCRYPTED])
        whole.settings["channels.ransomware"]["rooms"].append(f"matrix:coalition/{room}")
        whole.write_settings()
        await whole.bot.start()
        await until(lambda: bool(devices(ada, whole)))
        yield whole, home, ada, room


def devices(ada: Ally, whole: Coalition) -> set[str]:
    """The bot's devices, as Ada's client knows them."""
    known = ada.client.olm.device_store.active_user_devices(whole.matrix.bot)
    return {each.id for each in known}
