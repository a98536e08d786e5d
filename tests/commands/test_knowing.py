"""What may not be seen does not exist, for whoever asks in chat: every answer is the same, byte for
byte, with and without what is above the asker; and all that they may know is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.custody.doors import Circles
from bot.indicators.contributing import add
from bot.indicators.observable import Kind, Observable
from bot.indicators.reports import call_harmless, saw
from bot.indicators.sources import By, Source
from bot.indicators.things import Said as Of
from bot.sharing.doors import Rules
from bot.sharing.marking import Label, Marking
from bot.sharing.membership import Circle, Membership
from bot.sharing.membership import Kind as Sort
from bot.sharing.teams import Directory, TeamKey
from bot.store.database import Database, open_database
from tests.commands.indicators import answered, context_of
from tests.commands.knowers import AMBER, CLEAR, GREEN, RED, STRICT, House, Said, World
from tests.custody import BEGINNING, ROOMS, Alliance, guarded
from tests.indicators import NOW, take_in, thing
from tests.stores import sqlite_url

LABELS = dict(enumerate(("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")))
VALUES = [
    Observable(Kind.IPV4, "198.51.100.7"),
    Observable(Kind.NETWORK, "198.51.100.0/24"),
    Observable(Kind.DOMAIN, "a.evil.example"),
    Observable(Kind.DOMAIN, "evil.example"),
    Observable(Kind.MD5, "0" * 32),
    Observable(Kind.SHA256, "2" * 64),
]
END = 10
COUNTRIES = {"a": "FRA", "b": "DEU", "c": "ITA"}
NAMES = ["a", "b", "c", "inner", "outer", "nobody", "FRA", "DEU", "strange"]
QUESTIONS = [
    "ioc 198.51.100.7",
    "ioc --details 198.51.100.7",
    "ioc a.evil.example evil.example 198.51.100.0/24",
    f"ioc --details {'0' * 32}",
    f"ioc {'2' * 64}",
    "ioc 192.0.2.1",
    "ioc 198.51.100.300",
    "ioc",
    "contribute 198.51.100.7 --note x",
    "contribute 198.51.0.0/12",
    "sighting 198.51.100.7",
    "harmless evil.example",
    "harmless evil.example --undo",
    "watch evil.example",
    "watch evil.example",
    "watch",
    "unwatch a.evil.example",
    "contribute c-222222",
    "ioc --details 198.51.100.7 evil.example",
]
COMMON = Source(By.FEED, "common", None, Marking(Label.CLEAR))
_RANDOM = re.compile(r"c-[2-9a-kmnp-z]{6}|\bd[a-z2-7]{26}\b")

SAID = st.builds(
    Said,
    by=st.sampled_from([None, "a", "b", "c"]),
    label=st.sampled_from([CLEAR, GREEN, GREEN, AMBER, AMBER, STRICT, RED]),
    lists=st.lists(
        st.lists(st.sampled_from(NAMES), max_size=3).map(tuple), max_size=2
    ).map(tuple),
    hour=st.integers(0, END - 1),
)  # fmt: skip
WAYS = ["feed", "feed", "feed", "revoked", "seen", "anonymous", "harmless", "added"]
WORD = st.tuples(
    SAID,
    st.sampled_from(WAYS),
    st.lists(st.integers(0, len(VALUES) - 1), min_size=1, max_size=3, unique=True),
    st.sampled_from([None, 0, 40, 90]),
)
SINCE = st.one_of(st.none(), st.integers(0, END))
GROUPS = st.fixed_dictionaries(
    {
        "inner": st.dictionaries(st.sampled_from("ab"), SINCE),
        "outer": st.dictionaries(st.sampled_from("abc"), SINCE),
        "nobody": st.just({}),
    }
)
WORLDS = st.builds(
    World,
    houses=st.fixed_dictionaries(
        {
            key: st.builds(House, st.just(country), st.integers(CLEAR, STRICT))
            for key, country in COUNTRIES.items()
        }
    ),
    groups=GROUPS,
)
Word = tuple[Said, str, list[int], int | None]


def at(hour: int) -> datetime:
    return NOW + timedelta(hours=hour)


def alliance(world: World) -> Alliance:
    """The house under these teams and groups."""
    made = Alliance()
    teams = [
        replace(made.directory.teams[TeamKey(key)], clearance=Label(LABELS[each.cleared]))
        for key, each in world.houses.items()
    ]
    made.directory = Directory(
        teams, {name: list(members) for name, members in world.groups.items()},
        home_of=lambda member: member.partition("/")[0],
    )  # fmt: skip
    circles = Circles("c", ROOMS, Rules(Label.AMBER_STRICT), Label.GREEN, teams=("a", "b", "c"))
    made.custody = guarded([circles], made.directory)
    facts = [Membership(TeamKey(key), circles.circle) for key in world.houses]
    for name, members in world.groups.items():
        facts += [
            Membership(TeamKey(key), Circle(Sort.GROUP, name), None if h is None else at(h))
            for key, h in members.items()
        ]
    made.custody.doors.join(facts, BEGINNING)
    made.open()
    return made


def marking(said: Said) -> Marking:
    lists = tuple(frozenset(each.casefold() for each in names) for names in said.lists)
    return Marking(Label(LABELS[said.label]), lists)


def source_of(index: int, said: Said) -> Source:
    """Each word has a feed of its own, marked as it is: its name is a secret, too. What is TLP:RED
    came in one that all know of.
    """
    whose = None if said.by is None else TeamKey(said.by)
    return COMMON if said.label == RED else Source(By.FEED, f"feed-{index}", whose, marking(said))


def says(database: Database, index: int, word: Word) -> None:
    """Put a word into the store, in its way."""
    said, way, values, sure = word
    now, value, mark = at(said.hour), VALUES[values[0]], marking(said)
    team = TeamKey(said.by or "a")
    match way:
        case "feed" | "revoked":
            item = thing(
                index, said=tuple(Of(VALUES[each], file=1) for each in values), marking=mark,
                name=f"name-{index}-", confidence=sure, revoked=way == "revoked",
            )  # fmt: skip
            take_in(database, source_of(index, said), item, now=now)
        case "seen" | "anonymous":
            hidden = way == "anonymous"
            database.run_now(
                lambda s: saw(s, value, team, mark, now, place=f"name-{index}-", anonymous=hidden)
            )
        case "harmless":
            database.run_now(
                partial(call_harmless, value=value, team=team, marking=mark,
                        note=f"name-{index}-", now=now)
            )  # fmt: skip
        case "added":
            database.run_now(
                partial(add, team=team, value=value, marking=mark, note=f"name-{index}-", now=now)
            )


def whose(word: Word) -> Said:
    """What is seen anonymously is nobody's, and a feed's word is its originator's; what people add
    is their team's.
    """
    said, way, *_ = word
    if way == "anonymous":
        return replace(said, by=None)
    return said if way in {"feed", "revoked"} else replace(said, by=said.by or "a")


def is_kept(word: Word) -> bool:
    """People cannot say what is TLP:RED: their commands refuse it."""
    return word[0].label != RED or word[1] in {"feed", "revoked"}


def told(
    words: Sequence[tuple[int, Word]], world: World, team: str, empty: Path,
    read: Sequence[tuple[int, Word]] = (),
) -> list[str]:  # fmt: skip
    """All that somebody of a team is answered, question by question; `read`: what feeds are read
    from that say nothing.
    """
    there = alliance(world)
    with TemporaryDirectory() as folder:
        copyfile(empty, Path(folder) / "liaison.db")
        database = open_database(sqlite_url(Path(folder)))
        try:
            for index, word in sorted(words, key=lambda each: (each[1][0].hour, each[0])):
                says(database, index, word)
            for index, word in read:
                take_in(database, source_of(index, word[0]), now=at(word[0].hour))
            take_in(database, COMMON, now=at(END))
            asker = replace(context_of(there, team, direct=True), now=at(END))
            replies = [repr(answered(database, asker, question)) for question in QUESTIONS]
            return [_RANDOM.sub("…", each) for each in replies]
        finally:
            database.close()


def _unique(words: list[Word]) -> list[tuple[int, Word]]:
    """A team has one word each on whether a value is harmless, and adds it once: the last counts,
    whoever may know of it.
    """
    kept: dict[object, tuple[int, Word]] = {}
    for index, word in sorted(enumerate(words), key=lambda each: (each[1][0].hour, each[0])):
        if is_kept(word):
            single = word[1] in {"harmless", "added"}
            kept[(word[1], whose(word).by, word[2][0]) if single else index] = (index, word)
    return list(kept.values())


@pytest.mark.timeout(600)  # many stores, one after the other
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=st.lists(WORD, min_size=2, max_size=9), world=WORLDS, team=st.sampled_from("abc"))
def test_every_answer_is_the_same_with_and_without_what_the_asker_may_not_know(
    empty: Path, words: list[Word], world: World, team: str
) -> None:
    every = _unique(words)
    known = [(index, word) for index, word in every if world.may_know(team, whose(word))]
    # Of a feed that is for their group they know, also where all that it said came before them.
    feeds = [
        (index, word)
        for index, word in every
        if word[1] in {"feed", "revoked"} and (index, word) not in known
        and world.may_know(team, replace(word[0], hour=END))
    ]  # fmt: skip
    for with_all, without in zip(
        told(every, world, team, empty), told(known, world, team, empty, feeds), strict=True
    ):
        assert with_all == without


@pytest.mark.timeout(600)  # many stores, one after the other
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=st.lists(WORD, min_size=1, max_size=5), world=WORLDS, team=st.sampled_from("abc"))
def test_what_the_asker_may_know_is_told_and_nothing_else_is(
    empty: Path, words: list[Word], world: World, team: str
) -> None:
    every = _unique(words)
    answers = "\n".join(told(every, world, team, empty))
    for index, word in every:
        of = word[2][:1] if word[1] == "added" else word[2]  # people add one value at a time
        if word[1] in {"feed", "added"} and VALUES[0] in [VALUES[n] for n in of]:
            assert (f"name-{index}-" in answers) == world.may_know(team, whose(word))
