"""The base of the table of one account, which each network's folder extends."""

from __future__ import annotations

from config.table import Table


class AccountSettings(Table):
    """One account's table: a network adds its keys, `config.secrets.Secret` for what is secret.

    Values are never shown in a mistake, whatever the key. A validator that raises `ValueError`
    must therefore say what is expected, and not repeat what it was given.
    """
