"""Asking for an advisory field by field: what is asked, and what becomes of an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from msgspec import structs

from bot.advisories import writing
from bot.advisories.document import checked
from bot.advisories.front_matter import Written
from bot.advisories.writing import BODY, FIELDS
from bot.errors import UserError
from bot.events import Control, PersonId
from bot.store.tables.advisories import Writing
from bot.words import message
from commands.composing import draft_from
from commands.drafting import a_kind, a_severity, in_lines, in_parts, in_words
from commands.labels import names
from commands.registry import Context, Reply, reply, shortened
from commands.registry.wrong import wrong

SKIP, BACK, DONE, STOP, DROP = "skip", "back", "done", "stop", "drop"
_SIGNS = frozenset({SKIP, BACK, DONE, STOP, DROP})
_FRENCH = {"passer": SKIP, "retour": BACK, "terminer": DONE, "arrêter": STOP, "abandonner": DROP}
_ASKED: Mapping[str, str] = {
    "title": message("What is it called?"),
    "kind": message("What is it: advisory, alert, bulletin, situation-report, all-clear?"),
    "severity": message("How grave is it: low, medium, high, critical?"),
    "summary": message("What is it about, in a few sentences?"),
    BODY: message("What is there to say? All of it, in Markdown."),
    "actions": message("What are its readers to do?"),
    "due": message("Until when? As 2026-11-24T09:00, or tomorrow 09:00."),
    "affected": message("Which products and versions are affected? A line each."),
    "cves": message("Which vulnerabilities, as CVE-2026-12345?"),
    "indicators": message("Which indicators that are known here? Values, or #TAG."),
    "techniques": message("Which techniques of ATT&CK, as T1190?"),
    "references": message("Which addresses are there to read on? A line each."),
    "marking": message("How is it marked, as TLP:AMBER?"),
    "group": message("For which group alone?"),
    "channels": message("For which channels?"),
    "seal": message("Which teams seal it?"),
    "contact": message("Whom can its readers ask?"),
}
_READ: Mapping[str, Callable[[str], Any]] = {
    "kind": a_kind, "severity": a_severity, "affected": in_lines, "references": in_lines,
    "cves": in_words, "techniques": in_words, "indicators": in_parts, "channels": names,
    "seal": names,
}  # fmt: skip
_EXCERPT = 60
_BUTTONS = (
    (SKIP, message("Skip"), "\N{BLACK RIGHT-POINTING DOUBLE TRIANGLE WITH VERTICAL BAR}"),
    (BACK, message("Back"), "\N{LEFTWARDS BLACK ARROW}"),
    (DONE, message("That is all"), "\N{CHEQUERED FLAG}"),
)


def asked(context: Context, given: Written) -> Reply:
    """Begin to ask, with what was said already; or go on with what somebody has begun."""
    person = PersonId(context.asker.person)
    row = writing.find(context.session, person, context.now)
    if row is None or given.values:
        row = writing.begin(context.session, person, context.channel, given, "", context.now)
        said: tuple[str, ...] = ()
    else:
        said = (context.words("You have begun one: I go on with it."),)
    if not row.step:
        written = writing.written_of(row)
        writing.keep(context.session, row, written, _first(row, written), context.now)
    return question(context, row, *said)


def kept(context: Context, given: Written, error: UserError) -> Reply:
    """What is wrong with what a form or a slash-command said: it is shown nowhere else, and stays
    for the form to be opened again.
    """
    words, person = context.words, PersonId(context.asker.person)
    writing.begin(context.session, person, context.channel, given, "", context.now)
    lines = [
        wrong(error, words),
        words("I keep what you wrote for a week: “advisory draft” goes on with it."),
    ]
    again = Control(words("Go on"), "advisory draft", "\N{LOWER LEFT PENCIL}")
    return replace(reply("\n".join(lines)), controls=(again,), looked_up=error.looked_up)


def _first(row: Writing, written: Written) -> str:
    """The first field of which nothing was said; without a channel that of the channels."""
    if row.channel is None and not written.many("channels"):
        return "channels"
    return next((each for each in FIELDS if each != BODY and each not in written.values), FIELDS[0])


def question(context: Context, row: Writing, *before: str) -> Reply:
    """What is asked next, with the ways round it; `before`: what is to be said first."""
    words, step = context.words, row.step
    number = FIELDS.index(step) + 1
    lines = [
        *before,
        words("{n} of {all} · {question}", n=number, all=len(FIELDS), question=words(_ASKED[step])),
    ]
    so_far = _so_far(row)
    if so_far:
        lines.append(words("So far: {value}", value=shortened(so_far, _EXCERPT)))
    lines.append(
        words(
            "Answer in our direct room, or with “advisory answer TEXT”; or say skip, back, done, "
            "stop (“advisory draft” goes on with it), drop."
        )
    )
    return replace(reply("\n".join(lines)), controls=_controls(context, step))


def sign_of(text: str) -> str | None:
    """Which way round a question somebody takes; None for an answer."""
    word = text.strip().casefold()
    return word if word in _SIGNS else _FRENCH.get(word)


def taken(context: Context, row: Writing, text: str) -> bool:
    """Take an answer, or a way round it; whether that was all. Raises UserError where it is none,
    and the question stays.
    """
    sign = sign_of(text)
    written, at = writing.written_of(row), FIELDS.index(row.step)
    if sign == DONE:
        return True
    if sign is None:
        written = with_answer(written, row.step, text)
        document = draft_from(context, written).document
        checked(document if document.title else structs.replace(document, title="…"))
        if row.step == "due":  # it counts from now, whenever the rest is said
            written = with_answer(written, "due", document.due or "")
    last = len(FIELDS) - 1
    following = max(at - 1, 0) if sign == BACK else at + 1
    if sign is None and row.step == "channels" and written.one("title") is None:
        following = 0
    writing.keep(context.session, row, written, FIELDS[min(following, last)], context.now)
    return following > last


def with_answer(written: Written, step: str, text: str) -> Written:
    """What was written, with an answer to a question. Raises UserError where it is none."""
    if step == BODY:
        return Written(written.values, text.strip("\n"))
    value = _READ.get(step, str.strip)(text)
    values: Sequence[str] = value if isinstance(value, tuple) else (str(value),)
    return Written({**written.values, step: tuple(values)}, written.body)


def _so_far(row: Writing) -> str:
    values = writing.values_of(row)
    return values.get("text" if row.step == BODY else row.step, "")


def _controls(context: Context, step: str) -> tuple[Control, ...]:
    """Each is of this question alone: pressed later it does nothing."""
    return tuple(
        Control(context.words(label), f"advisory answer --to {step} {call}", emoji, once=True)
        for call, label, emoji in _BUTTONS
    )
