"""Every table, typed."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, MetaData, Text, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.store.columns import Instant, Sequence


def only(condition: str) -> dict[str, Any]:
    """An index of the rows for which a condition holds, on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Base(DeclarativeBase):
    """All tables, with names for their constraints so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, str: Text}  # noqa: RUF012  SQLAlchemy's own spelling


class InboxState(StrEnum):
    """What became of something that arrived."""

    DONE = "done"
    PENDING = "pending"
    """A command that is still to be run."""
    FAILED = "failed"
    """The handler could not deal with it; `reference` is in the log."""


class Inbox(Base):
    """What has arrived, each thing once: a row is the proof that it was seen."""

    __tablename__ = "inbox"

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    room: Mapped[str]
    kind: Mapped[str]
    message: Mapped[str]
    """The network's own id of what it is about: message, call."""
    version: Mapped[str] = mapped_column(default="")
    """Tells states of one message apart (the time of an edit)."""
    state: Mapped[str]
    received: Mapped[datetime]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    """JSON of a pending command, erased when it has run."""
    reference: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("room", "kind", "message", "version"),
        Index("ix_inbox_pending", "seq", **only("state = 'pending'")),
        Index("ix_inbox_received", "received"),
    )


class Knowledge(StrEnum):
    """How we know of a message."""

    SAID = "said"
    EDITED = "edited"
    """By an edit alone: what is relayed stands in for it until it comes, if it ever does."""
    TOLD = "told"
    """By history, for a room that asked for what was said before: no other room has got it."""
    NAMED = "named"
    """By what was done to it alone: an answer, a reaction, its deletion. Nothing is relayed."""


class Message(Base):
    """A message that people said in a room of a channel: what links, edits and threads hang on."""

    __tablename__ = "message"

    id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    room: Mapped[str]
    message: Mapped[str]
    channel: Mapped[str]
    author: Mapped[str]
    said: Mapped[datetime]
    received: Mapped[datetime]
    thread: Mapped[str | None]
    """The thread's root, by the origin room's own id."""
    known: Mapped[str] = mapped_column(default=Knowledge.SAID, server_default="said")
    version: Mapped[str | None]
    """The newest edit that was taken over, None for the first words."""
    deleted: Mapped[datetime | None]
    originator: Mapped[str | None]
    """The team whose word it is, None where its author was of none."""
    label: Mapped[str | None]
    """The label that it bears itself, None for its channel's default of whenever it is asked."""
    spoken: Mapped[str | None]
    """The strictest label that its words merely speak of, or seem to misspell: it raises alone."""
    releasable: Mapped[str | None]
    """Those it is releasable to: JSON of `bot.sharing.marking.Releasable`, None without a list."""
    floor: Mapped[str | None]
    """A label that earlier words of it bore: an edit that takes a label out does not lower."""
    root: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    """The root of its thread, said here or copied, which marks it too;"""
    answers: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    """and so does the message that it answers or quotes."""
    quoting: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """So do the messages that it shows, which `Quotation` names."""
    released: Mapped[str | None]
    """JSON of the marking that its originator has released it to, instead of its own."""
    digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A keyed hash of what it said."""
    withheld: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    """It went nowhere: nothing of what it said is kept."""
    recalled: Mapped[datetime | None]
    """When it was taken back everywhere else by its originator; it counts as `deleted` since."""

    __table_args__ = (
        UniqueConstraint("room", "message"),
        Index("ix_message_root", "root", **only("root IS NOT NULL")),
        Index("ix_message_answers", "answers", **only("answers IS NOT NULL")),
        Index("ix_message_received", "received"),
    )


class Quotation(Base):
    """A message shows another one: it forwards it, or has a link that shows it."""

    __tablename__ = "quotation"

    message: Mapped[int] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), primary_key=True
    )
    quoted: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)

    __table_args__ = (Index("ix_quotation_quoted", "quoted"),)


class Reaction(Base):
    """What one person showed on a message with one emoji, and whether it stands still.

    A row stays when the reaction is taken back: what arrives late is known by it to be old.
    """

    __tablename__ = "reaction"

    id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    message: Mapped[int] = mapped_column(ForeignKey("message.id"))
    """The message that counts, though it was shown on a copy."""
    room: Mapped[str]
    """Where it was shown."""
    person: Mapped[str]
    name: Mapped[str]
    emoji: Mapped[str]
    reaction: Mapped[str]
    """The id that it has of its own, "" where the network gives none."""
    present: Mapped[bool]
    said: Mapped[datetime]
    """When it came to be as it is."""

    __table_args__ = (
        UniqueConstraint("message", "room", "person", "emoji", "reaction"),
        Index("ix_reaction_own", "room", "reaction", sqlite_where=text("reaction <> ''"),
              postgresql_where=text("reaction <> ''")),
        Index("ix_reaction_said", "said"),
    )  # fmt: skip


class State(StrEnum):
    """A delivery's way: waiting → sending → delivered | unknown | dead."""

    WAITING = "waiting"
    SENDING = "sending"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    DEAD = "dead"


