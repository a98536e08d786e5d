"""`python -m tests.model.faults`: the bot with one fault at a time, which the model has to find.

A model that finds nothing may be blind. Each fault is one part of the bot that is another than the
real one (see `tests.model.plant`), given where the bot is joined.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

from bot.custody.effective import Effective, Marked, Markings
from bot.custody.frozen import Frozen, Order
from bot.custody.gatekeeper import Gatekeeper, Own
from bot.delivery.admission import Admission
from bot.delivery.report import find_message
from bot.events import Author, Delete, MessagePosted, PersonId, RoomId, Standing
from bot.sharing.gate import ALLOWED, Door, Matter, Verdict, judge
from bot.sharing.marking import Label
from commands.grammar import Call, NearMiss
from commands.registry import Context, Registry, Reply
from tests.model.machine import play
from tests.model.oracle import Alliance
from tests.model.plant import Parts

STEPS = 6000
"""Within so many each is found."""


class Lax(Gatekeeper):
    """A gate that sees something else than there is."""

    __slots__ = ()

    def ask(self, matter: Matter, room: RoomId) -> Verdict:
        return judge(self.seen(matter), self.looked_at(self.doors.door(room)))

    def seen(self, matter: Matter) -> Matter:
        """What is asked about."""
        return matter

    def looked_at(self, door: Door) -> Door:
        """Where it wants to enter."""
        return door


class HighCeiling(Lax):
    def looked_at(self, door: Door) -> Door:
        return replace(door, ceiling=min(Label.AMBER_STRICT, Label(_NEXT[door.ceiling])))


_NEXT = dict(zip(Label, [*list(Label)[1:], Label.RED], strict=True))


class NoStrangers(Lax):
    def looked_at(self, door: Door) -> Door:
        return replace(door, strangers=False)


class NoClearance(Lax):
    def looked_at(self, door: Door) -> Door:
        return replace(door, lowest=Label.AMBER_STRICT)


class NoRoster(Lax):
    def looked_at(self, door: Door) -> Door:
        return replace(door, roster=door.teams)


class AllFit(Lax):
    def looked_at(self, door: Door) -> Door:
        return replace(door, unfit=False)


class UnknownIsEmpty(Lax):
    def looked_at(self, door: Door) -> Door:
        return replace(door, known=True)


class NoDates(Lax):
    def looked_at(self, door: Door) -> Door:
        return replace(door, youngest=None)


class NoLists(Lax):
    def seen(self, matter: Matter) -> Matter:
        return replace(matter, releasable=None)


class EmptyListAdmits(Lax):
    def seen(self, matter: Matter) -> Matter:
        others = (matter.releasable or frozenset()) - {matter.originator}
        return matter if others else replace(matter, releasable=None)


class Undated(Gatekeeper):
    """Whoever is in a group now has been in it for ever."""

    __slots__ = ()

    @property
    def markings(self) -> Markings:
        found = self.doors.markings
        return replace(found, since={name: {} for name in found.since})


@dataclass(frozen=True)
class _Alone(Markings):
    def effective(self, marked: Marked, above: Sequence[Marked] = ()) -> Effective:
        del above
        return Effective(marked.marking, self.matter(marked))


class RootsForgotten(Gatekeeper):
    """A message is marked by its own words alone."""

    __slots__ = ()

    @property
    def markings(self) -> Markings:
        found = self.doors.markings
        return _Alone(found.directory, found.defaults, found.since)


class EditsLower(Gatekeeper):
    """What an edit says is how it is marked."""

    __slots__ = ()

    def higher(self, row: Row[Any], own: Own) -> dict[str, object]:
        return own.columns() | {"originator": row.originator, "released": None}


class AskedOnce(Admission):
    """Nothing is asked before something is sent."""

    def admit(self, session: Session, row: Row[Any]) -> Verdict:
        del session, row
        return ALLOWED


class RoomsOnly(Frozen):
    """Whose words they are does not matter."""

    def keeps_out(self, room: RoomId, author: Author | None = None) -> Order | None:
        del author
        return super().keeps_out(room)


class Changed(Registry):
    """Commands, one of which does something else."""

    def __init__(self, inner: Registry) -> None:
        super().__init__(inner.get(name) for name in inner.names)  # type: ignore[misc]  # each is there


class AnybodyReleases(Changed):
    """Whoever releases something counts as its author."""

    def run(self, call: Call | NearMiss, context: Context) -> Reply:
        if isinstance(call, Call) and call.name == "release" and call.text:
            found = find_message(context.session, call.text.split()[0])
            if found is not None and found.author:
                asker = Author(PersonId(found.author), "Somebody", standing=Standing.MEMBER)
                return super().run(call, replace(context, asker=asker))
        return super().run(call, context)


class RecallLeavesOne(Changed):
    """One copy of what is recalled stays."""

    def run(self, call: Call | NearMiss, context: Context) -> Reply:
        answer = super().run(call, context)
        taken = [each for each in answer.also if isinstance(each.content, Delete)]
        if isinstance(call, NearMiss) or call.name != "recall" or not taken:
            return answer
        return replace(answer, also=tuple(each for each in answer.also if each is not taken[-1]))


def _showing_nothing(event: MessagePosted) -> MessagePosted:
    return replace(event, quotes=())


def _one_is_enough(alliance: Alliance) -> Alliance:
    teams = {name: replace(team, needs=1) for name, team in alliance.teams.items()}
    return replace(alliance, teams=teams)


FAULTS: Mapping[str, Parts] = {
    "the ceiling is one label too high": Parts(keeper=HighCeiling),
    "strangers are overlooked": Parts(keeper=NoStrangers),
    "clearances are ignored": Parts(keeper=NoClearance),
    "the roster is ignored": Parts(keeper=NoRoster),
    "unfit rooms are fit": Parts(keeper=AllFit),
    "REL is ignored": Parts(keeper=NoLists),
    "an empty or unknown REL admits everybody": Parts(keeper=EmptyListAdmits),
    "a root's marking is not inherited": Parts(keeper=RootsForgotten),
    "what is forwarded marks nothing": Parts(heard=_showing_nothing),
    "an edit lowers": Parts(keeper=EditsLower),
    "nothing is asked again before sending": Parts(admission=AskedOnce),
    "another team releases": Parts(registry=AnybodyReleases),
    "one person releases where it takes two": Parts(alliance=_one_is_enough),
    "a recall leaves a copy": Parts(registry=RecallLeavesOne),
    "a frozen team's words pass": Parts(frozen=RoomsOnly),
    "a roster that was not read is empty": Parts(keeper=UnknownIsEmpty),
    "words from before a team joined are let in": Parts(keeper=NoDates),
    "dates of groups are ignored": Parts(keeper=Undated),
    "the Chatham House Rule is ignored": Parts(veiled=frozenset()),
}


def found(name: str, seed: int, steps: int = STEPS) -> str | None:
    """What the model says of a fault, None where it does not find it in so many steps."""
    try:
        play(seed, steps, parts=FAULTS[name])
    except AssertionError as error:
        return str(error) or "an assertion"
    return None


def main(words: Sequence[str] | None = None) -> int:
    """Plant each; 0 where all are found."""
    parser = argparse.ArgumentParser(prog="python -m tests.model.faults", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="FAULT", help="(default: all)")
    parser.add_argument("--steps", type=int, default=STEPS, help=f"at most (default: {STEPS})")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(words)
    return 0 if all_found(options.names or FAULTS, options.seed, options.steps) else 1


def all_found(names: Iterable[str], seed: int, steps: int = STEPS) -> bool:
    """Plant these, one after the other, and say what the model found."""
    whole = True
    for name in names:
        begun, what = datetime.now(UTC), found(name, seed, steps)
        took = (datetime.now(UTC) - begun).total_seconds()
        whole = whole and what is not None
        words = "NOT FOUND" if what is None else "found: " + what.partition("\n")[0][:100]
        sys.stdout.write(f"{name} ({took:.0f} s): {words}\n")
        sys.stdout.flush()
    return whole


if __name__ == "__main__":
    sys.exit(main())
