"""What becomes of a team's wish to have more: who asked for it hears the originator's answer."""

from __future__ import annotations

import msgspec

from bot.bridge.linking import Place
from bot.custody import consent
from bot.custody.consent import Kind, Said
from bot.delivery.naming import lane_of
from bot.events import Answer, Outgoing, PersonId
from bot.richtext import say
from bot.store.tables import Request
from commands.registry import Context


class Wish(msgspec.Struct, frozen=True):
    """Where the one who asks can be told the answer."""

    place: Place


def answered(context: Context, name: str, state: str) -> list[Outgoing]:
    """Close all wishes for an object; what those who asked hear. Not who answered, nor of which
    team: they know no more of it than they have seen.
    """
    waiting = consent.waiting(context.session, Kind.WISH, name)
    return [close(context, row, state) for row in waiting]


def close(context: Context, row: Request, state: str) -> Outgoing:
    """Close one wish; what the one who asked hears."""
    words, team = context.house.words_in(), context.part().team
    consent.note(row, Said(context.asker.person, None if team is None else team.key, context.now))
    consent.close(row, state, context.now)
    place, person = consent.wanted(row, Wish).place, PersonId(row.by)
    if state == consent.DONE:
        text = words(
            "What you asked for ({handle}) was released. Where it may be, it comes in a moment.",
            handle=row.handle,
        )
    else:
        text = words("What you asked for ({handle}) is not released.", handle=row.handle)
    answer = Answer(person, say(text), direct=place.direct, team=row.team or "")
    return Outgoing(place.room, answer, lane_of(person))
