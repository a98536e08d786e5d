"""Asking about indicators as people of a small alliance, without a network."""

from __future__ import annotations

from dataclasses import replace

from bot.errors import UserError
from bot.events import Author, PersonId, RoomId, Standing
from bot.richtext import plain
from bot.store.database import Database
from bot.words import words_for
from commands.grammar import Call
from commands.registry import Attached, Context, Registry, Reply, refusal
from tests.commands.house import SmallHouse, context_in
from tests.custody import ROOMS, Alliance
from tests.indicators import NOW

DIRECT = RoomId("fake:a/direct")
REGISTRY = Registry.load()


def person(team: str, name: str = "ada") -> Author:
    """Somebody of a team: `ada` speaks for it."""
    return Author(PersonId(f"fake:{team}/{name}"), name.title(), standing=Standing.MEMBER)


def context_of(alliance: Alliance, team: str = "a", *, direct: bool = False) -> Context:
    """Where somebody of a team asks: in its room of the channel, or in a direct one."""
    house = SmallHouse(rooms={"c": list(ROOMS)}, teams=alliance.directory, gate=alliance.custody)
    room = next(each for each in ROOMS if each.startswith(f"fake:{team}/"))
    made = context_in(DIRECT if direct else room, house, asker=person(team))
    return replace(made, direct=direct, now=NOW)


def answered(
    database: Database, context: Context, typed: str, *, attached: tuple[Attached, ...] = ()
) -> Reply:
    """What is answered to what somebody types; what it wrote stays."""
    name, _, text = typed.partition(" ")

    def work(session: object) -> Reply:
        own = replace(context, session=session, attached=attached)  # type: ignore[arg-type]
        try:
            return REGISTRY.run(Call(name, text), own)
        except UserError as error:
            return refusal(error, words_for("en"))

    return database.run_now(work)


def said(database: Database, context: Context, typed: str) -> str:
    """The same, as text."""
    return plain(answered(database, context, typed).body)
