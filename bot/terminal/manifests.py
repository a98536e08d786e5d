"""The app manifest of an account, and whether there can be one."""

from __future__ import annotations

from collections.abc import Iterator

from bot.errors import ConfigurationError, UserError
from bot.events import AccountId
from bot.platforms.base import Finding
from commands.registry import Registry
from config.settings import Settings


def manifest(settings: Settings, name: str | None) -> str:
    """The app manifest of one account; ConfigurationError where which one is unclear, or where
    its table names a command that there is not.
    """
    able = _able(settings)
    wanted = [account for account in able if name in (None, account, account.partition(":")[2])]
    if len(wanted) != 1:
        names = ", ".join(able) or "no account has a manifest"
        raise ConfigurationError([f"liaison: expected manifest WORKSPACE, one of: {names}"])
    try:
        return _made(settings, wanted[0], Registry.load())
    except UserError as error:
        where = f"{settings.path}: {_table(wanted[0])}.commands"
        raise ConfigurationError([f"{where}: {error}"]) from None


def unknown_commands(settings: Settings) -> Iterator[Finding]:
    """The accounts whose tables name a command that there is not: they have no manifest."""
    registry = Registry.load()
    for account in _able(settings):
        try:
            _made(settings, account, registry)
        except UserError as error:
            yield Finding(f"{_table(account)}.commands", ok=False, mend=str(error))


def _able(settings: Settings) -> list[AccountId]:
    return [
        account
        for account, (network, _) in settings.accounts.items()
        if network.manifest is not None
    ]


def _made(settings: Settings, account: AccountId, registry: Registry) -> str:
    network, own = settings.accounts[account]
    assert network.manifest is not None
    summaries = {n: c.summary for n in sorted(registry.names) if (c := registry.get(n))}
    return network.manifest(own, summaries, registry.shortcuts, name=settings.liaison.name)


def _table(account: AccountId) -> str:
    """An account's table, as it stands in the file."""
    return account.replace(":", ".", 1)