OPEN = (State.WAITING, State.SENDING, State.UNKNOWN)
"""The states in which a delivery is still in its lane."""


class Outbox(Base):
    """What leaves: a row a delivery, in each lane in the order of `seq`."""

    __tablename__ = "outbox"

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    id: Mapped[str]
    lane: Mapped[str]
    """A room's id, or a person's: what must stay in order."""
    room: Mapped[str]
    source: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    """The message that it is a copy of, None for the bot's own words."""
    thread: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    """The message whose thread it belongs in; where that lies in this room is known when it is
    sent, since the root goes through the same lane before it."""
    kind: Mapped[str] = mapped_column(default="post", server_default="post")
    """The content's tag."""
    part: Mapped[int] = mapped_column(default=0, server_default="0")
    """Which of the messages that one was split into (see `bot.bridge.parts`)."""
    about: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    """The message that it changes, takes back, reacts to or answers; where that lies in this room
    is known when it is sent, as of `thread`."""
    emoji: Mapped[str | None]
    """Of a reaction, kept when the content is erased."""
    gone: Mapped[datetime | None]
    """When it was taken back in its room, by us or by somebody there."""
    state: Mapped[str]
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    """JSON of `bot.events.Content`; erased when it is no longer needed."""
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
    created: Mapped[datetime]
    not_before: Mapped[datetime | None]
    expires: Mapped[datetime | None]
    tried: Mapped[datetime | None]
    """When it was first tried, and by which session."""
    via: Mapped[str | None]
    sent: Mapped[datetime | None]
    """When it was last tried."""
    finished: Mapped[datetime | None]
    landed: Mapped[str | None]
    """The id it has in its room."""
    matter: Mapped[str | None]
    """JSON of how it is marked, where it is a copy of no message (see `bot.custody`)."""
    told: Mapped[datetime | None]
    """When the admin rooms heard that its outcome stays unknown."""

    __table_args__ = (
        UniqueConstraint("id"),
        # Each only for the rows that it is asked for: what waits costs fewer pages to write.
        Index(
            "ix_outbox_lane", "lane", "seq", **only("state IN ('waiting', 'sending', 'unknown')")
        ),
        Index("ix_outbox_dead", "seq", **only("state = 'dead'")),
        Index("ix_outbox_source", "source", **only("source IS NOT NULL")),
        Index("ix_outbox_about", "about", **only("about IS NOT NULL")),
        Index("ix_outbox_thread", "thread", **only("thread IS NOT NULL")),
        Index("ix_outbox_topic", "room", "seq", **only("kind = 'topic'")),
        Index("ix_outbox_room_landed", "room", "landed", **only("landed IS NOT NULL")),
        Index("ix_outbox_room_finished", "room", "finished", **only("finished IS NOT NULL")),
        Index("ix_outbox_finished", "finished", **only("finished IS NOT NULL")),
    )


class Offer(Base):
    """A control of a delivery of ours, by the emoji that stands for it where there are no buttons.

    It outlives the delivery's text, and goes with the delivery.
    """

    __tablename__ = "control"

    delivery: Mapped[str] = mapped_column(primary_key=True)
    emoji: Mapped[str] = mapped_column(primary_key=True)
    call: Mapped[str]
    """What pressing it is typing."""
    shown: Mapped[str]
    """The delivery whose words bear it: the first, or the newest edit."""
    person: Mapped[str | None]
    """Who alone sees it: of a private answer."""
    once: Mapped[bool]
    until: Mapped[datetime | None]
    used: Mapped[datetime | None]
    """When it was used, of what can be used once."""

    __table_args__ = (Index("ix_control_person", "person", **only("person IS NOT NULL")),)


