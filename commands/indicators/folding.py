"""Many answers at once: a list of what is known, and all of it as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from bot.indicators.answers import Answer, stamp
from bot.indicators.observables import defang, defang_text, nature
from bot.sharing.marking import Marking
from commands.indicators.saying import belonging, confidence, shown, team_name
from commands.registry import Context, shortened

_LISTED = 20
_NAMED = 3
_WORDS, _LONGEST = 50, 200
"""Words of one cell of the table, and characters of a word."""
_FIRST_ROW = (
    "value", "type", "known", "sources", "teams", "worst", "best", "first_seen", "last_seen",
    "expired", "belongs", "labels", "sightings", "false_positive", "warnings", "nature",
)  # fmt: skip


def heading(context: Context, answers: Sequence[Answer], marking: Marking) -> str:
    """The first line: label, how many, how many of them are known."""
    known = sum(each.known for each in answers)
    return context.words(
        "{marking} {known} of {n} values are known",
        marking=marking.label,
        known=known,
        n=len(answers),
    )


def listed(context: Context, answers: Sequence[Answer]) -> Iterator[str]:
    """A line for each that is known or on a warning list, as far as there is room."""
    worth = [each for each in answers if each.known or each.warnings]
    worth.sort(key=lambda each: not each.known)
    for each in worth[:_LISTED]:
        yield f"• {shown(each.observable)}: {_gist(context, each)}"
    rest = len(worth) - _LISTED
    if rest > 0:
        yield context.words.count("• and {n} more", "• and {n} more", rest)


def as_csv(context: Context, answers: Iterable[Answer], marking: Marking) -> str:
    """All of it, a row a value, below how it is marked; its cells are harmless in a spreadsheet,
    too.
    """
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow([str(marking)])
    table.writerow(_FIRST_ROW)
    for each in answers:
        table.writerow([_cell(value) for value in _row(context, each)])
    return out.getvalue()


def _gist(context: Context, answer: Answer) -> str:
    words, parts = context.words, list[str]()
    standing = [each for each in answer.statements if each.holds]
    if standing:
        parts.append(confidence(words, answer.confidences))
        if all(each.expired for each in standing):
            parts.append(words("expired"))
        belongs = sorted({each for said in standing for each in said.belongs})
        parts += belonging(words, belongs, _NAMED)
    elif answer.known:
        parts.append(words("seen"))
    if answer.harmless:
        parts.append(words("a false positive, says somebody"))
    if answer.warnings:
        parts.append(words("⚠ on a warning list"))
    return "; ".join(parts)


def _row(context: Context, answer: Answer) -> list[str]:
    standing = [each for each in answer.statements if each.holds]
    span = answer.confidences or ("", "")
    teams = {each.team for each in standing if each.team is not None}
    belongs = sorted({(b.kind, b.name) for each in standing for b in each.belongs})
    firsts = [each.first_seen for each in standing]
    lasts = [each.last_seen for each in standing]
    special = nature(answer.observable)
    return [
        defang(answer.observable),
        answer.observable.kind,
        _yes(answer.known),
        _free(sorted({each.source for each in standing})),
        " | ".join(sorted(team_name(context, each) for each in teams)),
        str(span[0]),
        str(span[1]),
        stamp(min(firsts)) or "" if firsts else "",
        stamp(max(lasts)) or "" if lasts else "",
        _yes(bool(standing) and all(each.expired for each in standing)),
        _free(f"{kind} {name}" for kind, name in belongs),
        _free(sorted({label for each in standing for label in each.labels})),
        str(sum(each.times for each in answer.sightings)),
        " | ".join(team_name(context, each.team) for each in answer.harmless),
        _free(answer.warnings),
        special or "",
    ]


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def _cell(text: str) -> str:
    """A spreadsheet takes nothing for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _free(texts: Iterable[str]) -> str:
    """What sources write, harmless: of very much the beginning."""
    few = [shortened(each, _LONGEST) for each in islice(texts, _WORDS + 1)]
    return defang_text(" | ".join([*few[:_WORDS], *(["…"] if len(few) > _WORDS else [])]))
