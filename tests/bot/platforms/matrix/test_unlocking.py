from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator

import pytest
from nio.crypto.attachments import encrypt_attachment  # type: ignore[import-untyped]  # no types

from bot.errors import Refused
from bot.platforms.matrix.attachments import Key
from bot.platforms.matrix.unlocking import unlock


def _key(told: dict[str, object], **changed: str) -> Key:
    key, hashes = told["key"], told["hashes"]
    assert isinstance(key, dict)
    assert isinstance(hashes, dict)
    values = {"key": key["k"], "iv": str(told["iv"]), "sha256": hashes["sha256"], **changed}
    return Key(**values)


async def _open(pieces: list[bytes], key: Key) -> list[bytes]:
    async def chunks() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return [piece async for piece in unlock(chunks(), key)]


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 100_003])
@pytest.mark.parametrize("piece", [1_000, 4_096, 200_000])
def test_what_another_client_encrypted_is_read_in_pieces(size: int, piece: int) -> None:
    text = os.urandom(size)
    locked, told = encrypt_attachment(text)
    pieces = [locked[n : n + piece] for n in range(0, size, piece)]
    assert b"".join(asyncio.run(_open(pieces, _key(told)))) == text


def test_a_changed_file_is_refused_before_its_end() -> None:
    locked, told = encrypt_attachment(b"x" * 3000)
    pieces = [locked[:1000], locked[1000:2000], b"?" + locked[2001:]]
    seen: list[bytes] = []

    async def read() -> None:
        async def chunks() -> AsyncIterator[bytes]:
            for piece in pieces:
                yield piece

        async for piece in unlock(chunks(), _key(told)):
            seen.append(piece)  # noqa: PERF401 - what came before it broke counts

    with pytest.raises(Refused, match="file damaged"):
        asyncio.run(read())
    assert sum(map(len, seen)) < 3000


@pytest.mark.parametrize("bad", ["", "???", base64.b64encode(b"short").decode(), "é"])
@pytest.mark.parametrize("field", ["key", "iv", "sha256"])
def test_a_key_that_is_none_is_refused(bad: str, field: str) -> None:
    locked, told = encrypt_attachment(b"text")
    with pytest.raises(Refused, match="file without a key"):
        asyncio.run(_open([locked], _key(told, **{field: bad})))
