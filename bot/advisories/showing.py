"""What people read of an advisory: in its posts, in previews, on its board. Pure.

The first line says it all in at most 80 characters: label, severity, what. The label stands
directly before the information that it marks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo

from bot.advisories import layout
from bot.advisories.acknowledging import Said
from bot.advisories.document import Document, Kind, Update
from bot.advisories.markdown import read_markdown
from bot.advisories.states import EMOJI, SAYABLE, Ack, State, ack_words
from bot.events import Control
from bot.richtext import Block, Heading, Paragraph, RichText, Style, Text, say
from bot.sharing.teams import TeamKey
from bot.times.working import Severity
from bot.words import Words, message
from bot.words.times import lasting

FIRST_LINE = 80
_SEVERITIES: Mapping[Severity, str] = {
    Severity.LOW: message("LOW"),
    Severity.MEDIUM: message("MEDIUM"),
    Severity.HIGH: message("HIGH"),
    Severity.CRITICAL: message("CRITICAL"),
}
_LABELS: Mapping[Ack, str] = {
    Ack.RECEIVED: message("Received"),
    Ack.CHECKING: message("Checking"),
    Ack.AFFECTED: message("Affected"),
    Ack.NOT_AFFECTED: message("Not affected"),
    Ack.FIXED: message("Fixed"),
    Ack.NEEDS_HELP: message("Needs help"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """An advisory, as far as its readers may know it. `stand`: what each team says; `names`: of
    teams, and their zones; `sealed`: who stands for it beside its author.
    """

    name: str
    state: State
    document: Document
    origin: str
    sealed: tuple[str, ...] = ()
    names: Mapping[TeamKey, str] = field(default_factory=dict)
    zones: Mapping[TeamKey, tzinfo] = field(default_factory=dict)
    stand: Mapping[TeamKey, Said] = field(default_factory=dict)
    reason: str | None = None
    instead: str | None = None
    """The name of what took its place."""
    late: bool = False
    veiled: bool = False
    """It stands where nobody is told who said what: its posts name no team that spoke."""


def first_line(shown: Shown, words: Words, what: str | None = None) -> str:
    """Label, severity or what became of it, its sort where that is no advisory, name, title."""
    kind = shown.document.kind
    sort = [] if kind is Kind.ADVISORY else [layout.kind_words(kind, words)]
    begun = [str(shown.document.label), _standing(shown, words), *sort, shown.name]
    said = " · ".join([*begun, *([] if what is None else [what])])
    left = FIRST_LINE - len(said) - 3
    title = shortened(" ".join(shown.document.title.split()), left) if left > 8 else ""
    return f"{said} · {title}" if title else said[:FIRST_LINE]


def shortened(text: str, most: int) -> str:
    """At most so many characters."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def head(shown: Shown, words: Words, *, whole: bool = True) -> RichText:
    """The post that is kept up to date; without its body where that stands in posts of its own."""
    document, first = shown.document, first_line(shown, words)
    blocks = [_bold(first), *_restricted(shown)]
    if not first.endswith(" ".join(document.title.split())):
        blocks.append(Heading(3, (Text(document.title),)))
    blocks += [*_said("\n".join(_become(shown, words)))]
    blocks += layout.blocks(document, _origin(shown), words, whole=whole)
    for update in document.updates:
        blocks += [
            _bold(words("Update of {when}:", when=f"{update.at.astimezone(UTC):%d %b %H:%M} UTC"))
        ]
        blocks += read_markdown(update.text).blocks
    return RichText((*blocks, *_said(live_line(shown, words))))


def text(shown: Shown, words: Words) -> RichText:
    """A body that is posted by itself."""
    top = [_bold(first_line(shown, words)), *_restricted(shown)]
    return RichText((*top, *read_markdown(shown.document.body).blocks))


def added(shown: Shown, update: Update, words: Words) -> RichText:
    """The message that says what is new."""
    top = [_bold(first_line(shown, words, words("update"))), *_restricted(shown)]
    rest = [] if update.minor else [*_said(words("Please acknowledge it again, on its post."))]
    return RichText((*top, *read_markdown(update.text).blocks, *rest))


