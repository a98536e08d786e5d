"""`channel`: what a channel may hold, whose it is, and which rooms it has.

Its rooms are told one by one only to those who ask in one of them, as by `status`.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.errors import UserError
from bot.sharing.marking import Label
from bot.sharing.teams import TeamKey
from bot.sharing.traits import WORDS as LACKS
from bot.words.times import moment
from commands.registry import (
    AudienceView,
    ChannelView,
    Context,
    Reply,
    command,
    reply,
    shortened,
)

_EXCERPT = 40


@command("channel", placed=True, shareable=True)
def channel(context: Context) -> Reply:
    """What may this channel hold, and whose is it?"""
    if context.channel is None:
        raise UserError("Say which channel: add “--channel NAME”.")
    view = context.house.channels()[context.channel]
    return reply("\n".join(_lines(context, view)))


def _lines(context: Context, view: ChannelView) -> Iterable[str]:
    words, title = context.words, shortened(view.title, _EXCERPT)
    yield words("{title}: up to {label}", title=title, label=view.ceiling)
    yield words("Without a marking: {label}", label=view.marking)
    if view.teams is None:
        yield words("Teams: each that has a member in one of the rooms")
    else:
        yield words("Teams: {teams}", teams=_names(context, view.teams) or words("none"))
    if view.chair is not None:
        yield words("Chair: {team}", team=_names(context, [view.chair]))
    if view.observers:
        yield words("Observers: {teams}", teams=_names(context, view.observers))
    if view.waiver and view.ceiling > Label.GREEN:
        yield words("A waiver lets its rooms be open or unencrypted: {reason}", reason=view.waiver)
    if view.chatham_house:
        yield words("Chatham House Rule: the other rooms read the words, not who said them.")
    since = context.house.held(context.session).channels.get(view.name)
    if since is not None:
        when = moment(words, since, context.now)
        yield words("Under a legal hold since {when}: nothing of it is erased.", when=when)
    if context.direct:
        yield words("Its rooms are told one by one only to those who ask in one of them.")
    else:
        yield words("Rooms:")
        for room in context.house.rooms_of(view.name):
            audience = context.house.audience(room)
            yield f"• {room}: {', '.join(_readers(context, audience))}"
            yield from (f"  ◦ {words(LACKS[lack])}" for lack in audience.lacks)


def _readers(context: Context, audience: AudienceView) -> Iterable[str]:
    words = context.words
    if not audience.known:
        yield words("nobody knows yet who reads it")
        return
    for team, number in audience.people.items():
        name = _names(context, [team])
        yield f"{name} {number}" if number else words("{team} may enter", team=name)
    if audience.strangers:
        yield words.count("{n} person of no team", "{n} people of no team", audience.strangers)
    for home in audience.homes:
        yield words("everybody of {home}, of no team, may enter", home=home)
    if audience.world:
        yield words("anybody may enter")
    if not (audience.people or audience.strangers or audience.homes or audience.world):
        yield words("nobody is in it")


def _names(context: Context, teams: Iterable[str]) -> str:
    known = context.house.directory().teams
    return ", ".join(known[TeamKey(each)].name for each in teams)
