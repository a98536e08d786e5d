"""Addresses: which may be linked, what a link of Matrix's own points at, what a text seems to."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum
from urllib.parse import quote, unquote

from bot.platforms.matrix.syntax import is_user_id, parse_room

SCHEMES = frozenset({"http", "https", "mailto", "ftp", "magnet", "xmpp", "matrix"})
"""What may be linked (client-server API, `m.room.message`, permitted HTML), with xmpp and
matrix. A link to anything else is its text."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(?=[^\s])")
_SPACES = re.compile(
    "[\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u2069\u3000\ufeff]"
)
_MATRIX_TO = re.compile(r"https?://(?:www\.)?matrix\.to/#/([^?]*)", re.IGNORECASE)
_MATRIX_URI = re.compile(
    r"matrix:(?:(u|r|roomid)|[^/?]*)/([^?/]+)(/e(?:vent)?/[^?]+)?", re.IGNORECASE
)
_SIGIL = {"u": "@", "r": "#", "roomid": "!"}
_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_WORDS = re.compile(r"(?:(?<=//)|(?<![\w./-]))[\w.-]++")
_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_][\w-]+|(?:\d{1,3}\.){3}\d{1,3}")
_DOTS = str.maketrans(dict.fromkeys("\u3002\uff0e\uff61\u2024\u00b7", "."))


class Kind(Enum):
    """What a link of Matrix's own points at."""

    PERSON = "person"
    ROOM = "room"
    EVENT = "event"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Target:
    """A place in Matrix; `id` is the person's, or the room's id or alias."""

    kind: Kind
    id: str = ""


def may_link(url: str) -> bool:
    """Whether this is an address that may be linked, with nothing in it that hides the rest."""
    scheme = _SCHEME.match(url)
    return scheme is not None and scheme[1].lower() in SCHEMES and not _SPACES.search(url)


def target(url: str) -> Target | None:
    """What a `matrix.to` or `matrix:` link points at, None for any other address.

    As in the specification's appendix "URIs": `matrix.to/#/@ada:example.org`, `…/!room/$event`,
    `matrix:u/ada:example.org`, `matrix:r/alias:server`, `matrix:roomid/…/e/event`.
    """
    if (found := _MATRIX_TO.match(url)) is not None:
        return _of_matrix_to(found[1].rstrip("/"))
    if url[:7].lower() != "matrix:":
        return None
    uri = _MATRIX_URI.match(url)
    if uri is None or not uri[1]:
        return Target(Kind.UNKNOWN)
    return _place(_SIGIL[uri[1].lower()] + unquote(uri[2]), event=bool(uri[3]))


def pill(identifier: str) -> str:
    """The address of a person's or room's pill."""
    return "https://matrix.to/#/" + quote(identifier, safe="@:!.=_-~$+")


def was_made(url: str, text: str) -> bool:
    """Whether a link may have been made of the text alone, by a client or by its author."""
    bare = url.removesuffix("/")
    return text in {url, bare} or any(
        bare == prefix + text.removesuffix("/")
        for prefix in ("http://", "https://", "mailto:", "ftp://", "xmpp:")
    )


def has_another_face(url: str, text: str) -> bool:
    """Whether a text seems to be an address that is not the link's.

    Each name of a host in it counts, as a person would read it, and must be the link's own.
    """
    seen = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text.translate(_DOTS))).casefold()
    if "://" not in seen and "." not in seen:
        return False
    if was_made(url.casefold(), seen):
        return False
    words = {word.strip(".-") for word in _WORDS.findall(seen)}
    hosts = {word.removeprefix("www.") for word in words if _HOST.fullmatch(word)}
    return bool(hosts - {_host(url)}) or ("://" in seen and not hosts)


def _host(url: str) -> str:
    rest = re.split(r"[/?#]", url.partition(":")[2].removeprefix("//"), maxsplit=1)[0]
    host = rest.rpartition("@")[2].casefold()
    return re.sub(r":\d*$", "", host).removeprefix("www.")


def _of_matrix_to(path: str) -> Target:
    whole = unquote(path)
    if whole.startswith("@"):
        return _place(whole, event=False)
    first, _, rest = path.partition("/")
    return _place(unquote(first), event=bool(rest))


def _place(identifier: str, *, event: bool) -> Target:
    if identifier.startswith("@"):
        person = is_user_id(identifier) and not event
        return Target(Kind.PERSON, identifier) if person else Target(Kind.UNKNOWN)
    if parse_room(identifier) is None:
        return Target(Kind.UNKNOWN)
    return Target(Kind.EVENT if event else Kind.ROOM, identifier)