class LinkedAccount(Base):
    """One account of a human who has several, and for how long it was one of theirs.

    A row stays when it has ended: who was who at a moment can be told later.
    """

    __tablename__ = "linked_account"

    id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    person: Mapped[str]
    name: Mapped[str]
    """What they were called there when it was linked."""
    human: Mapped[str]
    """Ours, random: the same for all accounts of one human."""
    since: Mapped[datetime]
    until: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_linked_account_person", "person", unique=True, **only("until IS NULL")),
        Index("ix_linked_account_human", "human"),
    )


class LinkCode(Base):
    """A person who asked for a code to link their accounts by, or who typed one; a row a person.

    `code` is its hash, gone when somebody has typed it: then `claimant` is who did, and both have
    until `expires` to say yes, the claimant (`agreed`) first.
    """

    __tablename__ = "link_code"

    person: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    place: Mapped[str]
    """Where they can be told something: JSON of `bot.bridge.linking.Place`."""
    code: Mapped[str | None]
    expires: Mapped[datetime | None]
    claimant: Mapped[str | None]
    claimant_name: Mapped[str | None]
    claimant_place: Mapped[str | None]
    agreed: Mapped[bool] = mapped_column(default=False)
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    """Codes that the person typed and that there are not, since `tried`."""
    tried: Mapped[datetime | None]

    __table_args__ = (Index("ix_link_code_code", "code", unique=True, **only("code IS NOT NULL")),)


class Warned(Base):
    """A message with a ⚠, and a room that it is missing in (see `bot.delivery.overdue`). The row
    goes when the ⚠ does.
    """

    __tablename__ = "warning"

    message: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True)
    room: Mapped[str] = mapped_column(primary_key=True)


class Roster(Base):
    """Who was in a room, and from when until when: for telling later who could read something."""

    __tablename__ = "roster"

    id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    room: Mapped[str]
    person: Mapped[str]
    name: Mapped[str]
    standing: Mapped[str]
    team: Mapped[str | None]
    """Of that time."""
    since: Mapped[datetime]
    until: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_roster_room", "room", "person", unique=True, **only("until IS NULL")),
        Index("ix_roster_ended", "room", "until"),
    )


class Membership(Base):
    """A team in a group or on a channel's roster (see `bot.sharing.membership`)."""

    __tablename__ = "membership"

    id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    kind: Mapped[str]
    name: Mapped[str]
    team: Mapped[str]
    since: Mapped[datetime | None]
    """None: from the circle's beginning."""
    until: Mapped[datetime | None]

    __table_args__ = (Index("ix_membership_name", "kind", "name"),)


class Freeze(Base):
    """A room, workspace, server, team or everything that is frozen: nothing in, nothing out."""

    __tablename__ = "freeze"

    id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    kind: Mapped[str]
    """room, account, server, team, all; or `pause`: by the operators, of a channel or room."""
    name: Mapped[str]
    by: Mapped[str]
    """The person, or "" for the operators."""
    team: Mapped[str | None]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    thawed_by: Mapped[str | None]
    """JSON of the teams, with persons, that have asked to thaw it: two are needed."""
    held: Mapped[int] = mapped_column(default=0, server_default="0")
    """How much was said there meanwhile, and held back for good."""

    __table_args__ = (Index("ix_freeze_open", "kind", "name", **only("until IS NULL")),)


class Hold(Base):
    """A legal hold: text of a channel, or about one object, is not erased."""

    __tablename__ = "hold"

    id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    kind: Mapped[str]
    name: Mapped[str]
    by: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class Request(Base):
    """Something that waits for the consent of persons or teams: a release, a recall's answers."""

    __tablename__ = "request"

    id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    handle: Mapped[str]
    """Ours, random: what people type."""
    kind: Mapped[str]
    object: Mapped[str]
    """What it is about: the kind of object, a colon, its id."""
    by: Mapped[str]
    team: Mapped[str | None]
    wanted: Mapped[str]
    """JSON of what is asked for."""
    answers: Mapped[str] = mapped_column(default="[]", server_default="[]")
    """JSON of who said what, and when."""
    state: Mapped[str]
    created: Mapped[datetime]
    closed: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("handle"),
        Index("ix_request_object", "object"),
    )


class Reference(Base):
    """What people call something by: a handle from its beginning, a number when it has one."""

    __tablename__ = "reference"

    handle: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    series: Mapped[str]
    year: Mapped[int | None]
    number: Mapped[int | None]
    """Its place in the series, without gaps; each year begins at 1."""
    created: Mapped[datetime]
    numbered: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("series", "year", "number"),)


