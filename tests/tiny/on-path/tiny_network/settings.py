"""One account's table."""

from __future__ import annotations

from config.accounts import AccountSettings
from config.secrets import Secret


class TinyAccount(AccountSettings):
    """Where the server listens on this machine, and what lets us in."""

    port: int
    token: Secret
