"""The adapters of every configured account, with what each is given of the house."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

from bot.bridge.baring import opened_bare
from bot.bridge.recollection import StoredRecollection
from bot.bridge.written import open_written
from bot.custody import recovering
from bot.delivery.lanes import utc_now
from bot.errors import Refused
from bot.events import HOUSE, AccountId, File, account_of
from bot.platforms.base import CatchUp, Platform, Surroundings
from bot.store.database import Database
from bot.store.memory import StoredMemory
from bot.store.patience import Patient, Units
from bot.web.gallery import Gallery
from bot.words import words_for
from config.settings import Settings

_EVERYTHING = 10_000_000
"""Messages of one room that are read again after a restore."""
_OVERLAP = timedelta(days=1)


def connect(
    settings: Settings, database: Database, *, patient: bool = False
) -> dict[AccountId, Platform]:
    """The adapters of every configured account, not yet connected. `patient`: they wait where the
    store cannot be used; else that ends what they do.
    """
    store: Units = Patient(database) if patient else database
    limits = {
        room: CatchUp(channel.catch_up.messages, channel.catch_up.age)
        for channel in settings.channels.values()
        for room in channel.rooms
    }
    recovery = database.read_now(recovering.standing)
    if recovery is not None:  # what is not read would be said twice
        all_of_it = CatchUp(_EVERYTHING, utc_now() - recovery.copied + _OVERLAP)
        limits = dict.fromkeys(settings.every_room, all_of_it)
    proxy = settings.network.proxy
    platforms: dict[AccountId, Platform] = {}

    def open_file(file: File) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        if file.account == HOUSE:
            return open_written(file)
        if file.account not in platforms:
            raise Refused("its network is configured no more")
        opened = platforms[file.account].open_file(file)
        return opened_bare(opened) if file.bare else opened

    platforms |= {
        account: network.connect(
            own,
            Surroundings(
                account=account,
                rooms=settings.rooms_of(account),
                memory=StoredMemory(store, account),
                proxy=proxy.get_secret_value() if proxy else None,
                no_proxy=settings.network.no_proxy,
                ca_file=settings.network.ca_file,
                bot_name=settings.liaison.name,
                timeout=settings.network.timeout.total_seconds(),
                catch_up={room: limits[room] for room in limits if account_of(room) == account},
                open_file=open_file,
                recollection=StoredRecollection(store),
                folder=folder_of(settings, database),
                words=words_for(settings.liaison.language),
                showcase=gallery_of(settings, database),
                restored="" if recovery is None else recovery.restored.isoformat(),
            ),
        )
        for account, (network, own) in settings.accounts.items()
    }
    return platforms


def gallery_of(settings: Settings, database: Database) -> Gallery | None:
    """Where pictures are served from, if the bot has a public address."""
    address = settings.web.public_url
    return None if address is None else Gallery(folder_of(settings, database) / "pictures", address)


def folder_of(settings: Settings, database: Database) -> Path:
    """Beside the database where that is a file, else beside the configuration."""
    address = database.engine.url
    if address.get_backend_name() == "sqlite" and address.database:
        return Path(address.database).parent
    return settings.path.parent
