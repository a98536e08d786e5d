"""The tables of the indicators: what sources say of values, and what people add to it.

Keys are hashes (see `bot.indicators.keys`): of fixed size, whatever a source sends. What is read
for every value that somebody asks about lies clustered by its key, and the bytes that a source
gave lie apart from it. Foreign keys are left out where bulk writing would pay for each row.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.columns import Numbered, Sequence
from bot.store.tables.base import Base, only

_CLUSTERED = {"sqlite_with_rowid": False}


class Tide(Base):
    """One row: the last number that an object got, and what grows with every change, for caches."""

    __tablename__ = "indicator_tide"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(BigInteger)
    epoch: Mapped[int] = mapped_column(BigInteger)


class Source(Base):
    """Who says things: a feed, a team by itself, or what was imported by hand."""

    __tablename__ = "indicator_source"

    id: Mapped[Numbered]
    kind: Mapped[str]
    """feed, team, import."""
    name: Mapped[str]
    marking: Mapped[int]
    """Of what it says without a marking; who may see that may know of the source."""
    confidence: Mapped[int | None]
    """Of what names none, when it was last read; likewise"""
    ttl: Mapped[int | None] = mapped_column(BigInteger)
    """for how long something holds that does not say so itself, in microseconds."""
    read: Mapped[datetime | None]
    """When it was last read whole; None for what is not read by itself."""
    tried: Mapped[datetime | None]
    fault: Mapped[str | None]
    """Why it could not be read when it was last tried, as a code."""
    holder: Mapped[str | None]
    """Who imports into it: a random word, None where nobody does."""
    settled: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    """The last of its objects that can be found by its id and values: an import writes these down
    later, many at once and sorted, and whoever begins the next one those that were left."""
    red: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many TLP:RED objects the last reading set aside; nothing else is known of them."""

    __table_args__ = (UniqueConstraint("kind", "name"),)


class Interned(Base):
    """A marking with whose it is: many objects have the same. "" where there is none."""

    __tablename__ = "indicator_marking"

    id: Mapped[Numbered]
    label: Mapped[str]
    releasable: Mapped[str]
    """JSON of `bot.sharing.marking.Releasable`."""
    originator: Mapped[str]

    __table_args__ = (UniqueConstraint("label", "releasable", "originator"),)


class Object(Base):
    """The newest version of an object of one source. A new version is a new row, with a higher
    `id`: rows are only ever added and removed.
    """

    __tablename__ = "indicator_object"

    id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=False)
    source: Mapped[int]
    key: Mapped[int] = mapped_column(BigInteger)
    ref: Mapped[str]
    version: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    marking: Mapped[int]
    said: Mapped[datetime]
    """Since when it counts as said: who was in a group by then may see it."""
    first: Mapped[datetime]
    """When its first version came."""
    past: Mapped[str] = mapped_column(default="", server_default=text("''"))
    """When each of its versions came, by their markings (`bot.indicators.versions`); "" where it
    has had no other."""
    received: Mapped[datetime]
    revoked: Mapped[bool]
    name: Mapped[str]
    confidence: Mapped[int | None]
    labels: Mapped[str]
    """JSON of a list, "" for none; likewise"""
    phases: Mapped[str]
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    named: Mapped[str]
    """The values that it speaks of: JSON of lists of kind, value and whether it is only a part."""
    opaque: Mapped[str]
    given: Mapped[int | None]
    """The marking that its source gave it, where it was released since; else None."""
    amended: Mapped[datetime | None]
    """Since when it is given out as another version, where its source's defaults changed it."""

    __table_args__ = (
        Index("ix_indicator_object_said", "source", "marking", "said"),
        Index("ix_indicator_object_amended", "amended", **only("amended IS NOT NULL")),
    )


class Raw(Base):
    """What a source gave, byte for byte."""

    __tablename__ = "indicator_raw"

    object: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=False)
    raw: Mapped[bytes]


class Identity(Base):
    """What is known of an id by each source: the row `object`, None where it was withdrawn."""

    __tablename__ = "indicator_identity"

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    source: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    object: Mapped[int | None] = mapped_column(BigInteger)
    digest: Mapped[int] = mapped_column(BigInteger)
    """Of the bytes: what comes again unchanged is known by it."""
    version: Mapped[int | None] = mapped_column(BigInteger)
    """Of what was withdrawn: an older one does not come back."""

    __table_args__ = (_CLUSTERED,)


class Statement(Base):
    """A value, and an object that speaks of it."""

    __tablename__ = "indicator_statement"

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    object: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    part: Mapped[bool]

    __table_args__ = (_CLUSTERED,)


class Tag(Base):
    """A label, and an object that bears it and speaks of values. `key`: of the label."""

    __tablename__ = "indicator_tag"

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    object: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)

    __table_args__ = (_CLUSTERED,)


class Network(Base):
    """A network, and an object that speaks of it. `key`: the prefix's length, then 16 bytes."""

    __tablename__ = "indicator_network"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    object: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)

    __table_args__ = (_CLUSTERED,)


