"""A message's file: what its event says of it, and the handle by which it is fetched again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from bot.events import AccountId, File, FileKind
from bot.platforms.matrix import markup
from bot.platforms.matrix.envelope import as_object, as_text, number

LONGEST_NAME = 200
"""Characters of a file's name, its ending included."""

_KINDS = {
    "m.image": FileKind.IMAGE,
    "m.video": FileKind.VIDEO,
    "m.audio": FileKind.AUDIO,
    "m.file": FileKind.FILE,
    "m.sticker": FileKind.IMAGE,
}
_LONGEST_ENDING = 20
_VOICE = ("m.voice", "org.matrix.msc3245.voice", "org.matrix.msc3245.voice.v2")
HIDDEN = ("page.codeberg.everypizza.msc4193.spoiler", "m.spoiler")
"""Flags of a file that is hidden until a reader asks: MSC4193, the first until it is merged."""
_WARNING = "town.robin.msc3725.content_warning"
"""The same by another proposal (MSC3725), whatever the warning is of."""
_DEFAULT_NAMES = {
    FileKind.IMAGE: "image",
    FileKind.VIDEO: "video",
    FileKind.AUDIO: "audio",
    FileKind.VOICE: "voice",
    FileKind.FILE: "file",
}
_MXC = re.compile(r"mxc://([0-9A-Za-z.:\[\]-]{1,255})/([0-9A-Za-z_-]{1,255})")
_MIMETYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}")
_NOT_IN_NAMES = re.compile(r'[/\\\x00-\x1f\x7f<>:"|?*]+')


class Key(msgspec.Struct, frozen=True):
    """What an encrypted file is opened with (client-server API, "Sending encrypted attachments").

    All three in base64 as they came: an AES-CTR key of 256 bits, the counter it begins with, and
    the SHA-256 of the encrypted bytes.
    """

    key: str
    iv: str
    sha256: str


class Handle(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a file lies, and its key if it is encrypted there."""

    mxc: str
    key: Key | None = None


def read_handle(handle: str) -> Handle | None:
    """The handle of a `File`, None if it is none of ours."""
    try:
        found = msgspec.json.decode(handle, type=Handle)
    except (msgspec.MsgspecError, UnicodeEncodeError):
        return None
    return found if mxc_parts(found.mxc) else None


def handle_of(mxc: str) -> str:
    """The handle of a file that lies at an `mxc://` address, not encrypted."""
    return msgspec.json.encode(Handle(mxc)).decode()


def mxc_parts(mxc: str) -> tuple[str, str] | None:
    """The server and the media id of an `mxc://` address, None if it is none."""
    found = _MXC.fullmatch(mxc)
    return (found[1], found[2]) if found else None


def mimetype(value: Any) -> str:
    """A media type in lower case and without parameters, "" for whatever is none."""
    bare = value.partition(";")[0].strip().lower() if isinstance(value, str) else ""
    return bare if _MIMETYPE.fullmatch(bare) else ""


def file_name(name: str) -> str:
    """A name that is one everywhere: on one line, no path, not too long, its ending kept."""
    bare = _NOT_IN_NAMES.sub("_", markup.storable(name))
    bare = "".join(character for character in bare if character.isprintable()).strip(" .")
    if len(bare) <= LONGEST_NAME:
        return bare
    stem, dot, ending = bare.rpartition(".")
    if not dot or len(ending) > _LONGEST_ENDING:
        return bare[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"


def read_file(account: AccountId, kind: str, content: Mapping[str, Any]) -> File | None:
    """The file of a message, None where it has none.

    `kind` is the `msgtype`, or `m.sticker`; `content` is the event's, or what an edit made of it.
    """
    shown_as = _KINDS.get(kind)
    handle = _handle(content)
    if shown_as is None or handle is None:
        return None
    if shown_as is FileKind.AUDIO and any(key in content for key in _VOICE):
        shown_as = FileKind.VOICE
    info, body = as_object(content.get("info")), as_text(content.get("body"))
    name = as_text(content.get("filename")) or ("" if kind == "m.sticker" else body)
    milliseconds = number(info.get("duration"))
    return File(
        account=account,
        handle=msgspec.json.encode(handle).decode(),
        name=file_name(name) or _DEFAULT_NAMES[shown_as],
        kind=shown_as,
        mimetype=mimetype(info.get("mimetype")),
        size=number(info.get("size")),
        width=number(info.get("w")),
        height=number(info.get("h")),
        seconds=None if milliseconds is None else milliseconds / 1000,
        alt=body if kind == "m.sticker" else "",
        hidden=any(content.get(flag) is True for flag in HIDDEN) or _WARNING in content,
    )


def has_caption(content: Mapping[str, Any]) -> bool:
    """Whether a file's `body` is a caption (client-server API 1.10, "Media captions")."""
    name, body = content.get("filename"), content.get("body")
    return isinstance(name, str) and bool(name) and isinstance(body, str) and body != name


def _handle(content: Mapping[str, Any]) -> Handle | None:
    url = content.get("url")
    if isinstance(url, str) and mxc_parts(url):
        return Handle(url)
    file = as_object(content.get("file"))
    url, key = file.get("url"), as_object(file.get("key")).get("k")
    iv, digest = file.get("iv"), as_object(file.get("hashes")).get("sha256")
    if not isinstance(url, str) or not mxc_parts(url):
        return None
    if not isinstance(key, str) or not isinstance(iv, str) or not isinstance(digest, str):
        return None
    opened_with = Key(as_text(key), as_text(iv), as_text(digest))
    return Handle(url, opened_with)
