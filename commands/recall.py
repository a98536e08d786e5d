"""`recall`: takes a message back everywhere, and asks who could have read it to delete theirs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from bot.advisories import keeping
from bot.bridge import recalling, requested
from bot.bridge.names import cleaned
from bot.bridge.recalling import Reach, Recall
from bot.custody import consent
from bot.custody.audit import Act, Action, of_message, record
from bot.custody.consent import Kind
from bot.custody.effective import shown_by
from bot.errors import UserError
from bot.events import Control, Look, Outgoing
from bot.sharing.teams import Team, TeamKey
from bot.store.tables import Message
from bot.words.times import moment
from commands.advising import may_know
from commands.meaning import answered
from commands.originating import is_author, is_theirs, message_meant, tell_team
from commands.registry import YES, Arg, Context, Reply, asks_first, command, reply

_MOST = 50
"""People that are named."""


@command("recall", placed=True, shortcut="Recall", writes=True)
def recall(
    context: Context, ref: Annotated[str | None, Arg("a message link", form="")] = None
) -> Reply:
    """Take a message of your team back everywhere."""
    _check_is_message(context, ref)
    message = message_meant(context, ref)
    if not is_author(context, message) and not is_theirs(context, message):
        raise UserError("Only who said it, or its team, recalls it.")
    if message.recalled is not None:
        return reply("\n".join(_state(context, message)))
    rooms = context.house.rooms_of(message.channel)
    entering = {room: context.house.audience(room).people for room in rooms}
    reach = recalling.reach(context.session, message, entering, context.now)
    question = asks_first(context, "\n".join(_question(context, message, reach)))
    return question or _recall(context, message, reach)


def _check_is_message(context: Context, ref: str | None) -> None:
    """Raise UserError for an advisory that the asker knows of: it is taken back by another word."""
    typed = ref or answered(context)
    row = None if typed is None else keeping.find(context.session, typed)
    if row is not None and may_know(context, row):
        raise UserError(
            "That is an advisory: “advisory withdraw --take-back {ref} WHY” deletes its posts.",
            ref=keeping.name_of(context.session, row),
        )


def _question(context: Context, message: Message, reach: Reach) -> Iterator[str]:
    words = context.words
    if reach.rooms:
        yield words("Recall it? It is removed from: {rooms}", rooms=", ".join(reach.rooms))
    else:
        yield words("Recall it? No copy of it stands anywhere.")
    yield words("Where it was said it stays, until its author deletes it there.")
    yield from _shown(context, message)
    yield words("Who could have read it:")
    by_name = sorted((_team(context, team), number) for team, number in reach.teams.items())
    yield from (f"• {name}: {number}" for name, number in by_name)
    for each in reach.people[:_MOST]:
        yield f"  ◦ {cleaned(each.name)}, {_team(context, each.team)}"
    if len(reach.people) > _MOST:
        rest = len(reach.people) - _MOST
        yield words.count("• and {n} more", "• and {n} more", rest)
    yield words("Each of these teams is asked to delete what it has kept.")


def _shown(context: Context, message: Message) -> Iterator[str]:
    """What others say in this channel that shows it: that is theirs."""
    if context.house.is_veiled(message.channel):
        return  # where it was said would tell who they are
    rows = (context.session.get(Message, n) for n in shown_by(context.session, message.id))
    refs = [
        f"{row.room}/{row.message}" for row in rows
        if row is not None and row.deleted is None and row.channel == message.channel
    ]  # fmt: skip
    if refs:
        yield context.words.count(
            "{n} message shows it (a forward, a link), and stays: {refs}",
            "{n} messages show it (forwards, links), and stay: {refs}",
            len(refs), refs=", ".join(refs[:_MOST]),
        )  # fmt: skip


def _recall(context: Context, message: Message, reach: Reach) -> Reply:
    words, session, now = context.words, context.session, context.now
    directory = context.house.directory()
    taken = recalling.recall(session, message, now)
    for kind in (Kind.WISH, Kind.RELEASE, Kind.FETCH):
        for row in consent.waiting(session, kind, requested.about(message.id)):
            consent.close(row, consent.OVER, now)
    theirs = [directory.teams[key] for key in reach.teams if key in directory.teams]  # type: ignore[index]  # None is no key
    theirs.sort(key=lambda team: team.key)
    teams = [team for team in theirs if team.key != message.originator]
    asker, own = context.asker.person, context.part().team
    key = None if own is None else own.key
    row = consent.ask(
        session, Kind.RECALL, requested.about(message.id), asker, key,
        Recall(tuple(team.key for team in teams)), now,
    )  # fmt: skip
    asked = [each for team in teams for each in _ask(context, message, team, row.handle)]
    if not teams:
        consent.close(row, consent.DONE, now)
    act = Act(asker, key, Action.RECALLED, of_message(message), "recall",
              originator=TeamKey(message.originator) if message.originator else None)  # fmt: skip
    record(session, act, now)
    lines = [words("Recalled. It is not passed on any more, whatever becomes of it.")]
    if teams:
        names = ", ".join(team.name for team in teams)
        lines.append(words("Asked to delete what they have kept: {teams}", teams=names))
    lines.append(words("“recall” in answer to it shows who has confirmed that."))
    return Reply(reply("\n".join(lines)).body, also=(*taken, *asked))


def _ask(context: Context, message: Message, team: Team, handle: str) -> list[Outgoing]:
    words = context.house.words_in(team.home)
    view = context.house.channels().get(message.channel)
    text = words(
        "A message was recalled: in {channel}, said {when}. Please delete whatever your team has "
        "kept of it.\nWhen that is done, answer with ✅ or “done {handle}”.",
        channel=message.channel if view is None else view.title,
        when=moment(words, message.said, context.now),
        handle=handle,
    )
    done = (Control(words("Done"), f"done {handle}", YES, Look.PRIMARY),)
    return tell_team(context.session, context.house.directory(), team, text, done)


def _state(context: Context, message: Message) -> Iterator[str]:
    """What has become of a recall."""
    words, session = context.words, context.session
    assert message.recalled is not None
    yield words("Recalled {when}.", when=moment(words, message.recalled, context.now))
    rooms = recalling.still_there(session, message.id)
    if rooms:
        yield words("Still to be removed from: {rooms}", rooms=", ".join(rooms))
    row = consent.newest(session, Kind.RECALL, requested.about(message.id))
    if row is None:
        return
    given = {each.team: each.at for each in consent.said(row)}
    for team in consent.wanted(row, Recall).teams:
        if team in given:
            when = moment(words, given[team], context.now)
            yield words("• {team}: confirmed {when}", team=_team(context, team), when=when)
        else:
            yield words("• {team}: has not confirmed yet", team=_team(context, team))


def _team(context: Context, key: TeamKey | None) -> str:
    if key is None:
        return context.words("of no team")
    teams = context.house.directory().teams
    return teams[key].name if key in teams else key
