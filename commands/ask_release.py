"""`ask-release`: asks the team that something came from to let it go further."""

from __future__ import annotations

from typing import Annotated

from bot.bridge.linking import Place
from bot.bridge.names import cleaned
from bot.custody import consent
from bot.custody.audit import Act, Action, Outcome, record
from bot.custody.consent import Kind
from bot.custody.effective import stored_marked
from bot.errors import UserError
from bot.events import Control, Look, Outgoing
from bot.sharing.teams import Team
from bot.store.tables import Request
from commands.originating import tell_team
from commands.registry import NO, YES, Arg, Context, Reply, command, reply
from commands.things import REF, Meant, asked_of, is_theirs, thing_meant
from commands.wishing import Wish


@command("ask-release", placed=True, shortcut="Ask for its release", writes=True)
def ask_release(context: Context, ref: Annotated[str | None, Arg(REF, form="")] = None) -> Reply:
    """Ask the team that something came from to let it go further."""
    found, words = thing_meant(context, ref, of_others=True), context.words
    thing = found.thing
    if is_theirs(context, thing):
        raise UserError("It came from your own team: “release” releases it.")
    team, room = context.part().team, context.room
    if team is None or room is None:
        raise UserError("Only a team can ask for more.")
    if found.gone:
        raise UserError("It was deleted or recalled: nothing of it is passed on any more.")
    owners = context.house.directory().teams
    owner = None if thing.originator is None else owners.get(thing.originator)
    if owner is None:
        raise UserError("It came from no team: nobody can be asked.")
    asked = consent.waiting(context.session, Kind.WISH, thing.name)
    if any(row.team == team.key for row in asked):
        raise UserError("Your team has asked already, and there is no answer yet.")
    wish = Wish(Place(room, context.direct))
    row = consent.ask(
        context.session, Kind.WISH, thing.name, context.asker.person, team.key, wish, context.now
    )
    posts = _ask(context, found, owner, team, row)
    act = Act(
        context.asker.person, team.key, Action.ASKED, thing.audited, "ask-release",
        Outcome.WAITING, owner.key,
    )  # fmt: skip
    record(context.session, act, context.now)
    answer = words("I have asked those whom it came from. What they answer I tell you here.")
    return Reply(reply(answer).body, also=tuple(posts))


def _ask(context: Context, found: Meant, owner: Team, team: Team, row: Request) -> list[Outgoing]:
    """What the originator is asked, marked as what it speaks of where others may read it."""
    words = context.house.words_in(owner.home)
    directory, marked = context.house.directory(), found.asks.marked
    text = asked_of(words, context.now, found, cleaned(context.asker.name), team.name, row.handle)
    answers = (
        Control(words("Release"), f"release {row.handle}", YES),
        Control(words("Refuse"), f"refuse {row.handle}", NO, Look.DANGER),
    )
    shared = owner.home is not None and context.house.channel_of(owner.home) is not None
    matter = stored_marked(marked) if marked is not None and shared else None
    posts = tell_team(context.session, directory, owner, text, answers, matter)
    if not posts:
        raise UserError("Nobody of those it came from can be asked.")
    return posts
