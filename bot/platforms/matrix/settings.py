"""The settings of one Matrix account: a table `[matrix.NAME]`."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, field_validator, model_validator

from bot.platforms.matrix.recovery import read_recovery_key
from bot.platforms.matrix.syntax import is_user_id
from config.accounts import AccountSettings
from config.secrets import NOT_READ, Secret


def _homeserver(address: str) -> str:
    try:
        parts = urlsplit(address)
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.username or parts.query or parts.fragment:
        raise ValueError("expected the homeserver's address as https://HOST")
    return address.rstrip("/")


def _user_id(text: str) -> str:
    if not is_user_id(text):
        raise ValueError("expected the account as @name:server")
    return text


class MatrixSettings(AccountSettings):
    """One account on a homeserver."""

    homeserver: Annotated[str, AfterValidator(_homeserver)]
    user_id: Annotated[str, AfterValidator(_user_id)]
    password: Secret | None = None
    access_token: Secret | None = None
    recovery_key: Secret | None = None
    unverified_devices: Literal["accept", "refuse"] = "accept"

    @field_validator("recovery_key")
    @classmethod
    def _a_recovery_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key is not None and key.get_secret_value() != NOT_READ:
            try:
                read_recovery_key(key.get_secret_value())
            except ValueError:
                raise ValueError("expected the recovery key: twelve groups, EsTc …") from None
        return key

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.password is None) == (self.access_token is None):
            raise ValueError("expected either password or access_token")
        return self
