"""Pictures of people at addresses of our own, for networks that fetch them by themselves."""

from __future__ import annotations

import asyncio
import re
import secrets
from pathlib import Path

LARGEST_STORE = 200_000_000
"""Bytes of pictures that are kept; those that were put there first go first."""
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp"}
_KINDS = {ending: kind for kind, ending in _ENDINGS.items()}
_NAME = re.compile(r"[A-Za-z0-9_-]{32}\.(png|jpg|gif|webp)")


class Gallery:
    """A folder of pictures under names that nobody can guess."""

    def __init__(self, folder: Path, public_url: str) -> None:
        self._folder = folder
        self._public_url = public_url.rstrip("/")

    async def put(self, content: bytes, kind: str) -> str:
        """Keep a picture; the address under which it is served."""
        name = f"{secrets.token_urlsafe(24)}.{_ENDINGS[kind]}"
        await asyncio.to_thread(self._write, name, content)
        return f"{self._public_url}/pictures/{name}"

    def is_there(self, address: str) -> bool:
        """Whether what was put at an address still is, and the address is still ours."""
        base, _, name = address.rpartition("/")
        return base == f"{self._public_url}/pictures" and self.path(name) is not None

    def path(self, name: str) -> Path | None:
        """The file of a name, None where there is none."""
        if not _NAME.fullmatch(name):
            return None
        path = self._folder / name
        return path if path.is_file() else None

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        half = self._folder / f"{name}.part"
        half.write_bytes(content)
        half.replace(self._folder / name)
        kept = [(path, path.stat()) for path in self._folder.iterdir()]
        kept.sort(key=lambda each: each[1].st_mtime, reverse=True)
        size = 0
        for path, about in kept:
            size += about.st_size
            if size > LARGEST_STORE:
                path.unlink(missing_ok=True)


def kind_of(name: str) -> str:
    """The media type of a picture, by its name."""
    return _KINDS[name.rpartition(".")[2]]
