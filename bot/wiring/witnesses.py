"""`[ledger]` as those want it who sign, stamp and verify heads.

What signs and stamps is loaded only where the file asks for it: it is a tenth of our memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.decisions.ledger.witnessing import Trust
from bot.delivery.lease import Leases
from bot.store.database import Database
from bot.wiring.feeds import way_of
from config.ledger import read_key
from config.secrets import NOT_READ
from config.settings import Settings

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from bot.decisions.ledger.signing import Signer
    from bot.tasks.stamps import Stamps


def signer_of(settings: Settings) -> Signer | None:
    """Who signs heads, None where there is no key."""
    key = settings.ledger.key
    if key is None or key.get_secret_value() == NOT_READ:
        return None
    from bot.decisions.ledger.signing import Signer  # noqa: PLC0415  see above

    return Signer(read_key(key.get_secret_value()))


def stamps_of(settings: Settings, database: Database, leases: Leases) -> Stamps | None:
    """Who has them time-stamped, None where there is no authority."""
    authority = settings.ledger.timestamps
    if authority is None:
        return None
    from bot.tasks.stamps import Stamps  # noqa: PLC0415  see above

    return Stamps(database, leases, authority, _roots(settings), way_of(settings))


def trust_of(settings: Settings) -> Trust:
    """By what signatures and time-stamps are verified."""
    signer = signer_of(settings)
    return Trust(None if signer is None else signer.public, _roots(settings))


def _roots(settings: Settings) -> Sequence[Certificate]:
    file = settings.ledger.timestamps_ca
    if file is None:
        return ()
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415

    return load_pem_x509_certificates(Path(file).read_bytes())
