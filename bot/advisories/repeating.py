"""What is posted again and again: a text, or an advisory that still holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bot.advisories import keeping, showing, view
from bot.advisories.house import House
from bot.advisories.markdown import read_markdown
from bot.advisories.states import State
from bot.custody import posting
from bot.custody.effective import Marked, marked_of, stored_marked
from bot.events import Outgoing, Post
from bot.richtext import Paragraph, RichText, Style, Text
from bot.richtext.splitting import split
from bot.schedules.kinds import Due, Handler
from bot.sharing.teams import TeamKey
from bot.words.times import moment

TEXT, ADVISORY = "post", "advisory again"
"""The kinds of schedules that do so; their object is the text, or the advisory's handle."""


def texts(house: House) -> Handler:
    """Posts a text in its channel's rooms, its label first."""

    def occur(session: Session, due: Due, now: datetime) -> Sequence[Outgoing]:
        del session
        if due.channel is None or due.marking is None:
            return ()
        marked = marked_of(due.marking)
        matter = stored_marked(Marked(marked.marking, marked.originator, now))
        outgoing: list[Outgoing] = []
        for room in house.rooms_of(due.channel):
            words, can = house.words_in(room), house.capable(room)
            first = str(marked.marking)
            if due.late:
                first += " · " + words("late, due {when}", when=moment(words, due.instant, now))
            top = Paragraph((Text(first, Style.BOLD),))
            body = RichText((top, *read_markdown(due.object).blocks))
            parts = split(body, can.cost, can.longest_text) or (body,)
            outgoing += [Outgoing(room, Post(part), matter=matter) for part in parts]
        return outgoing

    return occur


def advisories(house: House) -> Handler:
    """Posts an advisory anew in the rooms of the channel where that was asked for, as long as it is
    neither superseded nor withdrawn.
    """

    def occur(session: Session, due: Due, now: datetime) -> Sequence[Outgoing]:
        row = keeping.find(session, due.object)
        if row is None or row.state != State.RELEASED:
            return ()
        shown = view.shown(session, house, row, late=due.late)
        rooms = keeping.rooms_of(house, row) if due.channel is None else house.rooms_of(due.channel)
        bodies = {room: showing.head(shown, house.words_in(room), whole=False) for room in rooms}
        team = None if row.team is None else TeamKey(row.team)
        marked = Marked(keeping.document_of(row).marking, team, now)
        pressed = showing.controls(row.ref, house.words_in())
        return posting.put(
            session, row.ref, keeping.WORD, bodies, marked, house.new_id, house.capable,
            offers=lambda _room: pressed, mark=f"{due.handle} {due.instant.isoformat()}",
        )  # fmt: skip

    return occur
