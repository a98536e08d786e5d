"""Whose platforms may read here, and by what they are known."""

from __future__ import annotations

import hmac
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from bot.sharing.teams import TeamKey

CHALLENGE = 'Basic realm="Liaison", Bearer'
"""How one who has said nothing is asked."""


@dataclass(frozen=True, slots=True)
class Account:
    """`[publish.NAME]`: whose platform it is, and by what it is known."""

    team: TeamKey
    token: SecretStr


def account_of(accounts: Mapping[str, Account], header: str) -> Account | None:
    """Whoever has a token: as a bearer, or as the password of whatever name. Every token is
    compared, each in constant time.
    """
    given = _token(header).encode()
    found = None
    for account in accounts.values():
        if hmac.compare_digest(given, account.token.get_secret_value().encode()):
            found = account
    return found


def _token(header: str) -> str:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(value, validate=True).decode().partition(":")[2]
    except (ValueError, UnicodeDecodeError):
        return ""
