"""Where something lies on a machine: file names, paths, registry keys."""

from __future__ import annotations

import re
import unicodedata

_NOT_IN_A_NAME = re.compile(r'[/\\:*?"<>|\x00-\x1f]')
_DRIVE = re.compile(r"(?:[A-Za-z]:|%[A-Za-z0-9_()]{1,60}%|\$env:[A-Za-z0-9_]{1,60})(?=[\\/])")
_NOT_IN_WINDOWS = re.compile(r'[*?"<>|\x00-\x1f]')
_SLASHES = re.compile(r"[\\/]+")
_HIVES = {
    "hklm": "HKEY_LOCAL_MACHINE",
    "hkcu": "HKEY_CURRENT_USER",
    "hku": "HKEY_USERS",
    "hkcr": "HKEY_CLASSES_ROOT",
    "hkcc": "HKEY_CURRENT_CONFIG",
    "hkpd": "HKEY_PERFORMANCE_DATA",
}
_LONG = {name.lower(): name for name in _HIVES.values()}
_KERNEL = re.compile(r"^\\?registry\\(machine|user)(?=\\|$)", re.IGNORECASE)
_LONGEST_NAME = 255
_LONGEST = 4096


def file_name(text: str) -> str | None:
    """Without regard to case, as Windows and most sources have it; never a path."""
    bare = text.strip() if len(text) <= _LONGEST_NAME * 2 else ""
    if not bare or _NOT_IN_A_NAME.search(bare) or bare in (".", ".."):
        return None
    return lower(bare).strip() or None


def file_path(text: str) -> str | None:
    """Of Windows: lower case, single backslashes. Of POSIX: as it stands, single slashes.

    `.` and `..` stay: what a path leads to can be told on its machine only.
    """
    bare = text.strip() if len(text) <= _LONGEST else ""
    if bare.startswith(("/", "~/")):
        path = re.sub(r"/{2,}", "/", bare)
        return path if len(path) > 1 and not re.search(r"[\x00-\x1f]", path) else None
    share = bare.startswith("\\\\")
    if not (share or _DRIVE.match(bare)) or _NOT_IN_WINDOWS.search(bare[4:] if share else bare):
        return None
    path = lower(_SLASHES.sub(r"\\", bare)).rstrip()
    if share:
        path = "\\" + path
    return path if len(path.strip("\\")) > 2 else None


def registry_key(text: str) -> str | None:
    """The hive's long name, the rest in lower case: the registry does not tell cases apart."""
    bare = text.strip() if len(text) <= _LONGEST else ""
    if not bare.isprintable():
        return None
    path = re.sub(r"\\+", r"\\", bare).removeprefix("Computer\\").rstrip("\\")
    if found := _KERNEL.match(path):
        path = ("hklm" if found[1].lower() == "machine" else "hku") + path[found.end() :]
    hive, slash, rest = path.partition("\\")
    known = hive.lower().removesuffix(":")
    name = _HIVES.get(known) or _LONG.get(known)
    if name is None:
        return None
    return f"{name}\\{lower(rest)}" if slash else name


def lower(text: str) -> str:
    """Lower case, composed: the same again for what came out of it."""
    made = unicodedata.normalize("NFC", text).lower()
    return unicodedata.normalize("NFC", made)
