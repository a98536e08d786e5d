"""What the sandbox keeps between runs in its folder, apart from what its parts keep themselves."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from filelock import FileLock, Timeout


class FolderBusy(RuntimeError):
    """Another sandbox uses the folder."""


class FolderUnusable(RuntimeError):
    """The folder cannot be made, or holds what no sandbox wrote."""


class State(msgspec.Struct):
    """Passwords, tokens and the Matrix room's id: all of them toys, on this machine alone."""

    password: str
    tokens: dict[str, tuple[str, str]]
    """A workspace's bot token and app-level token."""
    matrix_room: str | None = None


@contextmanager
def folder(keep: Path | None) -> Iterator[Path]:
    """The folder that state goes in: `keep`, made where it is missing, or one that is removed.

    Raises FolderBusy, and FolderUnusable where it cannot be made.
    """
    if keep is None:
        with TemporaryDirectory(prefix="liaison-sandbox-") as name:
            yield Path(name)
        return
    try:
        keep.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise FolderUnusable(f"the folder {keep} cannot be made: {error.strerror}") from None
    try:
        with FileLock(keep / "sandbox.lock", timeout=0):
            yield keep.resolve()
    except Timeout:
        raise FolderBusy(f"another sandbox uses {keep}: end it, or name another folder") from None


def read(file: Path, workspaces: list[str]) -> State:
    """The state that was kept, a fresh one where there is none; raises FolderUnusable."""
    if file.exists():
        try:
            return msgspec.json.decode(file.read_bytes(), type=State)
        except msgspec.DecodeError:
            raise FolderUnusable(f"{file} is not what a sandbox wrote: remove it") from None
    tokens = {
        name: (f"xoxb-{secrets.token_hex(12)}", f"xapp-{secrets.token_hex(12)}")
        for name in workspaces
    }
    return State(secrets.token_urlsafe(16), tokens)


def write(file: Path, state: State) -> None:
    """Keep the state, readable by its owner alone."""
    file.touch(mode=0o600)
    file.write_bytes(msgspec.json.encode(state))
