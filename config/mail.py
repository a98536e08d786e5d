"""`[mail]`, and where a team's alerts go: addresses of mail, and services by their URLs."""

from __future__ import annotations

import re
from typing import Annotated, Self
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from config.mistakes import expected
from config.secrets import NOT_READ, Secret
from config.sections import Certificates
from config.table import Table

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_SERVER = (
    "expected a server as smtp://, smtp+starttls:// or smtps://, and USER@ if it has a password"
)
_BESIDE = "expected no password in it: write password beside it"
_ADDRESS = re.compile(r"[^@\s<>,;:\"()\\]+@[^@\s<>,;:\"()\\]+")
_PLAIN = re.compile(r"mailto:(?P<address>[^?]+)")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://[^\s]+", re.IGNORECASE)
_ALERT = "expected an address such as mailto:duty@example.org"
_SERVICE = f"{_ALERT}, or a service's URL such as jsons://hooks.example.org/duty"
_OWN_SERVER = frozenset({"mailto", "mailtos"})


class Server(BaseModel):
    """A mail server, as it is written: `smtps://user@host:port`."""

    model_config = ConfigDict(frozen=True)

    scheme: str
    host: str
    port: int
    user: str | None = None


def _server(text: str) -> str:
    server_of(text)
    return text


def server_of(text: str) -> Server:
    """The parts of a server's address; the words of an error repeat nothing of it."""
    try:
        parts = urlsplit(text)
        host, port, password = parts.hostname, parts.port, parts.password
    except ValueError:
        raise expected(_SERVER) from None
    if password is not None:
        raise expected(_BESIDE)
    if parts.scheme not in _PORTS or not host or port == 0 or parts.path.strip("/") or parts.query:
        raise expected(_SERVER)
    if not text.isprintable() or " " in text:
        raise expected(_SERVER)
    user = None if parts.username is None else unquote(parts.username)
    return Server(scheme=parts.scheme, host=host, port=port or _PORTS[parts.scheme], user=user)


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value) or not value.isprintable():
        raise expected("expected an address such as liaison@example.org", value)
    return value


class Mail(Table):
    """The server that takes the bot's mail, for alerts alone."""

    server: Annotated[str, AfterValidator(_server)]
    from_: Annotated[str, AfterValidator(_address), Field(alias="from")]
    password: Secret | None = None
    """Without it no login is tried."""
    ca_file: Certificates | None = None

    @property
    def place(self) -> Server:
        """The server's parts."""
        return server_of(self.server)

    @model_validator(mode="after")
    def _who(self) -> Self:
        if self.password is not None and self.place.user is None:
            raise expected("expected USER@ in server beside password, as smtps://user@host")
        return self


def _alert(secret: SecretStr) -> SecretStr:
    """A token may stand in it, so that only what is no URL is repeated."""
    value = secret.get_secret_value()
    if value == NOT_READ:
        return secret
    scheme = value.partition(":")[0].lower()
    if _URL.fullmatch(value):
        if scheme in _OWN_SERVER:
            raise expected("expected mailto:ADDRESS: the server stands in [mail]")
        return secret
    plain = _PLAIN.fullmatch(value)
    if plain is not None and _ADDRESS.fullmatch(plain["address"]):
        return secret
    if "@" in value and "/" not in value:
        raise expected(_ALERT, value)
    raise expected(_SERVICE)


def address_of(alert: str) -> str | None:
    """The address of a `mailto:`, None for a service."""
    found = _PLAIN.fullmatch(alert)
    return None if found is None else found["address"]


Alert = Annotated[Secret, AfterValidator(_alert)]
"""Where a team is alerted beside chat."""
