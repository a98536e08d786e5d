"""Encrypted rooms: this device's keys, and what is read and written with them.

Built on vodozemac, which does the cryptography (Olm and Megolm), and not on nio's `Olm` around
it. That one commits each message's change by itself, so that a crash between two of them, or
before the sync token is stored, loses keys; it loads every session that it ever had into memory,
reads only events that nio itself has parsed, gives no key again but to its own user, makes no
fallback keys and knows no cross-signing. What is kept here is one small file whose changes are
one transaction for each answer of the homeserver, stored before that answer is acknowledged.
"""

from bot.platforms.matrix.crypto.crypto import Crypto
from bot.platforms.matrix.crypto.none import NoCrypto

AnyCrypto = Crypto | NoCrypto

__all__ = ["AnyCrypto", "Crypto", "NoCrypto"]
