"""What somebody wants to release or recall, whose it is, and who of a team can be told of that."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.bridge import requested
from bot.custody import consent
from bot.custody.telling import contacts
from bot.delivery.naming import lane_of
from bot.delivery.outbox import new_id
from bot.errors import UserError
from bot.events import Answer, Control, Outgoing, Post
from bot.sharing.teams import Directory, Team
from bot.store.tables import Knowledge, Message
from commands.meaning import meant
from commands.registry import Context, reply


def message_meant(context: Context, ref: str | None) -> Message:
    """The message of a REF, which stands where it was said and of which more is known than that;
    raises UserError otherwise. A handle names it wherever that is typed, for its own team alone.
    """
    found: Message | None
    request = None if ref is None else consent.by_handle(context.session, ref)
    if request is None:
        found = meant(context, ref)
    else:
        number = requested.number_of(request.object)
        found = None if number is None else context.session.get(Message, number)
        if found is not None and not is_theirs(context, found):
            found = None
    if found is None or found.known == Knowledge.NAMED:
        raise UserError("I know nothing of that message.")
    return found


def is_theirs(context: Context, message: Message) -> bool:
    """Whether a message came from the asker's team; where it came from none, from themselves."""
    return is_of_asker(context, message.originator, message.author)


def is_of_asker(context: Context, originator: str | None, author: str | None) -> bool:
    """The same of anything that came from a team, or else from a person."""
    if originator is not None:
        team = context.part().team
        return team is not None and team.key == originator
    return author is not None and author in _accounts(context)


def is_author(context: Context, message: Message) -> bool:
    """Whether the asker has said a message, by any of their accounts."""
    return message.author in _accounts(context)


def _accounts(context: Context) -> set[str]:
    return {context.asker.person, *context.house.linked(context.session, context.asker.person)}


def tell_team(
    session: Session,
    directory: Directory,
    team: Team,
    text: str,
    controls: tuple[Control, ...] = (),
    matter: str | None = None,
) -> list[Outgoing]:
    """A word to a team: in its own room, else to those who administer it or speak for it, as far
    as one of the bot's rooms has them, and they are of it still when it is sent. Each is known by
    its id. `matter`: as of `Outgoing`, for a room that others read.
    """
    body = reply(text).body
    if team.home is not None:
        post = Post(body, controls=controls)
        return [Outgoing(team.home, post, id=new_id(), matter=matter)]
    return [
        Outgoing(
            room,
            Answer(person, body, controls=controls, team=team.key),
            lane_of(person),
            id=new_id(),
        )
        for person, room in contacts(session, directory, team)
    ]


def tell_admins(session: Session, directory: Directory, team: Team, text: str) -> list[Outgoing]:
    """A word to those who administer a team, each alone, as far as one of the bot's rooms has them;
    where it names none, to those who speak for it.
    """
    members = team.admins or team.delegates
    return [
        Outgoing(room, Answer(person, reply(text).body, team=team.key), lane_of(person))
        for person, room in contacts(session, directory, team, members)
    ]
