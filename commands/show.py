"""`show`: a decision with all that was said to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from bot.custody.effective import stored_marked
from bot.decisions import finding, proposals, view
from bot.decisions.finding import Found
from bot.decisions.proposals import State
from bot.decisions.showing import instants, stance_words, state_words, titled
from bot.decisions.voices import Ruling, Stance
from bot.errors import UserError
from bot.store.tables.decisions import Decision, Voice
from bot.words.times import moment
from commands import advising, previewing
from commands.deciding import WHAT, decision_meant, knows_all
from commands.registry import Arg, Context, Reply, command, reply


@command("show", placed=True, shareable=True)
def show(context: Context, ref: Annotated[str | None, Arg(WHAT)] = None) -> Reply:
    """Show a decision: its text, how it stands, and what each team said; or an advisory."""
    advisory = advising.advisory_of(context, ref)
    if advisory is not None:
        return previewing.whole(context, advisory)
    row = decision_meant(context, ref)
    found = finding.find(context.session, row.ref)
    if found is None:
        raise UserError("I know of no such decision.")
    answer = reply("\n".join(_lines(context, found)))
    matter = stored_marked(proposals.marked_as(row))
    return replace(answer, matter=matter, shares=found.name)


def _lines(context: Context, found: Found) -> Iterator[str]:
    row, words = found.row, context.words
    whole = knows_all(context, row)
    shown = view.shown(context.session, context.house, row, whole=whole)
    first = f"{shown.marking.label} · {found.name} · {state_words(shown.state, words)}"
    yield f"{first} · {titled(shown.text, max(77 - len(first), 0))}"[:80]
    yield shown.text
    if found.number is not None:
        yield words("It began as {ref}.", ref=row.ref)
    when = moment(words, row.opened, context.now)
    yield words("Put by {who} {when}; decided by {method}.", who=shown.proposer, when=when,
                method=row.method)  # fmt: skip
    if shown.expires is not None and shown.state is State.OPEN:
        yield words("Until {when}.", when=instants(shown.expires, shown.zones))
    if row.closed is not None:
        yield words("Ended {when}.", when=moment(words, row.closed, context.now))
    if shown.released is not None:
        yield words("Released {when}.", when=moment(words, shown.released, context.now))
    if shown.unreached and shown.state is State.OPEN:
        names = ", ".join(shown.names[team] for team in shown.unreached)
        yield words("Not reached yet: {teams}", teams=names)
    for voice in proposals.voices_of(context.session, row, counted=False):
        if whole or proposals.is_for_all(row, voice):
            yield from _voice(context, row, voice)
    if found.commitment is not None:
        yield words("The ledger is committed to its text by {hash}.", hash=found.commitment.hex())


def _voice(context: Context, row: Decision, voice: Voice) -> Iterator[str]:
    words, team = context.words, context.house.directory().called(voice.team)
    when = moment(words, voice.said, context.now)
    if proposals.terms_of(row).secret and row.state == State.OPEN:
        yield words("• {team}: has voted, {when}", team=team, when=when)
        return
    does = stance_words(Stance(voice.stance), words)
    yield f"• {team}: {does}, {when}{_beside(context, voice)}"
    series = proposals.reference_of(context.session, row).series
    said = finding.words_of(context.session, voice, series)
    if said is not None:
        yield f"  {said}"


def _beside(context: Context, voice: Voice) -> str:
    words, notes = context.words, []
    if voice.entered:
        affirmed = voice.affirmed is not None
        notes.append(
            words("entered by the chair, confirmed by the team")
            if affirmed
            else words("entered by the chair")
        )
    if voice.ruling is not None:
        void = voice.ruling == Ruling.VOID
        notes.append(words("ruled to be void") if void else words("ruled to count"))
    elif voice.confirmed is None and voice.counted:
        notes.append(words("not confirmed yet"))
    if not voice.counted:
        notes.append(words("does not count"))
    return f" ({'; '.join(notes)})" if notes else ""
