"""Answers and counts as a terminal shows them: nothing in them can be clicked on."""

from __future__ import annotations

from bot.indicators.answers import Answer, Json, Statement, stamp
from bot.indicators.observables import defang_text
from bot.indicators.reading import defanged


def shown_stat(line: Json) -> str:
    """A source's counts for a terminal."""
    aside = f", {line['quarantined']} set aside" if line["quarantined"] else ""
    counts = f"{line['objects']} objects, {line['indicators']} indicators{aside}"
    return f"{line['source']}: {counts}; updated {line['updated'] or 'never'}"


def shown(answer: Answer) -> str:
    """An answer for a terminal: the verdict, then who says what."""
    value = f"{defanged(answer.observable)} ({answer.observable.kind})"
    span = answer.confidences
    sure = "" if span is None else f", confidence {span[0]} to {span[1]}"
    number = len(answer.statements)
    head = f"{number} statement{'' if number == 1 else 's'}{sure}"
    lines = [f"{value}: {head if answer.known or number else 'not known'}"]
    lines += [f"  {_said(each)}" for each in answer.statements]
    lines += [f"  {each.relation}: {defanged(each.value)}" for each in answer.related]
    lines += [f"  on the warning list: {each}" for each in answer.warnings]
    for seen in answer.sightings:
        lines.append(
            f"  seen {seen.times} times by {seen.team or 'somebody'}, last {stamp(seen.last)}"
        )
    lines += [f"  a false positive, says {each.team}" for each in answer.harmless]
    searched = ", ".join(
        f"{e.source} ({stamp(e.fresh) or 'not read yet'})" for e in answer.searched
    )
    lines.append(f"  searched: {searched or 'nothing is there yet'}")
    return "\n".join(lines)


def _said(each: Statement) -> str:
    team = f" ({each.team})" if each.team else ""
    sure = "unspecified" if each.confidence is None else str(each.confidence)
    state = [word for word in ("revoked", "expired", "part") if getattr(each, word)]
    if each.via is not None:
        state.append(f"of {each.via.kind} {defanged(each.via)}")
    words = [
        f"{each.source}{team} {each.marking}",
        f"confidence {sure}",
        f"{stamp(each.first_seen)} to {stamp(each.last_seen)}",
        *state,
        *map(_plain, each.labels),
        *(f"{b.kind} {_plain(b.name)}" for b in each.belongs),
    ]
    return ", ".join(words)


def _plain(text: str) -> str:
    """A word of a source in one line: nothing in it leads anywhere or moves the cursor."""
    line = " ".join(text.split())
    return defang_text("".join(each if each.isprintable() else "\ufffd" for each in line))
