"""What people read of a proposal: in its own post, in what comes of it, in lists. Pure.

The first line says it all in at most 80 characters, and begins with the label.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.decisions.proposals import RECORDED, SILENCE, State
from bot.decisions.silence import Awaited
from bot.decisions.voices import Stance
from bot.events import Control, Look
from bot.richtext import Paragraph, Quote, RichText, Style, Text, lines, say
from bot.sharing.marking import Marking
from bot.sharing.teams import TeamKey
from bot.words import Words, message
from bot.words.times import lasting

FIRST_LINE = 80
_LONG, _EXCERPT = 2000, 200
"""Characters of a text that its head holds; and those that it shows of a longer one."""
_AGREES, _RESERVES = "\N{THUMBS UP SIGN}", "\N{MEMO}"
_ABSTAINS, _OBJECTS = "\N{MEDIUM WHITE CIRCLE}", "\N{RAISED HAND}"
_STATES: Mapping[State, str] = {
    State.OPEN: message("open"),
    State.ADOPTED: message("adopted"),
    State.BROKEN: message("broken"),
    State.AGREED: message("agreed"),
    State.RESERVED: message("agreed, with reservations"),
    State.DISPUTED: message("disputed"),
    State.FAILED: message("not adopted"),
    State.WITHDRAWN: message("withdrawn"),
}
_STANCES: Mapping[Stance, str] = {
    Stance.AGREE: message("agrees"),
    Stance.OBJECT: message("objects"),
    Stance.AMEND: message("wants other words"),
    Stance.RESERVE: message("has a reservation"),
    Stance.ABSTAIN: message("abstains"),
}
_AWAITED: Mapping[Awaited, str] = {
    Awaited.READING: message("being read up to the expiry"),
    Awaited.OUTAGE: message("a room cannot be heard: it goes on when it can"),
    Awaited.DELIVERY: message("waiting until it has reached {teams}"),
    Awaited.CONFIRMATION: message("waiting for {teams} to confirm"),
    Awaited.CHAIR: message("waiting for the chair to rule on what {teams} said"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A proposal, as far as its readers may know it. `names`: of teams; `zones`: of those on the
    roster; `stances`: of those that spoke, None where a closed ballot hides how.
    """

    name: str
    marking: Marking
    method: str
    state: State
    text: str
    expires: datetime | None
    proposer: str
    names: Mapping[TeamKey, str]
    roster: tuple[TeamKey, ...]
    unreached: tuple[TeamKey, ...] = ()
    stances: Mapping[TeamKey, Stance | None] = field(default_factory=dict)
    zones: tuple[ZoneInfo, ...] = ()
    left: timedelta | None = None
    """How much of its time is left at most."""
    awaited: Awaited | None = None
    awaits: tuple[TeamKey, ...] = ()
    released: datetime | None = None


def state_words(state: State, words: Words) -> str:
    """A state, in words."""
    return words(_STATES[state])


def stance_words(stance: Stance, words: Words) -> str:
    """What a team does that says so."""
    return words(_STANCES[stance])


def titled(text: str, most: int) -> str:
    """The first line of a text, cut where it is longer."""
    first = text.strip().partition("\n")[0]
    return first if len(first) <= most else first[: most - 1].rstrip() + "…"


def head(shown: Shown, words: Words) -> RichText:
    """The post of a proposal: what it is, its text, until when, how it stands."""
    first = " · ".join([str(shown.marking.label), shown.name, _kind(shown, words)])
    top = Paragraph((Text(first[:FIRST_LINE], Style.BOLD),))
    marked = [] if not shown.marking.releasable else [say(str(shown.marking)).blocks[0]]
    words_of_it = titled(shown.text, _EXCERPT) if is_long(shown) else shown.text
    text = Quote((Paragraph(tuple(lines(words_of_it))),))
    rest = say("\n".join(_standing(shown, words)))
    return RichText((top, *marked, text, *rest.blocks))


def controls(shown: Shown, ref: str, words: Words) -> tuple[Control, ...]:
    """What can be pressed on the post of a proposal that is open; an objection is asked about
    first. `ref`: its handle.
    """
    if shown.state is not State.OPEN:
        return ()
    third = (
        Control(words("Reserve"), f"voice {ref} reserve", _RESERVES)
        if shown.method in {SILENCE, RECORDED}
        else Control(words("Abstain"), f"voice {ref} abstain", _ABSTAINS)
    )
    return (
        Control(words("Agree"), f"voice {ref} agree", _AGREES),
        third,
        Control(words("Object"), f"voice {ref} object", _OBJECTS, Look.DANGER),
    )