class Posting(Base):
    """A post of the bot's own that is kept up to date: of what it is, where, by which delivery."""

    __tablename__ = "posting"

    delivery: Mapped[str] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(ForeignKey("reference.handle"))
    kind: Mapped[str]
    """What of it this shows: its head, a part of its text, what came of it."""
    room: Mapped[str]
    part: Mapped[int] = mapped_column(default=0, server_default="0")

    __table_args__ = (Index("ix_posting_ref", "ref", "kind", "room"),)


class Audit(Base):
    """What was done: a row an act, chained within a second, never changed and never removed."""

    __tablename__ = "audit"

    seq: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    who: Mapped[str]
    """A person, or `operator`, `bot`."""
    team: Mapped[str | None]
    action: Mapped[str]
    object: Mapped[str]
    """By id, and where it has a text by its keyed hash; never the text."""
    rule: Mapped[str]
    outcome: Mapped[str]
    originator: Mapped[str | None]
    """The team whose object it is: it may see what others did with it."""
    number: Mapped[int | None] = mapped_column(Sequence)
    """Its place in the chain, None until it is sealed."""
    previous: Mapped[bytes | None] = mapped_column(LargeBinary)
    hash: Mapped[bytes | None] = mapped_column(LargeBinary)

    __table_args__ = (
        UniqueConstraint("number"),
        Index("ix_audit_unsealed", "seq", **only("hash IS NULL")),
        Index("ix_audit_object", "object"),
        Index("ix_audit_team", "team", "at"),
        Index("ix_audit_originator", "originator", "at", **only("originator IS NOT NULL")),
    )


class Mark(Base):
    """How far each source has been read."""

    __tablename__ = "mark"

    scope: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[str]


class Memory(Base):
    """What a network's adapter keeps between runs."""

    __tablename__ = "memory"

    account: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Heard(Base):
    """Until when a room was read when somebody had to know that."""

    __tablename__ = "heard"

    room: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    at: Mapped[datetime]
    """When that was known."""


class Lease(Base):
    """Who may do what only one may do: `fence` grows with each new holder."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    until: Mapped[datetime]
    fence: Mapped[int]


class Schedule(Base):
    """What happens at a time, once or again and again. Its row stays when it has ended."""

    __tablename__ = "schedule"

    id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    handle: Mapped[str]
    """Ours, random: what people type."""
    kind: Mapped[str]
    """Whose handler carries it out (see `bot.schedules.kinds`);"""
    object: Mapped[str]
    """and what that handler goes by: the kind of object, a colon, its id."""
    said: Mapped[str]
    """When, as somebody typed it; for what happens once the instant itself."""
    zone: Mapped[str]
    since: Mapped[datetime]
    """The moment at which `said` was read, from which it counts."""
    once: Mapped[bool]
    late: Mapped[str]
    """How an occurrence is treated that was missed: `bot.schedules.kinds.Late`."""
    next: Mapped[datetime | None]
    """The next occurrence, None where there is none any more;"""
    extra: Mapped[datetime | None]
    """one that somebody asked for, beside those;"""
    due: Mapped[datetime | None]
    """and when it has to be looked at for either of them, or tried again."""
    paused: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often the occurrence that is due has failed, and what the log has last called it by."""
    reference: Mapped[str | None]
    by: Mapped[str]
    """The person, or "" for the operators."""
    place: Mapped[str | None]
    """Where they can be told something: JSON of `bot.schedules.kinds.Place`."""
    team: Mapped[str | None]
    channel: Mapped[str | None]
    marking: Mapped[str | None]
    """JSON of how marked it is, where that is not its channel's default."""
    created: Mapped[datetime]
    ended: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("handle"),
        Index("ix_schedule_due", "due", **only("due IS NOT NULL")),
        Index("ix_schedule_channel", "channel", **only("ended IS NULL")),
        Index("ix_schedule_object", "object"),
    )


class Occurrence(Base):
    """An occurrence that has been: a row is the proof, and makes a second one impossible."""

    __tablename__ = "occurrence"

    id: Mapped[int] = mapped_column(Sequence, primary_key=True, autoincrement=True)
    schedule: Mapped[int] = mapped_column(ForeignKey("schedule.id"))
    instant: Mapped[datetime]
    state: Mapped[str]
    """posted or skipped."""
    done: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("schedule", "instant"),
        Index("ix_occurrence_done", "done"),
    )
