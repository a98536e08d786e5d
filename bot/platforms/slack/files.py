"""Slack's file objects as files of ours: pure. https://docs.slack.dev/reference/objects/file-object"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.events import AccountId, File, FileKind
from bot.platforms.slack import markup
from bot.platforms.slack.people import ID

CHECK = "check_file_info"
"""The `file_access` of a file of which a message tells no more than the id (Slack Connect)."""
MOST = 50
"""Files of one message that are read."""
_FRESH = 60
"""Seconds for which a file counts as uploaded for the message that brings it."""
_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")
_LINKED = ("external", "remote")  # no set: what is compared may be of any shape
"""The `mode` of what lies elsewhere (a document of another service): a link, no bytes."""
_GONE = ("tombstone",)
_HOSTED = "hosted"
_KINDS = {"image": FileKind.IMAGE, "video": FileKind.VIDEO, "audio": FileKind.AUDIO}


def files_of(message: Mapping[str, Any], account: AccountId) -> tuple[File, ...]:
    """The files of a message that can be fetched, or that stay hidden (Slack's limit on old
    files: opening those is refused). What was deleted and what lies elsewhere is not among them.
    """
    return tuple(
        file_of(found, account)
        for found in listed(message)
        if found.get("mode") not in (*_GONE, *_LINKED)
    )


def links_of(message: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Address and title of each file of a message that lies elsewhere."""
    for found in listed(message):
        if found.get("mode") in _LINKED:
            address = _text(found, "external_url") or _text(found, "permalink")
            if address.startswith(("https://", "http://")):
                yield address, _text(found, "title") or _text(found, "name") or address


def listed(message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The well-formed file objects of a message."""
    found = message.get("files")
    for item in found[:MOST] if isinstance(found, list) else []:
        match item:
            case {"id": str(file)} if ID.fullmatch(file):
                yield item


def unknown(message: Mapping[str, Any]) -> tuple[str, ...]:
    """The ids of the files of which a message tells nothing yet, or not where they were shown
    before, though they are older than it.
    """
    ts = message.get("ts")
    return tuple(
        found["id"] for found in listed(message) if _is_bare(found) or _is_older(found, ts)
    )


def shown_before(message: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Channel and `ts` of each earlier message that shows a file of a message, as far as that says
    so: who shares a file anew forwards it.
    """
    own = _moment(message.get("ts"))
    for found in listed(message):
        shares = found.get("shares")
        for part in shares.values() if isinstance(shares, Mapping) else ():
            for channel, places in part.items() if isinstance(part, Mapping) else ():
                for place in places if isinstance(places, list) else ():
                    ts = place.get("ts") if isinstance(place, Mapping) else None
                    if isinstance(ts, str) and 0 < _moment(ts) < own and ID.fullmatch(channel):
                        yield channel, ts


def _is_older(found: Mapping[str, Any], ts: object) -> bool:
    created = found.get("timestamp", found.get("created"))
    told = isinstance(found.get("shares"), Mapping) or not isinstance(created, int)
    return not told and float(created or 0) + _FRESH < _moment(ts)


def _moment(ts: object) -> float:
    """A `ts` in seconds since 1970, 0 where it is none."""
    return float(ts) if isinstance(ts, str) and _TS.fullmatch(ts) else 0.0


def _is_bare(found: Mapping[str, Any]) -> bool:
    untold = not found.get("mimetype") and found.get("mode", _HOSTED) == _HOSTED
    return untold or found.get("file_access") == CHECK


def known(message: Mapping[str, Any], told: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The message with what `files.info` told of its files, by id."""
    files = [told.get(found["id"], found) for found in listed(message)]
    return {**message, "files": files}


def file_of(found: Mapping[str, Any], account: AccountId) -> File:
    """One file object; its handle is its id, and its address where that is known."""
    mimetype = _text(found, "mimetype").lower()[:100]
    title = _text(found, "title")
    name = _text(found, "name") or title or found["id"]
    return File(
        account=account,
        handle=f"{found['id']} {address_of(found)}".rstrip(),
        name=name,
        kind=_kind(found, mimetype),
        mimetype=mimetype,
        size=_count(found, "size"),
        width=_count(found, "original_w"),
        height=_count(found, "original_h"),
        seconds=milliseconds / 1000 if (milliseconds := _count(found, "duration_ms")) else None,
        alt=_text(found, "alt_txt"),
        title="" if title == name else title,
    )


def address_of(found: Mapping[str, Any]) -> str:
    """Where a file's bytes are, "" where that is not said."""
    address = _text(found, "url_private_download") or _text(found, "url_private")
    return address if address.startswith(("https://", "http://")) and " " not in address else ""


def place_of(handle: str) -> tuple[str, str]:
    """A handle's file id and address; the address may be empty."""
    file, _, address = handle.partition(" ")
    return file, address


def share_of(found: Mapping[str, Any], channel: str) -> str | None:
    """The `ts` of the message that shows a file in a channel, None where there is none (yet)."""
    stamps: list[str] = []
    shares = found.get("shares")
    for part in ("public", "private"):
        places = shares.get(part) if isinstance(shares, Mapping) else None
        shown = places.get(channel) if isinstance(places, Mapping) else None
        for place in shown if isinstance(shown, list) else []:
            match place:
                case {"ts": str(ts)}:
                    stamps.append(ts)
    return min(stamps, default=None)


def _kind(found: Mapping[str, Any], mimetype: str) -> FileKind:
    if found.get("subtype") == "slack_audio":
        return FileKind.VOICE
    return _KINDS.get(mimetype.partition("/")[0], FileKind.FILE)


def _text(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    return markup.storable(value[:4_000]).strip() if isinstance(value, str) else ""


def _count(found: Mapping[str, Any], key: str) -> int | None:
    """A positive number, which Slack also writes as text."""
    value = found.get(key)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 16:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
