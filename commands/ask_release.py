"""`ask-release`: asks the team that a message came from to let it go further."""

from __future__ import annotations

from typing import Annotated

from bot.bridge import requested
from bot.bridge.linking import Place
from bot.bridge.names import cleaned
from bot.custody import consent
from bot.custody.audit import Act, Action, Outcome, of_message, record
from bot.custody.consent import Kind
from bot.errors import UserError
from bot.events import Control, Look, Outgoing
from bot.sharing.teams import Team, TeamKey
from bot.store.tables import Message, Request
from bot.words.times import moment
from commands.originating import is_theirs, message_meant, tell_team
from commands.registry import NO, YES, Arg, Context, Reply, command, reply
from commands.wishing import Wish


@command("ask-release", placed=True, shortcut="Ask for its release", writes=True)
def ask_release(
    context: Context, ref: Annotated[str | None, Arg("a message link", form="")] = None
) -> Reply:
    """Ask the team that a message came from to let it go further."""
    message, words = message_meant(context, ref), context.words
    if is_theirs(context, message):
        raise UserError("It came from your own team: “release” releases it.")
    team, room = context.part().team, context.room
    if team is None or room is None:
        raise UserError("Only a team can ask for more.")
    if message.deleted is not None:
        raise UserError("It was deleted or recalled: nothing of it is passed on any more.")
    owner = context.house.directory().teams.get(TeamKey(message.originator or ""))
    if owner is None:
        raise UserError("It came from no team: nobody can be asked.")
    asked = consent.waiting(context.session, Kind.WISH, requested.about(message.id))
    if any(row.team == team.key for row in asked):
        raise UserError("Your team has asked already, and there is no answer yet.")
    wish = Wish(Place(room, context.direct))
    row = consent.ask(
        context.session, Kind.WISH, requested.about(message.id), context.asker.person, team.key,
        wish, context.now,
    )  # fmt: skip
    posts = _ask(context, message, owner, team, row)
    act = Act(
        context.asker.person, team.key, Action.ASKED, of_message(message), "ask-release",
        Outcome.WAITING, owner.key,
    )  # fmt: skip
    record(context.session, act, context.now)
    answer = words("I have asked those whom it came from. What they answer I tell you here.")
    return Reply(reply(answer).body, also=tuple(posts))


def _ask(
    context: Context, message: Message, owner: Team, team: Team, row: Request
) -> list[Outgoing]:
    words = context.words
    text = words(
        "{person} of {team} asks you to release a message of yours.\n"
        "It was said {when} in {room}: {link}\n"
        "Answer with ✅ or “release {handle}”, with ❌ or “refuse {handle}”.",
        person=cleaned(context.asker.name),
        team=team.name,
        when=moment(words, message.said, context.now),
        room=message.room,
        link=f"{message.room}/{message.message}",
        handle=row.handle,
    )
    answers = (
        Control(words("Release"), f"release {row.handle}", YES),
        Control(words("Refuse"), f"refuse {row.handle}", NO, Look.DANGER),
    )
    posts = tell_team(context.session, context.house.directory(), owner, text, answers)
    if not posts:
        raise UserError("Nobody of those it came from can be asked.")
    return posts
