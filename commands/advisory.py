"""`advisory`: writing a joint advisory, and having it sealed; its posting and what follows have
files of their own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from bot.advisories import keeping, releasing, sealing, view, writing
from bot.advisories.front_matter import Written
from bot.advisories.states import BEFORE, State, state_words
from bot.custody.effective import stored_marked, together
from bot.errors import UserError
from bot.richtext import RichText, say
from bot.store.tables.advisories import Advisory
from bot.times.saying import doubt_of, local_and_utc
from bot.words import message
from bot.words.times import moment
from commands import advising, guiding, previewing
from commands.advising import WHAT, advisory_meant, ask_for_seals, own_meant, split_ref
from commands.composing import draft_from, due_of, is_secret
from commands.drafting import Options, written_of
from commands.fields import (
    Actions,
    Affected,
    Channels,
    Contact,
    Cves,
    Due,
    Group,
    HowGrave,
    Indicators,
    Marked,
    References,
    Sealing,
    Summary,
    Techniques,
    Title,
    WhatSort,
    Words,
)
from commands.registry import Arg, Context, Reply, Rest, command, reply

_MOST = 20
Ref = Annotated[str | None, Arg(WHAT)]


@command("advisory", placed=True, shareable=True)
def advisory(context: Context) -> Reply:
    """Joint advisories: write one, seal it, post it, acknowledge it."""
    return _listed(context)


@advisory.word("draft", placed=True, writes=True, attaches=True, form=message("Draft an advisory"))
def draft(
    context: Context,
    text: Words = "",
    *,
    title: Title = None,
    kind: WhatSort = None,
    severity: HowGrave = None,
    summary: Summary = None,
    actions: Actions = None,
    due: Due = None,
    affected: Affected = None,
    cves: Cves = None,
    indicators: Indicators = None,
    techniques: Techniques = None,
    references: References = None,
    marking: Marked = None,
    group: Group = None,
    channels: Channels = None,
    seal: Sealing = None,
    contact: Contact = None,
) -> Reply:
    """Begin an advisory: alone it asks for all of it; or with a .md file, or a title and text."""
    written = written_of(context, text, title=title)
    options = Options(
        severity, marking, group, channels, seal, due, kind, title, summary, actions, affected,
        cves, indicators, techniques, references, contact,
    )  # fmt: skip
    given = options.over(written or Written())
    if written is None:
        return guiding.asked(context, given)
    try:
        return begun(context, given)
    except UserError as error:
        if context.handle is None or is_secret(given):
            raise
        return guiding.kept(context, given, error)


@advisory.word("edit", placed=True, writes=True, attaches=True)
def edit(
    context: Context,
    text: Annotated[
        str, Rest("which one, and other words for it", shown="REF [TEXT]", headed=True)
    ] = "",
    *,
    title: Title = None,
    kind: WhatSort = None,
    severity: HowGrave = None,
    summary: Summary = None,
    actions: Actions = None,
    due: Due = None,
    affected: Affected = None,
    cves: Cves = None,
    indicators: Indicators = None,
    techniques: Techniques = None,
    references: References = None,
    marking: Marked = None,
    group: Group = None,
    channels: Channels = None,
    seal: Sealing = None,
    contact: Contact = None,
) -> Reply:
    """Change what is not posted yet; all seals are asked for again."""
    ref, rest = split_ref(context, text)
    row = own_meant(context, ref)
    options = Options(
        severity, marking, group, channels, seal, due, kind, title, summary, actions, affected,
        cves, indicators, techniques, references, contact,
    )  # fmt: skip
    written = options.over(written_of(context, rest) or Written())
    changed = draft_from(context, written, keeping.draft_of(row))
    before, words = State(row.state), context.words
    if not keeping.change(
        context.session, context.house, row, changed, context.asker.person, context.now
    ):
        raise UserError("Nothing of it is other than before.")
    lines = [words("{ref} has other words now.", ref=row.ref), _waits(context, row)]
    if before is State.SCHEDULED:
        lines.append(words("It is scheduled no more: post it again once it is sealed."))
    lines += advising.embargo_of(context, row)
    answer = reply("\n".join(lines))
    asked, looked_up = tuple(ask_for_seals(context, row)), _looked_up(row, written)
    return Reply(answer.body, also=asked, looked_up=looked_up)


def begun(context: Context, written: Written) -> Reply:
    """The draft that was written, and what is to be done with it. Raises UserError."""
    team, person = context.part().team, context.asker.person
    row = keeping.begin(
        context.session, context.house, draft_from(context, written),
        person, None if team is None else team.key, context.now,
    )  # fmt: skip
    finished = writing.find(context.session, person, context.now)
    if finished is not None and not finished.step:  # a form's
        writing.forget(context.session, finished)
    words = context.words
    lines = [
        words("{ref} is a draft.", ref=row.ref),
        advising.named(context, row),
        _waits(context, row),
        *_deadline(context, written),
        *advising.goes_to(context, row),
        words("Read it with “advisory preview {ref}”.", ref=row.ref),
    ]
    answer = reply("\n".join(lines))
    asked, looked_up = tuple(ask_for_seals(context, row)), _looked_up(row, written)
    return Reply(answer.body, also=asked, looked_up=looked_up)


def _looked_up(row: Advisory, written: Written) -> int:
    """How many indicators were named now: each was looked up."""
    return len(keeping.document_of(row).indicators) if "indicators" in written.values else 0


@advisory.word("preview", placed=True)
def preview(context: Context, ref: Ref = None) -> Reply:
    """See an advisory exactly as it will look here."""
    row = own_meant(context, ref)
    shown = view.shown(context.session, context.house, row)
    parted = previewing.parted(context, row, shown)
    beside = "\n".join([_waits(context, row), *advising.goes_to(context, row), *parted])
    pending = previewing.update_of(context, row, shown)
    posted = previewing.as_posted(context, row, shown)
    whole = RichText((*posted, *pending.blocks, *say(beside).blocks))
    return Reply(whole, controls=advising.seal_control(context, row))


@advisory.word("seal", placed=True, writes=True)
def seal(
    context: Context,
    ref: Ref = None,
    digest: Annotated[str, Arg("the beginning of the hash of what was read")] = "",
) -> Reply:
    """Approve exactly these words for your team."""
    row = advisory_meant(context, ref)
    if digest and not row.digest.hex().startswith(digest.casefold()):
        raise UserError("Its words are others by now: read them again, then seal.")
    done = sealing.seal(context.session, row, advising.sealer_of(context), context.now)
    name, words = keeping.name_of(context.session, row), context.words
    if not done:
        return reply("\n".join([words("{ref}: sealed.", ref=name), _waits(context, row)]))
    if row.pending is not None:
        outgoing = releasing.publish(context.session, context.house, row, context.now)
        answer = reply(words("{ref}: sealed by all. The update is on its way.", ref=name))
        return Reply(answer.body, also=tuple(outgoing))
    lines = [
        words("{ref}: sealed by all.", ref=name),
        words("“advisory post {ref} at T”, “in 2h” or “now” posts it.", ref=name),
    ]
    return reply("\n".join(lines))


@advisory.word("show", placed=True, shareable=True)
def show(context: Context, ref: Ref = None) -> Reply:
    """Read an advisory."""
    return previewing.whole(context, advisory_meant(context, ref))


@advisory.word("list", placed=True, shareable=True)
def list_(context: Context) -> Reply:
    """Which advisories are there?"""
    return _listed(context)


@advisory.word("cancel", placed=True, writes=True)
def cancel(context: Context, ref: Ref = None) -> Reply:
    """Give a draft up: it is never posted, and takes no number."""
    row = own_meant(context, ref)
    releasing.cancel(context.session, row, context.now)
    return reply(context.words("{ref} is cancelled: it takes no number.", ref=row.ref))


def _deadline(context: Context, written: Written) -> list[str]:
    """How the time was read until which something is to be done, and what is to be said of it."""
    typed = written.one("due")
    if typed is None:
        return []
    words, reading = context.words, due_of(context, typed)
    at = local_and_utc(words, reading.at, reading.zone)
    gone = [words("That time has gone by.")] if reading.at <= context.now else []
    doubt = doubt_of(words, reading)
    return [words("To be done by: {when}", when=at), *gone, *([] if doubt is None else [doubt])]


def _waits(context: Context, row: Advisory) -> str:
    """What it waits for."""
    words, awaited = context.words, sealing.awaited(context.session, row)
    if row.state in BEFORE or row.pending is not None:
        if awaited:
            teams = advising.team_names(context, awaited)
            return words("It waits for the seal of: {teams}", teams=teams)
        if row.at is not None:
            return advising.posted_when(context, row, row.at)
        return words("It is sealed by all.")
    return words("It is {state}.", state=state_words(State(row.state), words))


def _listed(context: Context) -> Reply:
    words = context.words
    rows = [
        row for row in keeping.everyone(context.session)
        if (context.channel is None or context.channel in keeping.channels_of(row))
        and advising.may_know(context, row)
    ]  # fmt: skip
    if not rows:
        return reply(words("There is no advisory here that you may know of."))
    first = words.count("{n} advisory:", "{n} advisories:", len(rows))
    lines = [_line(context, row) for row in rows[:_MOST]]
    if len(rows) > _MOST:
        rest = len(rows) - _MOST
        lines.append(words.count("• and {n} more", "• and {n} more", rest))
    marked, answer = together(map(keeping.marked_as, rows)), reply("\n".join([first, *lines]))
    return answer if marked is None else replace(answer, matter=stored_marked(marked))


def _line(context: Context, row: Advisory) -> str:
    words = context.words
    state = state_words(State(row.state), words)
    when = row.at or row.released
    if when is not None:
        state = f"{state}, {moment(words, when, context.now)}"
    return f"• {advising.named(context, row)}: {state}"
