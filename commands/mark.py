"""`mark`: says how a message is marked: higher at any time; lower where it merely spoke of TLP."""

from __future__ import annotations

import re
from typing import Annotated, Any

from sqlalchemy.engine import Row

from bot.bridge import copies, links, remarking, requested
from bot.bridge.linking import Place
from bot.bridge.requested import Fetch
from bot.custody.audit import Act, Action, of_message, record
from bot.errors import Misused, UserError
from bot.events import RoomId
from bot.richtext import say
from bot.sharing.roles import Part
from bot.sharing.written import Written, read_marking
from bot.store.tables import Knowledge
from commands.grammar import first_word
from commands.meaning import meant
from commands.registry import Context, Reply, Rest, command, reply

_BEGINS = re.compile(r"[\[(]?\s*(?:tlp|rel)\b", re.IGNORECASE)


@command("mark", placed=True, shortcut="Mark", writes=True)
def mark(
    context: Context,
    words: Annotated[
        str,
        Rest(
            "a message link, unless it answers the message; and a label",
            form="a label",
            shown="[REF] MARKING",
        ),
    ],
) -> Reply:
    """Say how a message is marked."""
    ref, written = _read(words)
    row = links.row_of(context.session, meant(context, ref).id)
    if row is None or row.deleted is not None or row.known == Knowledge.NAMED:
        raise UserError("I know nothing of that message.")
    part = context.part()
    _check_right(context, row, part)
    _record(context, row, part)
    custody, able, now = context.house.custody(), context.house.capable, context.now
    wanted = remarking.at_least(row, custody, written.label, written.releasable)
    if wanted.label < custody.markings.marked(row).marking.label:
        place = Place(context.room or RoomId(row.room), context.direct)
        asker = context.asker.person
        changed = remarking.lower(context.session, row, wanted, custody, asker, place, able, now)
        said = context.words("Marked {label}. I pass it on where it may be.", label=wanted.label)
        return Reply(reply(said).body, also=tuple(changed))
    words_there = context.house.words_in()
    taken = remarking.higher(context.session, row, wanted, custody, words_there, able, now)
    if copies.erased(context.session, row.id):  # the line there is made of words that are gone
        requested.fetch(context.session, row.id, context.asker.person, Fetch(stands=True), now)
    said = context.words(
        "Marked {label}. Where it may not be any more it is taken back.", label=wanted.label
    )
    return Reply(reply(said).body, also=tuple(taken))


def _record(context: Context, row: Row[Any], part: Part) -> None:
    team = None if part.team is None else part.team.key
    act = Act(
        context.asker.person, team, Action.MARKED, of_message(row), "mark",
        originator=row.originator,
    )  # fmt: skip
    record(context.session, act, context.now)


def _read(text: str) -> tuple[str | None, Written]:
    """The REF, if there is one, and the marking, in any of the forms that people write."""
    text = text.strip()
    ref: str | None = None
    if not _BEGINS.match(text):
        ref, text = first_word(text)
    written = read_marking(say(text))
    if written.doubt is not None:
        raise UserError("That is no label. Did you mean {label}?", label=written.doubt.nearest)
    if written.label is None and not written.releasable:
        raise Misused("Say a label: TLP:CLEAR, GREEN, AMBER, AMBER+STRICT or RED.")
    return ref, written


def _check_right(context: Context, row: Row[Any], part: Part) -> None:
    linked = context.house.linked(context.session, context.asker.person)
    if row.author in {context.asker.person, *linked}:
        return
    if part.team is None or part.team.key != row.originator:
        raise UserError("Only who said it, or its team, says how it is marked.")
