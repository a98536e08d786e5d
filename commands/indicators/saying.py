"""An answer in words: the verdict first, then who says what. Nothing in it can be clicked on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from bot.indicators import reported
from bot.indicators.answers import Answer, Belonging, Searched, Statement
from bot.indicators.handles import handle_of
from bot.indicators.keys import ref_key
from bot.indicators.observable import Observable
from bot.indicators.observables import Nature, defang, defang_text, nature
from bot.indicators.offered import own
from bot.sharing.marking import Marking
from bot.sharing.teams import TeamKey
from bot.words import Words, message
from bot.words.times import moment
from commands.indicators.asking import sight_of
from commands.registry import Context, shortened

_FEW, _MANY = 5, 50
"""Statements, sightings and the like that are shown at once and in detail,"""
_WORDS = 20
"""and of a statement in detail what it belongs to, its labels and its phases."""
_PLACES = 5
_VALUE = 32
"""Characters of a value in a first line."""
_NAME, _LOOKED_AT = 60, 1_000
"""Characters of a source's word that are shown, and that are looked at for that."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NATURES = {
    Nature.LOOPBACK: message("It is a loopback address: it leads to the machine itself."),
    Nature.PRIVATE: message("It is private: it means something in one network only."),
    Nature.LINK_LOCAL: message("It is link-local: it means something on one link only."),
    Nature.MULTICAST: message("It is a multicast address: it is no single machine's."),
    Nature.DOCUMENTATION: message("It is reserved for documentation."),
    Nature.SHARED: message("It is shared, behind a provider's translation (RFC 6598)."),
    Nature.BENCHMARKING: message("It is reserved for measurements."),
    Nature.UNSPECIFIED: message("It is the unspecified address: it leads nowhere."),
    Nature.BROADCAST: message("It is a broadcast address: it is no single machine's."),
    Nature.TRANSLATED: message("It stands for an IPv4 address, by a translation."),
    Nature.RESERVED: message("It is reserved: it leads nowhere."),
    Nature.LOCAL: message("It means something in one network only."),
    Nature.ONION: message("It is an onion service: no name server knows it."),
    Nature.SUFFIX: message("It is a public suffix: others register their names under it."),
}
_RELATIONS = {
    "network": message("in the network {value}"),
    "parent": message("below {value}"),
    "host": message("its host {value}"),
    "resolved": message("resolved: {value}"),
    "same-file": message("the same file: {value}"),
}


def verdict(context: Context, answer: Answer, marking: Marking) -> str:
    """The first line: label and verdict."""
    words, value = context.words, shortened(defang(answer.observable), _VALUE)
    label = marking.label
    standing = [each for each in answer.statements if each.holds]
    if not answer.known:
        if answer.statements:
            return words("{marking} {value}: revoked by its source", marking=label, value=value)
        return words("{marking} {value}: nothing is known", marking=label, value=value)
    if not standing:
        return words("{marking} {value}: seen, nothing said", marking=label, value=value)
    if all(each.expired for each in standing):
        return words("{marking} {value}: known, expired", marking=label, value=value)
    return words(
        "{marking} {value}: known, {sure}",
        marking=label, value=value, sure=confidence(words, answer.confidences),
    )  # fmt: skip


def confidence(words: Words, span: tuple[int, int] | None) -> str:
    """The worst and the best that somebody gives; what nobody gives is not 0."""
    if span is None:
        return words("confidence unspecified")
    if span[0] == span[1]:
        return words("confidence {n}", n=span[0])
    return words("confidence {worst} to {best}", worst=span[0], best=span[1])


def lists(context: Context, marking: Marking) -> Iterator[str]:
    """To whom it is releasable, where that is narrowed: a line, or none."""
    if marking.releasable:
        yield context.words("All of it is {marking}.", marking=marking)


def told(context: Context, answer: Answer, *, details: bool) -> Iterator[str]:
    """What stands below the first line."""
    words, most = context.words, _MANY if details else _FEW
    if kind := nature(answer.observable):
        yield words(_NATURES[kind])
    for name in answer.warnings[:most]:
        yield words("⚠ On the warning list “{name}”.", name=_safe(name))
    yield from _more(words, len(answer.warnings) - most)
    if answer.statements:
        yield _overview(context, answer)
    yield from (_statement(context, each, details=details) for each in answer.statements[:most])
    yield from _more(words, len(answer.statements) - most)
    for seen in answer.sightings[:most]:
        who = words("somebody") if seen.team is None else team_name(context, seen.team)
        last = "" if seen.last is None else when(context, seen.last)
        yield words.count(
            "👀 Seen once by {who}, {last}.", "👀 Seen {n} times by {who}, last {last}.",
            seen.times, who=who, last=last,
        ) + _where(seen.places)  # fmt: skip
    yield from _more(words, len(answer.sightings) - most)
    for each in answer.harmless[:most]:
        note = f": {_safe(each.note)}" if each.note else ""
        yield words("A false positive, says {who}{note}", who=team_name(context, each.team),
                    note=note)  # fmt: skip
    yield from _more(words, len(answer.harmless) - most)
    if details:
        yield from _own_reports(context, answer)
    for related in answer.related[:most]:
        yield "↳ " + words(_RELATIONS[related.relation], value=shown(related.value))
    yield from _more(words, len(answer.related) - most)


