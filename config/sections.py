"""The tables about the bot itself: `[liaison]`, `[network]`, `[store]`, `[web]`."""

from __future__ import annotations

import ssl
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, ValidationInfo, field_validator

from config.durations import Duration
from config.forms import Language, Text
from config.mistakes import expected, printable
from config.places import Room
from config.secrets import NOT_READ, Secret
from config.table import Table


def _proxy(secret: SecretStr) -> SecretStr:
    """Passwords may stand in it, so that it is never repeated."""
    if secret.get_secret_value() == NOT_READ:
        return secret
    try:
        parts = urlsplit(secret.get_secret_value())
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise expected("expected a proxy as http://HOST:PORT")
    return secret


def _certificates(name: str, info: ValidationInfo) -> str:
    """The path of a readable file of certificates; a relative one starts at the file's folder."""
    try:
        path = str((info.context or {}).get("folder", Path()) / Path(name).expanduser())
        ssl.create_default_context(cafile=path)
    except (OSError, ValueError, RuntimeError):  # ssl.SSLError is an OSError
        words = f"expected a readable file of certificates in PEM; {printable(name)} is none"
        raise expected(words) from None
    return path


def _database(secret: SecretStr) -> SecretStr:
    """Passwords may stand in it, so that it is never repeated."""
    url = secret.get_secret_value()
    if url == NOT_READ:
        return secret
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.startswith("/") and rest.strip("/") not in {"", ":memory:"}:
        return secret
    if scheme == "postgresql+psycopg" and rest:
        return secret
    raise expected("expected sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME")


def _listen(address: str) -> str:
    """`HOST:PORT`; an IPv6 address in brackets."""
    host, _, port = address.rpartition(":")
    bare = host.removeprefix("[").removesuffix("]")
    good = bare and (":" not in bare or host != bare) and port.isdecimal() and port.isascii()
    if not (good and 0 <= int(port) <= 65_535) or "/" in host or "@" in host:
        raise expected("expected HOST:PORT, as 127.0.0.1:9090", address)
    return address


def _public(address: str) -> str:
    """The beginning of addresses that others fetch from us."""
    try:
        parts = urlsplit(address)
        good = parts.scheme == "https" and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or "@" in parts.netloc or " " in address:
        raise expected("expected an address as https://liaison.example.org", address)
    return address.rstrip("/")


Certificates = Annotated[str, AfterValidator(_certificates)]


class Liaison(Table):
    """The bot itself."""

    name: Text = "Liaison"
    language: Language = "en"
    admin_rooms: tuple[Room, ...] = ()
    """Told of faults and alarms, never of content; in no channel."""
    log: Literal["debug", "info", "warning"] = "info"


class Connection(Table):
    """How every client and websocket reaches out."""

    proxy: Annotated[Secret, AfterValidator(_proxy)] | None = None
    no_proxy: tuple[Text, ...] = ()
    ca_file: Certificates | None = None
    timeout: Duration = timedelta(seconds=30)
    """How long a request may take; an unknown outcome is looked up after that."""


class Storage(Table):
    """Where things are kept, and for how long."""

    url: Annotated[Secret, AfterValidator(_database)] = SecretStr("sqlite:///liaison.db")
    payloads: Duration = timedelta(days=7)
    """How long text is kept after the last delivery."""
    links: Duration = timedelta(days=400)
    """How long edits, threads and deletions can follow."""


class Web(Table):
    """What the bot serves. `listen` None: nothing."""

    listen: Annotated[Text, AfterValidator(_listen)] | None = None
    public_url: Annotated[Text, AfterValidator(_public)] | None = None
    """Where others reach what is served there, for pictures that they fetch from us."""

    @field_validator("public_url")
    @classmethod
    def _is_served(cls, address: str | None, info: ValidationInfo) -> str | None:
        if address is not None and info.data.get("listen", "") is None:
            raise expected("expected listen beside it, which is what answers there")
        return address