def ended(shown: Shown, words: Words) -> RichText:
    """The message that says that it holds no more."""
    lines = "\n".join(_become(shown, words))
    return RichText((_bold(first_line(shown, words)), *_restricted(shown), *_said(lines)))


def taken_back(shown: Shown, words: Words) -> RichText:
    """The message that stands in the place of its posts, without a word of them."""
    text = words(
        "{label} · {name} is withdrawn, and its posts were taken back.",
        label=shown.document.label, name=shown.name,
    )  # fmt: skip
    return RichText((_bold(text), *_restricted(shown), *_said(shown.reason or "")))


def live_line(shown: Shown, words: Words) -> str:
    """How many have acknowledged, and with what."""
    if shown.state is not State.RELEASED or not shown.stand:
        return ""
    said = {t: each for t, each in shown.stand.items() if each.ack in SAYABLE}
    first = words("Acknowledged: {n} of {all}", n=len(said), all=len(shown.stand))
    if shown.veiled:
        return first
    each = [f"{shown.names.get(t, t)}: {ack_words(s.ack, words)}" for t, s in said.items()]
    return " · ".join([first, *each])


def board(shown: Shown, words: Words, now: datetime) -> list[str]:
    """Who has acknowledged, who has not, since when, in which zone: a line each, those first who
    need somebody to look.
    """
    order = [Ack.NEEDS_HELP, Ack.NOT_REACHED, Ack.SILENT, *SAYABLE]
    rows = sorted(shown.stand.items(), key=lambda item: (order.index(item[1].ack), item[0]))
    return [f"• {_row(shown, team, said, words, now)}" for team, said in rows]


def counts(shown: Shown, words: Words) -> str:
    """How many teams say what."""
    acks = [each.ack for each in shown.stand.values()]
    order = [*SAYABLE, Ack.SILENT, Ack.NOT_REACHED]
    return ", ".join(f"{acks.count(a)} {ack_words(a, words)}" for a in order if a in acks)


def controls(ref: str, words: Words) -> tuple[Control, ...]:
    """What can be pressed on its post: each says no more than the post itself."""
    return tuple(
        Control(words(_LABELS[ack]), f"advisory ack {ref} {ack}", EMOJI[ack]) for ack in SAYABLE
    )


def severity_words(severity: Severity, words: Words) -> str:
    """How grave it is, in a word."""
    return words(_SEVERITIES[severity])


def _standing(shown: Shown, words: Words) -> str:
    match shown.state:
        case State.WITHDRAWN:
            return words("WITHDRAWN")
        case State.SUPERSEDED:
            return words("SUPERSEDED")
        case _:
            return severity_words(shown.document.severity, words)


def _row(shown: Shown, team: TeamKey, said: Said, words: Words, now: datetime) -> str:
    zone = shown.zones.get(team, UTC)
    line = f"{shown.names.get(team, team)}: {ack_words(said.ack, words)}"
    if said.since is None:
        return line
    since = lasting(words, now - said.since)
    local = f"{now.astimezone(zone):%a %H:%M}"
    return words(
        "{line}, for {since}; it is {local} there ({zone})",
        line=line,
        since=since,
        local=local,
        zone=str(zone),
    )


def _become(shown: Shown, words: Words) -> Iterator[str]:
    if shown.late:
        yield words("Posted late: I was not running at its time.")
    if shown.state is State.SUPERSEDED and shown.instead is not None:
        yield words("It holds no more. In its place: {name}", name=shown.instead)
    if shown.state is State.WITHDRAWN:
        yield words("It is withdrawn. {why}", why=shown.reason or "").strip()


def _origin(shown: Shown) -> list[str]:
    """Who stands for it, its author first."""
    return [shown.origin, *(name for name in shown.sealed if name != shown.origin)]


def _restricted(shown: Shown) -> list[Block]:
    marking = shown.document.marking
    return [*say(str(marking)).blocks] if marking.releasable else []


def _bold(line: str) -> Paragraph:
    return Paragraph((Text(line, Style.BOLD),))


def _said(lines: str) -> tuple[Block, ...]:
    return say(lines).blocks if lines else ()
