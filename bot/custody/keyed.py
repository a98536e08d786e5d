"""Hashes that only this store can make: they name a text without saying anything of it.

A bare hash of an address or of a short sentence is no secret, since all of them can be tried; with
a random key that is kept in the store, only who has the store can try.
"""

from __future__ import annotations

import hmac
import secrets
from functools import lru_cache

from sqlalchemy import Executable, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bot.store.tables import Memory

_WHERE = {"account": "", "key": "hash key"}
_BYTES = 32


def hash_key(session: Session) -> bytes:
    """The key of this store, made when it is first asked for: in a session that can write, then.

    It never changes: read it once, at the start.
    """
    found = session.connection().execute(_FIND).scalar()
    if found is None:
        made = {**_WHERE, "value": secrets.token_hex(_BYTES)}
        session.connection().execute(_MAKE[session.get_bind().dialect.name], made)
        found = session.connection().execute(_FIND).scalar_one()
    return bytes.fromhex(found)


def digest(key: bytes, text: str) -> bytes:
    """HMAC-SHA-256 (RFC 2104) of a text in UTF-8."""
    made = _begun(key).copy()
    made.update(text.encode(errors="surrogatepass"))
    return made.digest()


@lru_cache(maxsize=8)
def _begun(key: bytes) -> hmac.HMAC:
    """With the key taken in already. `hmac.digest` does that anew each time, and gives up the
    interpreter meanwhile, for which the writer would wait to have it again.
    """
    return hmac.new(key, digestmod="sha256")


_FIND = select(Memory.value).filter_by(**_WHERE)
_MAKE: dict[str, Executable] = {
    "sqlite": sqlite.insert(Memory).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(Memory).on_conflict_do_nothing(),
}
