"""`advisory ack`, `status`, `update`, `supersede` and `withdraw`: what follows once it is out."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from bot.advisories import acknowledging, keeping, posts, releasing, sealing, showing, urging, view
from bot.advisories.document import Update
from bot.advisories.states import BEFORE, OUT, SAYABLE, State, ack_words, read_ack, state_words
from bot.custody.effective import stored_marked
from bot.errors import Misused, UserError
from bot.store.tables.advisories import Advisory
from commands import advising
from commands.advising import WHAT, advisory_meant, ask_for_seals, own_meant, split_ref
from commands.advisory import advisory
from commands.composing import check_words
from commands.registry import Arg, Context, Flag, Reply, Rest, asks_first, reply

_STATES = ", ".join(SAYABLE)


@advisory.word("ack", placed=True, writes=True)
def ack(
    context: Context,
    text: Annotated[
        str,
        Rest(
            "which one, and received, checking, affected, not_affected, fixed or needs_help",
            shown="REF received|checking|affected|not_affected|fixed|needs_help",
        ),
    ] = "received",
) -> Reply:
    """Say for your team how it stands with an advisory."""
    ref, typed = split_ref(context, text)
    said = read_ack(typed or "received")
    if said is None:
        raise Misused("Say one of these: {states}.", states=_STATES)
    row, team = advisory_meant(context, ref), context.part().team
    if team is None:
        raise UserError("You belong to no team that I know, and a team acknowledges.")
    acknowledging.say(context.session, row, team.key, said, context.asker.person, context.now)
    outgoing = posts.refresh(context.session, context.house, row)
    outgoing += urging.acknowledged(
        context.session, context.house, row, team.key, context.asker.person, context.now
    )
    words = context.words
    answer = reply(
        words(
            "{ref} · {team}: {state}",
            ref=keeping.name_of(context.session, row), team=team.name,
            state=ack_words(said, words),
        )
    )  # fmt: skip
    return Reply(answer.body, also=tuple(outgoing))


@advisory.word("status", placed=True, shareable=True)
def status(context: Context, ref: Annotated[str | None, Arg(WHAT)] = None) -> Reply:
    """Who has acknowledged an advisory, and who has not?"""
    row = advisory_meant(context, ref)
    words, shown = context.words, view.shown(context.session, context.house, row)
    state = state_words(State(row.state), words)
    lines = [words("{ref}: {state}", ref=shown.name, state=state), advising.named(context, row)]
    for_all = context.shared is not None
    if (row.state in BEFORE or row.pending is not None) and not for_all:
        lines += _before(context, row)
    if row.state in OUT:
        lines.append(showing.counts(shown, words))
        if for_all:  # who said what, as its post tells it there
            lines += [line] if (line := showing.live_line(shown, words)) else []
        elif advising.is_own(context, row) or _operates(context):
            lines += showing.board(shown, words, context.now)
        else:
            lines += _of_theirs(context, shown)
    answer, matter = reply("\n".join(lines)), stored_marked(keeping.marked_as(row))
    return replace(answer, matter=matter, shares=shown.name)


@advisory.word("update", placed=True, writes=True)
def update(
    context: Context,
    text: Annotated[
        str, Rest("which one, and what is new (Markdown)", shown="REF TEXT", headed=True)
    ] = "",
    *,
    minor: Annotated[bool, Flag("nobody is asked to acknowledge it again")] = False,
) -> Reply:
    """Add to an advisory that is out; it is said in its threads once it is sealed."""
    ref, new = split_ref(context, text)
    row = own_meant(context, ref)
    if not new:
        raise Misused("Say what is new, behind the number.")
    check_words([new], keeping.document_of(row).label)
    waited = row.pending is not None
    releasing.add(row, Update(new, context.asker.person, context.now, minor))
    row.writers = keeping.listed(dict.fromkeys([*keeping.writers_of(row), context.asker.person]))
    context.session.flush()
    words, awaited = context.words, sealing.awaited(context.session, row)
    name = keeping.name_of(context.session, row)
    teams = advising.team_names(context, awaited)
    lines = [
        words("{ref}: the update is noted.", ref=name),
        words("It waits for the seal of: {teams}", teams=teams),
        *([words("It takes the place of the update that waited.")] if waited else []),
    ]
    answer = reply("\n".join(lines))
    return Reply(answer.body, also=tuple(ask_for_seals(context, row)))


@advisory.word("supersede", placed=True, writes=True)
def supersede(
    context: Context,
    old: Annotated[str, Arg("the number of what holds no more")],
    by: Annotated[str, Arg("what takes its place: a number or handle", shown="NEW")],
) -> Reply:
    """Let another advisory take the place of one that is out."""
    row, new, words = own_meant(context, old), own_meant(context, by), context.words
    if row.state != State.RELEASED or new.ref == row.ref:
        raise UserError("Only an advisory that is out can be superseded, and by another one.")
    name = keeping.name_of(context.session, row)
    _check_readers(context, row, new)
    if new.state in BEFORE:
        new.supersedes = row.ref
        return reply(
            words("{new} takes the place of {old} when it is posted.", new=new.ref, old=name)
        )
    if new.state != State.RELEASED:
        raise UserError("That cannot be done: it is {state}.", state=new.state)
    instead = keeping.name_of(context.session, new)
    question = words("Say in all rooms that {new} takes the place of {old}?", new=instead, old=name)
    asked = asks_first(context, question)
    if asked is not None:
        return asked
    outgoing = releasing.supersede(context.session, context.house, row, new, context.now)
    answer = reply(words("{old} is superseded by {new}.", old=name, new=instead))
    return Reply(answer.body, also=tuple(outgoing))


@advisory.word("withdraw", placed=True, writes=True)
def withdraw(
    context: Context,
    text: Annotated[str, Rest("which one, and why", shown="REF WHY", headed=True)] = "",
    *,
    take_back: Annotated[bool, Flag("its posts are deleted in all rooms")] = False,
) -> Reply:
    """Say everywhere that an advisory holds no more, and why."""
    ref, why = split_ref(context, text)
    row, words = own_meant(context, ref), context.words
    if row.state not in {State.RELEASED, State.SUPERSEDED}:
        raise UserError("It is not out. “advisory cancel” gives a draft up.")
    if not why:
        raise Misused("Say why, behind the number: its readers want to know.")
    check_words([why], keeping.document_of(row).label)
    name = keeping.name_of(context.session, row)
    question = words("Say in all rooms that {ref} is withdrawn?\nWhy: {why}", ref=name, why=why)
    if take_back:
        question = words(
            "Delete {ref} in all rooms, and say there that it is withdrawn?\nWhy: {why}\n"
            "Who has read it has read it: “advisory status {ref}” shows whom it has reached.",
            ref=name, why=why,
        )  # fmt: skip
    asked = asks_first(context, question)
    if asked is not None:
        return asked
    outgoing = releasing.withdraw(
        context.session, context.house, row, why, context.now, take_back=take_back
    )
    return Reply(reply(words("{ref} is withdrawn.", ref=name)).body, also=tuple(outgoing))


def _check_readers(context: Context, row: Advisory, new: Advisory) -> None:
    """The number of what takes its place is told on its posts: it has to be of the same series,
    which has one audience.
    """
    old, other = (keeping.reference_of(context.session, each) for each in (row, new))
    if old.series != other.series:
        raise UserError(
            "{new} is of another series, whose numbers others read: withdraw {old} instead.",
            new=keeping.name_of(context.session, new), old=keeping.name_of(context.session, row),
        )  # fmt: skip


def _before(context: Context, row: Advisory) -> list[str]:
    words, lines = context.words, []
    awaited = sealing.awaited(context.session, row)
    if awaited:
        teams = advising.team_names(context, awaited)
        lines.append(words("It waits for the seal of: {teams}", teams=teams))
    if row.at is not None:
        lines.append(advising.posted_when(context, row, row.at))
    return [*lines, *advising.embargo_of(context, row)]


def _of_theirs(context: Context, shown: showing.Shown) -> list[str]:
    """What the asker's own team has said."""
    team = context.part().team
    said = None if team is None else shown.stand.get(team.key)
    if team is None or said is None:
        return []
    return [f"• {team.name}: {ack_words(said.ack, context.words)}"]


def _operates(context: Context) -> bool:
    return context.room is not None and context.house.is_admin_room(context.room)
