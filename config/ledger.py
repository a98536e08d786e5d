"""`[ledger]`: by whom the heads of the decisions' ledgers are signed and time-stamped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, SecretStr, model_validator

from config.forms import Text
from config.mistakes import expected
from config.secrets import NOT_READ, Secret
from config.sections import Certificates
from config.table import Table

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def read_key(pem: str) -> Ed25519PrivateKey:
    """A private key in PEM, without a password; raises ValueError where it is none.
    What reads it is a tenth of our memory, and loaded where there is a key.
    """
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  see above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415
        load_pem_private_key,
    )

    try:
        found = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValueError("no Ed25519 key") from error
    if isinstance(found, Ed25519PrivateKey):
        return found
    raise ValueError("no Ed25519 key")


def _key(secret: SecretStr) -> SecretStr:
    if secret.get_secret_value() != NOT_READ:
        try:
            read_key(secret.get_secret_value())
        except ValueError:
            words = "expected an Ed25519 key in PEM: openssl genpkey -algorithm ed25519"
            raise expected(words) from None
    return secret


def _authority(address: str) -> str:
    try:
        parts = urlsplit(address)
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good or " " in address or not address.isprintable():
        raise expected("expected the address of a time-stamp authority, as https://HOST/tsr")
    return address


class Ledger(Table):
    """Nothing in it: heads are told, and neither signed nor stamped."""

    key: Annotated[Secret, AfterValidator(_key)] | None = None
    """An Ed25519 private key in PEM."""
    timestamps: Annotated[Text, AfterValidator(_authority)] | None = None
    """Of an authority that speaks RFC 3161 over HTTP;"""
    timestamps_ca: Certificates | None = None
    """and the certificates that its own has to follow from."""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.timestamps is None) != (self.timestamps_ca is None):
            raise expected("expected timestamps and timestamps_ca together")
        return self
