"""Feeds of advisories as files: one, or each of a folder and those below it, with what lies beside
them: hashes, signatures, and in folders that are called `openpgp` the keys of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from bot.advisories.sources.catalogue import LARGEST, read_catalogue
from bot.advisories.sources.csaf.reading import read_csaf
from bot.advisories.sources.feed import Form
from bot.advisories.sources.gathered import READ, Found, Gathered, as_found
from bot.advisories.sources.hashing import check_hash
from bot.advisories.sources.listing import Metadata, read_list
from bot.advisories.sources.refusals import Refusal, Refused
from bot.errors import FeedError
from bot.feeds.problems import Problem
from bot.feeds.standing import Remembered

if TYPE_CHECKING:
    from pysequoia import Cert

_MOST = 10_000
"""Files of a folder."""
_BESIDE = 1_000_000
"""Bytes of a hash, signature or key."""
_HASHES, _SIGNATURE = (".sha512", ".sha256"), ".asc"
_KEYS, _METADATA = "openpgp", "provider-metadata.json"


def from_files(form: Form, path: Path, remembered: Remembered) -> Gathered:
    """What is other than before. Raises FeedError where there is nothing at all."""
    try:
        paths = sorted(_files(path)) if path.is_dir() else [path]
        folder = _Folder(form, path, tuple(paths[:_MOST]))
        seen: dict[str, str] = {}
        found: list[Found] = []
        for each in folder.read:
            name = folder.name_of(each)
            beside = folder.beside(each)
            printed = " ".join(map(_stat, (each, *beside)))
            old = remembered.events.get(name, "")
            if old.startswith(f"{printed} "):
                seen[name] = old
                continue
            with each.open("rb") as file:
                content = file.read(LARGEST)
            whole = b"".join((content, *map(_told, beside)))
            seen[name] = f"{printed} {blake2b(whole, digest_size=16).hexdigest()}"
            if seen[name].rpartition(" ")[2] != old.rpartition(" ")[2]:
                found += folder.found(each, content)
    except OSError:
        raise FeedError(Problem.MISSING) from None
    if not paths:
        raise FeedError(Problem.MISSING)
    there = frozenset(seen) if form == "csaf" else None
    if form != "csaf" and found and folder.paths == (path,):
        there = frozenset(each.place for each in found)
    return Gathered(Remembered(cursor=READ, events=seen), found, len(seen), there=there)


@dataclass(frozen=True)
class _Folder:
    """What lies there, and what proves it."""

    form: Form
    root: Path
    paths: tuple[Path, ...]

    @property
    def read(self) -> list[Path]:
        """The files that hold something: what lies beside documents proves it."""
        return [p for p in self.paths if self.form != "csaf" or p.name.endswith(".json")]

    def name_of(self, path: Path) -> str:
        return path.name if path == self.root else str(path.relative_to(self.root))

    def beside(self, path: Path) -> list[Path]:
        """What proves a document: if one of these is another, it is looked at again."""
        if self.form != "csaf":
            return []
        proofs = [path.with_name(path.name + each) for each in (*_HASHES, _SIGNATURE)]
        there = [each for each in proofs if each.is_file()]
        signed = bool(there) and there[-1].name.endswith(_SIGNATURE)
        return [*there, *self.keys] if signed else there

    @cached_property
    def keys(self) -> Sequence[Path]:
        """The keys that lie in it."""
        if self.paths == (self.root,):
            return ()
        return tuple(p for p in self.paths if _KEYS in p.relative_to(self.root).parts[:-1])

    @cached_property
    def certificates(self) -> Sequence[Cert]:
        """Those that hold; of a folder with metadata those that the metadata name."""
        # its library takes memory, and most folders have no signatures
        from bot.advisories.sources.proving import read_key  # noqa: PLC0415

        lists = [_list(_told(path)) for path in self.paths if path.name == _METADATA]
        named = {
            key.fingerprint
            for each in lists
            if isinstance(each, Metadata)
            for key in each.public_openpgp_keys
        }
        tried = [read_key(_told(key), each) for key in self.keys for each in named or {""}]
        return tuple(each for each in tried if each is not None)

    def found(self, path: Path, content: bytes) -> list[Found]:
        """What a file holds. Raises FeedError for a catalogue that is none."""
        if self.form != "csaf":
            return read_catalogue(self.form, content)
        name = self.name_of(path)
        try:
            self._prove(path, content)
            return [as_found(name, read_csaf(content))]
        except Refused as error:
            listed = error.reason is Refusal.UNREADABLE and _is_list(content)
            return [] if listed else [as_found(name, error)]

    def _prove(self, path: Path, content: bytes) -> None:
        """Raise Refused where a hash, or a signature whose key is given, is of something else."""
        for each in self.beside(path):
            if each.suffix in _HASHES:
                check_hash(content, _told(each))
        signature = path.with_name(path.name + _SIGNATURE)
        if self.keys and signature.is_file():
            from bot.advisories.sources.proving import check_signature  # noqa: PLC0415  see above

            check_signature(content, _told(signature), self.certificates)


def _files(folder: Path) -> list[Path]:
    found = (each for each in folder.rglob("*") if not each.name.startswith("."))
    return [each for each in found if each.is_file()]


def _stat(file: Path) -> str:
    stat = file.stat()
    return f"{stat.st_size} {stat.st_mtime_ns}"


def _told(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(_BESIDE)


def _list(content: bytes) -> object:
    """A provider's metadata or feed, which lie among its documents; None for anything else."""
    try:
        return read_list(content)
    except FeedError:
        return None


def _is_list(content: bytes) -> bool:
    return _list(content) is not None
