"""`decide`: writes down what those who are there have decided; the others confirm or object."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from sqlalchemy import or_, select

from bot.bridge import links, rereading
from bot.custody import numbering
from bot.custody.effective import Marked
from bot.decisions import announcing, nudging, proposals, tasks, voicing
from bot.decisions.context import Quoted, keep
from bot.decisions.proposals import RECORDED, Opening
from bot.decisions.showing import instants
from bot.decisions.voices import Stance
from bot.errors import Misused, UserError
from bot.events import Outgoing, RoomId
from bot.sharing.marking import Label
from bot.sharing.roles import Role
from bot.sharing.teams import TeamKey
from bot.store.tables import Knowledge, Message, Roster
from bot.store.tables.decisions import Decision
from commands import proposing
from commands.deadlines import read_until
from commands.deciding import speaker_of
from commands.labels import ItsLabel
from commands.owners import read_owner
from commands.proposing import Place
from commands.registry import Context, Flag, Reply, Rest, command, reply

_MOST_OF_THREAD = 200


class Action(NamedTuple):
    """What somebody is to do. `owner`: a person, or a team's key."""

    owner: str
    team: TeamKey | None
    due: datetime
    what: str


@command("decide", placed=True, writes=True, shortcut="Record a decision")
def decide(
    context: Context,
    text: Annotated[str, Rest("what was decided", headed=True)],
    *,
    action: Annotated[
        tuple[str, ...], Flag("who is to do what by when", shown='"@who DUE what"')
    ] = (),
    marking: ItsLabel = None,
    group: Annotated[str | None, Flag("for these teams alone", shown="G")] = None,
) -> Reply:
    """Write down what was decided, with who does what; the others confirm or object."""
    place = proposing.place_of(context, group)
    proposing.check_text(text)
    actions = [_action(context, place, each) for each in action]
    thread = _thread(context)
    label = _strictest(context, thread, marking)
    marked = proposing.marked(context, place, text, label)
    expires = context.now + place.view.silence.confirm
    opening = Opening(
        place.view.name, place.series.name, text, RECORDED, context.asker.person, place.team.key,
        marked, expires, place.delegates, place.council.observers, place.council.chair,
        proposing.terms(context, place),
        tuple(map(str, numbering.numbers_in(text))), _beside(context, thread),
    )  # fmt: skip
    row = proposals.open_proposal(context.session, opening, context.now)
    keep(context.session, row, _words(context, thread, marked), context.now)
    for each in actions:
        task = tasks.begin(
            context.session, row, each.owner, each.team, each.what, each.due, context.now
        )
        nudging.begin(context.session, context.house, task, context.now)
    posts = announcing.put_out(context.session, context.house, row)
    if Role.DELEGATE in context.part().roles:
        posts += _agree(context, row)
    words = context.words
    lines = [
        words("Written down as {ref}. The others confirm or object until {when}.", ref=row.ref,
              when=instants(expires, ())),
        *(words("• {who}: {what}, by {when}", who=tasks.owner_name(context.house.directory(),
                each.owner), what=each.what, when=instants(each.due, ())) for each in actions),
    ]  # fmt: skip
    return Reply(reply("\n".join(lines)).body, also=tuple(posts))


def _agree(context: Context, row: Decision) -> list[Outgoing]:
    """Who writes it down for their team agrees to it for their team."""
    spoken = voicing.speak(
        context.session, context.house, row, speaker_of(context), Stance.AGREE, "", context.now,
        context.now, confirmed=True,
    )  # fmt: skip
    return list(spoken.outgoing)


def _action(context: Context, place: Place, typed: str) -> Action:
    """Read `@who DUE what`. Raises UserError."""
    (owner, team), rest = read_owner(context, place, typed)
    words = rest.split()
    for number in range(min(len(words) - 1, 4), 0, -1):
        try:
            due = read_until(context, " ".join(words[:number]))
        except UserError:
            continue
        if due <= context.now:
            raise UserError("The time of an action has gone by. Say one that is still to come.")
        return Action(owner, team, due, " ".join(words[number:]))
    raise Misused('Say by when and what: --action "@who 2026-11-24T09:00 what".')


def _thread(context: Context) -> Sequence[Message]:
    """The messages that a decision answers: the one, and all of its thread."""
    if context.answers is None or context.room is None:
        return ()
    session, place = context.session, (context.room, context.answers)
    number = links.origin(session, *place)
    if number is None and context.channel is not None and links.is_ours(session, *place):
        number = links.name(session, *place, context.channel, context.now)
    root = None if number is None else session.get(Message, number)
    if root is None:
        return ()
    top = root.root or root.id
    below = (Message.root == top) & (Message.known != Knowledge.NAMED)
    found = select(Message).where(or_(Message.id == top, below))
    newest = found.where(Message.deleted.is_(None)).order_by(Message.said).limit(_MOST_OF_THREAD)
    return context.session.execute(newest).scalars().all()


def _strictest(context: Context, thread: Sequence[Message], marking: Label | None) -> Label | None:
    """Its own label, or a stricter one that what it answers has. Raises UserError where that is
    for some alone.
    """
    markings = context.house.custody().markings
    found = [markings.effective_of(context.session, each.id).marking for each in thread]
    if any(each.releasable for each in found):
        raise UserError("What it answers is for some teams alone. Say it outside of the thread, "
                        "with “--group G”.")  # fmt: skip
    labels = [each.label for each in found]
    return max([*labels, *([] if marking is None else [marking])], default=None)


def _words(context: Context, thread: Sequence[Message], marked: Marked) -> Iterator[Quoted]:
    """What was said in the thread, as far as it is still kept and the decision's marking covers it:
    then who reads the one may read the other.
    """
    markings = context.house.custody().markings
    for each in thread:
        effective = markings.effective_of(context.session, each.id).marking
        said = rereading.words_of(context.session, each.id)
        if said and effective.label <= marked.marking.label and not effective.releasable:
            yield Quoted(each.id, f"{each.room}/{each.message}", said)


def _beside(context: Context, thread: Sequence[Message]) -> dict[str, Any]:
    """Who was there, and what it answers: by link and keyed hash."""
    there = select(Roster.team).where(Roster.room == (context.room or RoomId("")))
    teams = context.session.execute(there.where(Roster.until.is_(None)).distinct()).scalars()
    return {
        "present": sorted(team for team in teams if team is not None),
        "spoke": sorted({each.author for each in thread} - {""}),
        "context": [
            {"message": f"{each.room}/{each.message}",
             "digest": None if each.digest is None else each.digest.hex()}
            for each in thread
        ],
    }  # fmt: skip
