"""What can be watched, what of it something new touches, and telling those who watch.

Whoever watches hears what they may see and nothing else, alone, where they began to watch. What
they may not see triggers nothing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.delivery.naming import lane_of
from bot.errors import UserError
from bot.events import Answer, Outgoing, PersonId, RoomId, Standing
from bot.indicators import observables
from bot.indicators.around import above
from bot.indicators.observable import Kind, Observable
from bot.indicators.people import BELOW, WORD, Watched
from bot.sharing.marking import Marking
from bot.sharing.teams import Directory, TeamKey
from bot.store.tables import Roster
from bot.words import Words
from commands.registry import reply, shortened

_SHORTEST, _LONGEST = 3, 60
"""Characters of a word to watch for."""
_LINES = 10
"""What is new that is told at once."""
_ADDRESSES = frozenset({Kind.IPV4, Kind.IPV6, Kind.NETWORK})


class Place(msgspec.Struct, frozen=True):
    """Where somebody who watches is told."""

    room: RoomId
    direct: bool


@dataclass(frozen=True, slots=True)
class News:
    """Something new that is said: of which values, in which words, how it is marked."""

    values: tuple[Observable, ...]
    words: str
    marking: Marking


def watched(text: str) -> tuple[str, str]:
    """What somebody wants to watch, as its kind and value: a value, a network, `*.domain` for all
    below it, or else a word in names and labels. Raises UserError.
    """
    bare = text.strip()
    if bare.startswith("*") and (plain := observables.refang(bare)).startswith("*."):
        return BELOW, observables.read(f"domain:{plain[2:]}").value
    try:
        found = observables.read(bare)
    except UserError:
        word = " ".join(bare.casefold().split())
        if not _SHORTEST <= len(word) <= _LONGEST or any(sign in word for sign in ".:/@\\"):
            raise
        return WORD, word
    return found.kind, found.value


def shown(kind: str, value: str) -> str:
    """What is watched, to be read and not to be clicked on."""
    if kind == WORD:
        return f"“{observables.defang_text(value)}”"
    if kind == BELOW:
        return f"*[.]{observables.defang(Observable(Kind.DOMAIN, value))}"
    return shortened(observables.defang(Observable(Kind(kind), value)), _LONGEST)


def typed(kind: str, value: str) -> str:
    """What is watched, as one types it."""
    if kind == WORD:
        return value
    if kind == BELOW:
        return f"*[.]{observables.defang(Observable(Kind.DOMAIN, value))}"
    return observables.typed(Observable(Kind(kind), value))


def touches(watch: Watched, news: News) -> bool:
    """Whether something new is about what is watched."""
    if watch.kind == WORD:
        return watch.value in news.words.casefold()
    return any(_touches(watch, value) for value in news.values)


def told(words: Words, watch: Watched, news: Sequence[News], place: Place) -> Outgoing:
    """What somebody who watches is told, alone."""
    label = max(each.marking.label for each in news)
    first = words(
        "{label} 🔔 New about {watched}", label=label, watched=shown(watch.kind, watch.value)
    )
    lines = [first]
    for each in news[:_LINES]:
        said = ", ".join(_shown_value(value) for value in each.values[:3]) or words("no value")
        lines.append(f"• {said}: {_line(each)}")
    if len(news) > _LINES:
        rest = len(news) - _LINES
        lines.append(words.count("• and {n} more", "• and {n} more", rest))
    lines.append(words("“unwatch {watched}” ends this.", watched=typed(watch.kind, watch.value)))
    person = PersonId(watch.person)
    body, team = reply("\n".join(lines)).body, watch.team or ""
    answer = Answer(person, body, direct=place.direct, team=team)
    return Outgoing(place.room, answer, lane_of(person))


def still_there(
    session: Session, directory: Directory, watches: Iterable[Watched]
) -> Iterator[Watched]:
    """Those watches whose person is of the team still for which they watch."""
    every = list(watches)
    people = {each.person for each in every}
    rows = session.execute(
        select(Roster.person, Roster.team, Roster.until).where(Roster.person.in_(people))
    ).all()
    seated: dict[str, set[str | None]] = {}
    for person, team, until in rows:
        seated.setdefault(person, set()).update(() if until is not None else (team,))
    for each in every:
        if each.team is None or each.team not in directory.teams:
            continue
        teams: Mapping[str, set[str | None]] = seated
        if each.person in teams:
            if each.team in teams[each.person]:
                yield each
        elif _team_of(directory, each.person) == each.team:
            yield each


def place_of(watch: Watched) -> Place:
    """Where they are told."""
    return msgspec.json.decode(watch.place, type=Place)


def _team_of(directory: Directory, person: str) -> TeamKey | None:
    """Of whom no room has ever had: as when they asked, which only members can."""
    found = directory.team_of(PersonId(person), Standing.MEMBER)
    return None if found is None else found.key


def _touches(watch: Watched, value: Observable) -> bool:
    if watch.kind == BELOW:
        names = [each.value.value for each in above(value)]
        names += [value.value] if value.kind is Kind.DOMAIN else []
        return any(name.endswith(f".{watch.value}") for name in names)
    if watch.kind == value.kind and watch.value == value.value:
        return True
    if watch.kind == Kind.NETWORK and value.kind in _ADDRESSES:
        return _lies_in(value.value, watch.value)
    return any(watch.kind == each.value.kind and watch.value == each.value.value
               for each in above(value) if each.relation == "host")  # fmt: skip


def _lies_in(inner: str, outer: str) -> bool:
    small, large = ipaddress.ip_network(inner), ipaddress.ip_network(outer)
    if isinstance(small, ipaddress.IPv4Network) and isinstance(large, ipaddress.IPv4Network):
        return small.subnet_of(large)
    if isinstance(small, ipaddress.IPv6Network) and isinstance(large, ipaddress.IPv6Network):
        return small.subnet_of(large)
    return False


def _shown_value(value: Observable) -> str:
    return shortened(observables.defang(value), _LONGEST)


def _line(news: News) -> str:
    said = observables.defang_text(" ".join(news.words.split()))
    return f"{news.marking}; {shortened(said, 100)}" if said else str(news.marking)
