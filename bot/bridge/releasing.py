"""Messages, as something that can be released (see `bot.custody.releasing`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bot.bridge import copies, links, relabelling, requested
from bot.bridge.linking import Place
from bot.bridge.relabelling import Able
from bot.bridge.requested import Fetch
from bot.custody.audit import of_message
from bot.custody.effective import Marked, quoted_by, stored_release
from bot.custody.gatekeeper import Gatekeeper
from bot.custody.releasing import Prospect, Released, Releaser, Thing
from bot.events import PersonId, RoomId
from bot.sharing.marking import Label, Marking
from bot.sharing.teams import TeamKey
from bot.store.tables import Message


@dataclass(frozen=True, slots=True)
class Messages:
    """Messages of a channel. `rooms_of`: the rooms of each; `able`: what can be done in a room."""

    custody: Gatekeeper
    rooms_of: Callable[[str], Sequence[RoomId]]
    able: Able

    def thing(self, session: Session, number: int) -> Thing:
        """A message that is in the store."""
        row = links.row_of(session, number)
        assert row is not None
        marked = self.custody.markings.marked(row)
        return Thing(
            requested.about(row.id),
            of_message(row),
            row.channel,
            PersonId(row.author),
            None if row.originator is None else TeamKey(row.originator),
            marked.marking,
            self._ceiling(row.channel),
            marked.said,
        )

    def prospect(self, session: Session, thing: Thing, marking: Marking, now: datetime) -> Prospect:
        """Which rooms would get it."""
        row = self._row(session, thing)
        shown = quoted_by(session, row.id) if row.quoting else ()
        above = self.custody.markings.above(session, row.root, row.answers, *shown)
        effective = self.custody.markings.effective(Marked(marking, thing.originator, now), above)
        has = tuple(copies.standing(session, row.id))
        lacking = [room for room in self.rooms_of(row.channel) if room not in {row.room, *has}]
        judged = self.custody.judge(effective, lacking)
        return Prospect(effective.marking, has, judged.may, judged.denied)

    def release(
        self, session: Session, thing: Thing, marking: Marking, by: Releaser, now: datetime
    ) -> Released:
        """Mark it so, where it stands too, and have it fetched anew."""
        row = self._row(session, thing)
        links.change(session, row.id, released=stored_release(marking, now))
        wanted = Fetch(now, Place(by.room, by.direct))
        requested.fetch(session, row.id, by.person, wanted, now)
        changed = relabelling.whole(session, row.id, self.custody, self.able, now)
        return Released(tuple(changed))

    def _ceiling(self, channel: str) -> Label:
        found = self.custody.doors.channels.get(channel)
        return Label.CLEAR if found is None else found.rules.ceiling

    def _row(self, session: Session, thing: Thing) -> Message:
        return session.get_one(Message, requested.number_of(thing.name) or 0)
