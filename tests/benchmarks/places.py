"""The rooms of a benchmark, and the bot's settings for them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.indicators.warninglists import load_now
from bot.store.database import open_database
from bot.store.schema import upgrade
from tests.benchmarks.instant_matrix import BOT

TWO = ("alpha", "coalition")
THREE = ("alpha", "bravo", "coalition")
"""The accounts that take part; each channel has one room of each."""


@dataclass(frozen=True)
class Place:
    """A room, as its network knows it."""

    network: str
    account: str
    room: str


def place(account: str, channel: int) -> Place:
    """The room of an account in a channel."""
    if account == "coalition":
        return Place("matrix", account, f"!room{channel:05d}:bench.example")
    return Place("slack", account, f"C{account[0].upper()}{channel:05d}")


def write_settings(
    folder: Path, url: str, accounts: Sequence[str], channels: int, *, catch_up: int = 20_000
) -> Path:
    """The bot's configuration for `channels` channels; the file's path."""
    parts = ['[store]\nurl = "sqlite:///liaison.db"']
    for account in accounts:
        if account == "coalition":
            lines = [f'homeserver = "{url}"', f'user_id = "{BOT}"', 'access_token = "none"']
            parts.append("\n".join(["[matrix.coalition]", *lines]))
        else:
            tokens = ['bot_token = "xoxb-none"', 'app_token = "xapp-none"']
            api = f'api_url = "{url}/slack/{account}/api/"'
            parts.append("\n".join([f"[slack.{account}]", *tokens, api]))
    for channel in range(channels):
        rooms = [place(account, channel) for account in accounts]
        written = json.dumps([f"{room.network}:{room.account}/{room.room}" for room in rooms])
        limit = f'catch_up = {{ messages = {catch_up}, age = "7d" }}'
        parts.append(f"[channels.c{channel:05d}]\nrooms = {written}\n{limit}")
    file = folder / "liaison.toml"
    file.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return file


def settled(settings: Path) -> Path:
    """The same settings, with a store beside them that has the warning lists in: a bot brings them
    in half a minute after its first start, which is nothing that it does every day.
    """
    database = open_database("sqlite:///liaison.db", settings.parent)
    try:
        upgrade(database.engine)
        load_now(database)
    finally:
        database.close()
    return settings