def _own_reports(context: Context, answer: Answer) -> Iterator[str]:
    """What the asker's own team has reported, by what it is called where it is to be released."""
    team, words = context.part().team, context.words
    if team is None or context.shared is not None or not (answer.sightings or answer.harmless):
        return
    secret, sight = context.house.custody().key, sight_of(context)
    every = reported.by_value(context.session, sight, secret, answer.observable)
    for each in own(every, team.key):
        yield words("Your team's own: {handle} ({what}, {marking})", handle=each.handle,
                    what=each.way, marking=each.marked.marking)  # fmt: skip


def _where(places: Sequence[str]) -> str:
    """Where it was seen, as those who saw it call that."""
    few = ", ".join(_safe(each) for each in places[:_PLACES])
    return f" ({few}{', …' if len(places) > _PLACES else ''})" if places else ""


def searched(context: Context, sources: Sequence[Searched]) -> str:
    """What was looked through, and how fresh that is; a room hears how many sources that were."""
    words = context.words
    if not sources:
        return words("There is nothing to search yet that you may see.")
    if context.shared is not None:
        return words.count("Searched: {n} source.", "Searched: {n} sources.", len(sources))
    listed = [
        words("{source} (never read yet)", source=source_name(context, each.source))
        if each.fresh is None
        else words("{source} ({when})", source=source_name(context, each.source),
                   when=when(context, each.fresh))
        for each in sources[:_MANY]
    ]  # fmt: skip
    return words("Searched: {listed}", listed=", ".join(listed))


def shown(value: Observable) -> str:
    """A value to be read and not to be clicked on."""
    return shortened(defang(value), 200)


def when(context: Context, micros: int) -> str:
    """A moment of the store's."""
    return moment(context.words, _EPOCH + timedelta(microseconds=micros), context.now)


def team_name(context: Context, key: str) -> str:
    """A team as people call it; a source that is none by its own name."""
    found = context.house.directory().teams.get(TeamKey(key))
    return _safe(key if found is None else found.name)


def source_name(context: Context, name: str) -> str:
    """A source as people call it: a team's own has the team's key."""
    return team_name(context, name)


def _overview(context: Context, answer: Answer) -> str:
    words, given = context.words, answer.statements
    sources = len({each.source for each in given})
    teams = {each.team for each in given if each.team is not None}
    names = ", ".join(sorted(team_name(context, each) for each in teams)) or words("no team named")
    first, last = min(each.first_seen for each in given), max(each.last_seen for each in given)
    return words.count(
        "{n} source ({teams}); first {first}, last {last}",
        "{n} sources ({teams}); first {first}, last {last}",
        sources, teams=names, first=when(context, first), last=when(context, last),
    )  # fmt: skip


def _statement(context: Context, each: Statement, *, details: bool) -> str:
    words = context.words
    who = source_name(context, each.source)
    if each.team is not None and each.team != each.source:
        who = f"{who} ({team_name(context, each.team)})"
    parts = [f"• {who}, {each.marking}"]
    span = None if each.confidence is None else (each.confidence, each.confidence)
    parts.append(confidence(words, span))
    if each.revoked:
        parts.append(words("revoked"))
    elif each.expired:
        parts.append(words("expired"))
    if each.part:
        parts.append(words("only together with other signs"))
    if each.via is not None:
        parts.append(words("of {value}", value=shown(each.via)))
    parts += belonging(words, each.belongs, _WORDS if details else _FEW)
    if each.name and details:
        parts.append(_safe(each.name))
    parts += [_safe(label) for label in each.labels[: _WORDS if details else 3]]
    if details:
        parts += [_safe(phase) for phase in each.phases[:_WORDS]]
        parts.append(f"{when(context, each.first_seen)} - {when(context, each.last_seen)}")
        parts.append(handle(context, each))
    return "; ".join(parts)


def handle(context: Context, each: Statement) -> str:
    """What a statement is called, where somebody wants it released."""
    return handle_of(context.house.custody().key, each.source, ref_key(each.ref))


def belonging(words: Words, belongs: Sequence[Belonging], most: int) -> list[str]:
    """Malware, actor, technique …, each by its name."""
    kinds = {
        "malware": words("malware"), "tool": words("tool"), "threat-actor": words("actor"),
        "intrusion-set": words("intrusion set"), "campaign": words("campaign"),
        "attack-pattern": words("technique"), "infrastructure": words("infrastructure"),
        "vulnerability": words("vulnerability"),
    }  # fmt: skip
    return [f"{kinds.get(each.kind, each.kind)} {_safe(each.name)}" for each in belongs[:most]]


def _more(words: Words, rest: int) -> Iterator[str]:
    if rest > 0:
        yield words.count("• and {n} more", "• and {n} more", rest)


def _safe(text: str) -> str:
    """A word of a source: in one line, harmless, and not for ever."""
    return shortened(defang_text(" ".join(text[:_LOOKED_AT].split())), _NAME)