class Tie(Base):
    """How two objects of one source hang together, and the object that says so."""

    __tablename__ = "indicator_link"

    id: Mapped[Numbered]
    object: Mapped[int] = mapped_column(BigInteger)
    source: Mapped[int]
    kind: Mapped[str]
    start: Mapped[int] = mapped_column(BigInteger)
    target: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        Index("ix_indicator_link_start", "start", "source"),
        Index("ix_indicator_link_target", "target", "source"),
        Index("ix_indicator_link_kind", "target", "kind"),
        Index("ix_indicator_link_object", "object"),
    )


class Sighted(Base):
    """Somebody saw something: an object's word of another (`of`), a team's of a value (`key`)."""

    __tablename__ = "indicator_sighting"

    id: Mapped[Numbered]
    object: Mapped[int | None] = mapped_column(BigInteger)
    source: Mapped[int | None]
    of: Mapped[int | None] = mapped_column(BigInteger)
    key: Mapped[int | None] = mapped_column(BigInteger)
    team: Mapped[str | None]
    """Who saw it; None: anonymously, and then it is kept nowhere."""
    times: Mapped[int]
    first: Mapped[datetime | None]
    last: Mapped[datetime | None]
    place: Mapped[str]
    marking: Mapped[int]
    said: Mapped[datetime]

    __table_args__ = (
        Index("ix_indicator_sighting_of", "of", "source", **only("of IS NOT NULL")),
        Index("ix_indicator_sighting_key", "key", **only("key IS NOT NULL")),
        Index("ix_indicator_sighting_object", "object", **only("object IS NOT NULL")),
    )


class Quarantined(Base):
    """An object that was set aside, and why. Of TLP:RED there is no row."""

    __tablename__ = "indicator_quarantine"

    source: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    reason: Mapped[str]
    ref: Mapped[str]
    raw: Mapped[bytes | None]
    received: Mapped[datetime]


class Stretch(Base):
    """A stretch of a file, by its hash, of which all objects were taken in as they stand there.
    All of a source's are dropped when anything of it is replaced or withdrawn.
    """

    __tablename__ = "indicator_stretch"

    source: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    objects: Mapped[int]

    __table_args__ = (_CLUSTERED,)


class Tally(Base):
    """How much a source says at each marking."""

    __tablename__ = "indicator_tally"

    source: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    marking: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    objects: Mapped[int]
    indicators: Mapped[int]


class WarningList(Base):
    """A list of values that are seldom an indicator of anything (MISP's warning lists)."""

    __tablename__ = "warning_list"

    id: Mapped[Numbered]
    slug: Mapped[str]
    name: Mapped[str]
    version: Mapped[str]
    kinds: Mapped[str]
    """JSON of the kinds of values that it is about."""

    __table_args__ = (UniqueConstraint("slug"), {"sqlite_autoincrement": True})


class WarningEntry(Base):
    """A value on a list: a domain stands for those below it too, where the list says so."""

    __tablename__ = "warning_list_entry"

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    list: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    below: Mapped[bool]

    __table_args__ = (_CLUSTERED,)


class WarningNetwork(Base):
    """A network on a list; `key` as of `Network`."""

    __tablename__ = "warning_list_network"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    list: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)

    __table_args__ = (_CLUSTERED,)


class Watch(Base):
    """Somebody who wants to hear when anything new is said of a value, network, domain or text."""

    __tablename__ = "indicator_watch"

    id: Mapped[Numbered]
    person: Mapped[str]
    team: Mapped[str | None]
    kind: Mapped[str]
    """Of the value; `below` for what is below a domain, `text` for a word."""
    value: Mapped[str]
    place: Mapped[str]
    """Where they are told: JSON."""
    since: Mapped[datetime]
    seen: Mapped[int] = mapped_column(BigInteger)
    """The last object that was looked at for it."""

    __table_args__ = (UniqueConstraint("person", "kind", "value"),)


class FalsePositive(Base):
    """A team's word that a value is harmless."""

    __tablename__ = "indicator_false_positive"

    id: Mapped[Numbered]
    key: Mapped[int] = mapped_column(BigInteger)
    team: Mapped[str]
    note: Mapped[str]
    marking: Mapped[int]
    said: Mapped[datetime]

    __table_args__ = (Index("ix_indicator_false_positive_key", "key", "team", unique=True),)


class Contribution(Base):
    """What a team wants to add and a second team has to agree to, by its handle."""

    __tablename__ = "indicator_contribution"

    id: Mapped[Numbered]
    handle: Mapped[str]
    person: Mapped[str]
    team: Mapped[str]
    kind: Mapped[str]
    value: Mapped[str]
    note: Mapped[str]
    marking: Mapped[int]
    reason: Mapped[str]
    """Why a second team is needed, as a code."""
    created: Mapped[datetime]
    closed: Mapped[datetime | None]
    by: Mapped[str | None]
    """The team that agreed, or refused."""
    agreed: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    __table_args__ = (UniqueConstraint("handle"),)


class Asked(Base):
    """How many values a person has looked up in bulk on one day: never which."""

    __tablename__ = "indicator_quota"

    person: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    team: Mapped[str | None]
    values: Mapped[int]
    told: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """Whether the team's admins have heard of it."""