def objection(call: str, words: Words) -> tuple[Control, ...]:
    """What can be pressed to object once more, where that has not been confirmed."""
    return (Control(words("Object"), call, _OBJECTS, Look.DANGER),)


def is_long(shown: Shown) -> bool:
    """Whether its text stands below its head, in messages of its own."""
    return len(shown.text) > _LONG


def whole(shown: Shown) -> RichText:
    """The text of a proposal that is too long for its head."""
    return RichText((Quote((Paragraph(tuple(lines(shown.text))),)),))


def outcome(shown: Shown, words: Words, why: Iterable[str] = ()) -> RichText:
    """The message that says what came of it: a new one in every room."""
    said = f"{shown.marking.label} · {shown.name} · {state_words(shown.state, words)}"
    title = titled(shown.text, max(FIRST_LINE - len(said) - 3, 0))
    top = Paragraph((Text(f"{said} · {title}" if title else said, Style.BOLD),))
    rest = [*why, *_said(shown, words)]
    return RichText((top, *say("\n".join(rest)).blocks)) if rest else RichText((top,))


def word(shown: Shown, text: str) -> RichText:
    """A word about a proposal, beside its own post."""
    top = f"{shown.marking.label} · {shown.name}"
    return RichText((Paragraph((Text(top, Style.BOLD),)), *say(text).blocks))


def instants(at: datetime, zones: Iterable[ZoneInfo]) -> str:
    """A moment in UTC, and in each zone that reads another time then."""
    utc = at.astimezone(UTC)
    shown = {f"{utc:%H:%M}": "UTC"}
    for zone in zones:
        local = at.astimezone(zone)
        day = "" if local.date() == utc.date() else f"{local:%d %b} "
        shown.setdefault(f"{day}{local:%H:%M}", zone.key)
    return f"{utc:%Y-%m-%d} " + " · ".join(f"{time} {zone}" for time, zone in shown.items())


def names(shown: Shown, teams: Iterable[TeamKey]) -> str:
    """What some teams are called."""
    return ", ".join(shown.names.get(team, team) for team in teams)


def _kind(shown: Shown, words: Words) -> str:
    if shown.state is not State.OPEN:
        return state_words(shown.state, words)
    if shown.method == RECORDED:
        return words("decided, to be confirmed")
    if shown.method != SILENCE:
        return words("proposal, decided by {method}", method=shown.method)
    if shown.expires is None:
        return words("proposal under silence, held open")
    until = f"{shown.expires.astimezone(UTC):%d %b %H:%M} UTC"
    return words("proposal under silence until {when}", when=until)


def _standing(shown: Shown, words: Words) -> Iterator[str]:
    if shown.method == RECORDED:
        yield words("Recorded by {who}.", who=shown.proposer)
    else:
        yield words("Proposed by {who}.", who=shown.proposer)
    if shown.released is not None:
        yield words("Released {when}.", when=instants(shown.released, ()))
    if shown.state is State.OPEN:
        if shown.expires is not None:
            yield words("Until {when}.", when=instants(shown.expires, shown.zones))
            if shown.left is not None:
                yield words("Time left: {time} at most.", time=lasting(words, shown.left))
        if shown.method == SILENCE:
            yield words(
                "Who says nothing agrees. “voice {ref} object WHY” or “amend” before then breaks "
                "the silence; “reserve” puts a reservation on record.", ref=shown.name,
            )  # fmt: skip
        elif shown.method == RECORDED:
            yield words(
                "Who says nothing lets it stand. “voice {ref} agree”, “reserve WHY” or "
                "“object WHY”.", ref=shown.name,
            )  # fmt: skip
        else:
            yield words("“vote {ref} agree”, “object”, “abstain” or “reserve”.", ref=shown.name)
        yield words("One voice a team: {teams}", teams=names(shown, shown.roster))
        if shown.unreached:
            yield words("Not reached yet: {teams}", teams=names(shown, shown.unreached))
        if shown.awaited is not None:
            yield words(_AWAITED[shown.awaited], teams=names(shown, shown.awaits))
    yield from _said(shown, words)


def _said(shown: Shown, words: Words) -> Iterator[str]:
    for team, stance in shown.stances.items():
        does = words("has voted") if stance is None else stance_words(stance, words)
        yield f"• {shown.names.get(team, team)}: {does}"
