"""What a source says, read: inert values, the same for STIX, MISP, lists and what people type."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec import Struct

from bot.indicators.observable import Observable
from bot.sharing.marking import Marking


class Said(NamedTuple):
    """A value that an object speaks of. `part`: it is said of the value only together with others
    (a leaf under AND), and the value alone proves nothing. `file`: hashes with the same number,
    other than 0, are of one file.
    """

    observable: Observable
    part: bool = False
    file: int = 0


class Link(NamedTuple):
    """How two objects of one source hang together: `indicates`, `attributed-to`, `uses` …; also
    what an object names by a reference of its own (`created_by_ref`, without `_ref`).
    """

    kind: str
    source: str
    target: str


class Seen(NamedTuple):
    """A sighting: of which object, how often, and from when until when (as of `Thing`)."""

    of: str
    times: int = 1
    first: int | None = None
    last: int | None = None


class Thing(Struct, frozen=True, gc=False):
    """One object as one source gave it. Times are microseconds since 1970, in UTC.

    `id` is the source's own, and with `version` (STIX's `modified`, 0 where there is none) names
    it for ever; `raw` is what the source gave, byte for byte. `marking` None: it names none, and
    has its source's default. `confidence` None is unspecified, which is not 0.
    """

    id: str
    kind: str
    """Its STIX type; `line` for a row of a list."""
    raw: bytes
    version: int = 0
    marking: Marking | None = None
    revoked: bool = False
    name: str = ""
    confidence: int | None = None
    labels: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    """Kill-chain phases: `mitre-attack:initial-access`."""
    valid_from: int | None = None
    valid_until: int | None = None
    said: tuple[Said, ...] = ()
    links: tuple[Link, ...] = ()
    seen: Seen | None = None
    opaque: str = ""
    """Why nothing of it could be indexed (a pattern that cannot be taken apart …), as a code; it
    is kept, counted, and shown as such."""
    external: tuple[str, ...] = ()
    """What others call it: `mitre-attack:T1059`."""
    notes: tuple[str, ...] = ()
    """What was odd in it, as codes; it was taken all the same."""


class Rejected(Struct, frozen=True, gc=False):
    """An object that was set aside: never the bundle that it came in.

    `reason` is a code of a closed list; `id` is "" where it has none that can be read; `raw` is
    "" where it is too large to be kept, or may not be kept (TLP:RED).
    """

    reason: str
    id: str = ""
    raw: bytes = b""
    version: int = 0
    """Of a TLP:RED one whose lower version may be stored: 0 where it cannot be read."""


class Unread(Struct, frozen=True, gc=False):
    """An object of which no more than where it ends was looked at: what has come before, unchanged,
    need not be read again, and of a source that is new not even the id by itself. `read` gives
    what it is; it may be called from any thread.
    """

    raw: bytes
    reader: Callable[[bytes], Thing | Rejected]
    namer: Callable[[bytes], str]

    @property
    def id(self) -> str:
        """Its id; "" where it has none that can be read."""
        return self.namer(self.raw)

    def read(self) -> Thing | Rejected:
        """All that it says."""
        return self.reader(self.raw)


Item = Thing | Rejected | Unread
"""What a reader gives."""
