"""Keyed hashes: the same in one store for ever, another in every other."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from bot.custody.keyed import digest, hash_key
from bot.store.database import Database
from tests.stores import opened


def test_the_key_is_made_once(database: Database) -> None:
    made = database.run_now(hash_key)
    assert len(made) == 32
    assert database.run_now(hash_key) == database.read_now(hash_key) == made


def test_every_store_has_another(tmp_path: Path) -> None:
    keys = set()
    for name in ("one", "two"):
        with opened(f"sqlite:///{tmp_path / name}.db") as database:
            keys.add(database.run_now(hash_key))
    assert len(keys) == 2


def test_a_digest_is_an_hmac() -> None:
    key = bytes(range(32))
    wanted = hmac.new(key, "déjà vu".encode(), hashlib.sha256).digest()
    assert digest(key, "déjà vu") == wanted
    assert digest(bytes(32), "déjà vu") != wanted
    assert digest(key, "\ud800")
