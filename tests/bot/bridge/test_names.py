# ruff: noqa: RUF001  letters that look like others are what this is about
"""Names that look alike are known to, and names that only are someone's own stay as they are."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy.orm import Session

from bot.bridge.names import LONGEST, claims, cleaned, skeleton
from bot.bridge.people import MOST_BEARERS, People
from bot.events import Author, PersonId, Standing
from bot.platforms.authors import label
from bot.sharing.teams import Directory, Team, TeamKey
from bot.store.tables import LinkedAccount
from tests.bot.bridge.networks import START

ALPHA = Team(TeamKey("cert-alpha"), "CERT Alpha", members=("fake:a",))
BRAVO = Team(TeamKey("cert-bravo"), "CERT Bravo", members=("fake:b",))
ALLIES = Directory((ALPHA, BRAVO), home_of=lambda member: member.partition("/")[0])


def who(person: str, name: str, standing: Standing = Standing.MEMBER) -> Author:
    return Author(PersonId(person), name, standing=standing)


ADA, BEN = who("fake:a/ada", "Ada Lovelace"), who("fake:b/ben", "Ben")


def people(directory: Directory = ALLIES) -> People:
    return People(directory, ("Coalition Bot", "liaison"))


def marked(session: Session, known: People, author: Author, channel: str = "c") -> bool:
    return bool(known.introduced(session, channel, author).mark)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada", "Ada"),
        (" Ada \n Lovelace ", "Ada Lovelace"),
        ("A\u202eda\u2066", "Ada"),
        ("A\u200bd\x00a\x1b", "Ada"),
        ("Ada ⚠ @ben:x", "Ada @ben:x"),
        ("👩\u200d💻 Ada", "👩\u200d💻 Ada"),
        ("\u200d", ""),
        ("x" * 500, "x" * LONGEST),
        ("Адa", "Адa"),
    ],
)
def test_a_name_shows_on_one_line_what_it_is(name: str, shown: str) -> None:
    assert cleaned(name) == shown


@given(st.text())
def test_a_cleaned_name_can_do_nothing_to_its_line(name: str) -> None:
    shown = cleaned(name)
    assert len(shown) <= LONGEST
    assert all(unicodedata.category(c) not in {"Cc", "Co", "Cs", "Zl", "Zp"} for c in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069⚠\n")


@pytest.mark.parametrize(
    "like",
    ["liaison", "Liaison", "LIAISON", "Lіaisоn", "Iiaison", "l1aison", "Ｌｉａｉｓｏｎ",
     "𝐋𝐢𝐚𝐢𝐬𝐨𝐧", "Li\u200baison", "L i a i s o n", "Lïáîsön", "Liaison.", "Liaison Bot"],
)  # fmt: skip
def test_a_name_that_looks_like_the_bots_is_marked(session: Session, like: str) -> None:
    assert marked(session, people(), who("fake:a/x", like))
    assert marked(session, people(Directory()), who("fake:a/x", like))


@pytest.mark.parametrize("name", ["Liaisons", "Elia Ison", "Anna (Liaison)", "Lia", "", "🦊"])
def test_a_name_that_does_not_is_not(session: Session, name: str) -> None:
    assert not marked(session, people(), who("fake:a/x", name))


@pytest.mark.parametrize(("one", "other"), [("Modern", "Modem"), ("Ada", "Аdа"), ("Ivv", "lw")])
def test_what_looks_the_same_has_the_same_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), [("Ada", "Eda"), ("艾达", "艾塔"), ("🦊", "🐺")])
def test_what_does_not_has_another(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


def test_the_team_stands_beside_the_name(session: Session) -> None:
    shown = people().introduced(session, "c", ADA)
    assert (shown.team, shown.mark) == ("CERT Alpha", "")
    assert label(shown, 80) == "Ada Lovelace (CERT Alpha)"
    guest = people().introduced(session, "c", replace(ADA, standing=Standing.GUEST))
    assert (guest.team, label(guest, 80)) == ("", "Ada Lovelace")


def test_who_is_called_like_somebody_of_another_team_is_marked(session: Session) -> None:
    known = people()
    assert not marked(session, known, ADA)
    assert marked(session, known, replace(BEN, name="Adа Lovelace"))
    assert marked(session, known, ADA)  # both have as good a right to it
    assert not marked(session, known, BEN)


def test_a_stranger_who_is_called_like_a_member_is_marked_and_the_member_is_not(
    session: Session,
) -> None:
    known = people()
    mallory = who("fake:c/mallory", "ADA LOVELACE")
    assert not marked(session, known, mallory)  # nobody else has spoken yet
    assert not marked(session, known, ADA)
    shown = known.introduced(session, "c", mallory)
    assert label(shown, 80) == "ADA LOVELACE ⚠ mallory"
    assert not marked(session, known, mallory, channel="another")


def test_two_of_one_team_may_be_called_alike(session: Session) -> None:
    known = people()
    assert not marked(session, known, ADA)
    assert not marked(session, known, who("fake:a/ada2", "Ada Lovelace"))


def test_two_strangers_are_marked_where_there_are_teams_alone(session: Session) -> None:
    for directory, expected in ((ALLIES, True), (Directory(), False)):
        known = people(directory)
        marked(session, known, who("fake:c/one", "Ada"))
        assert marked(session, known, who("fake:d/two", "Ada")) is expected


def test_who_is_the_same_human_misleads_nobody(session: Session) -> None:
    known = people()
    theirs = who("fake:c/ada", "Ada Lovelace")
    marked(session, known, ADA)
    assert marked(session, known, theirs)
    for person in (ADA.person, theirs.person):
        session.add(LinkedAccount(person=person, name="Ada", human="h", since=START))
    session.flush()
    assert not marked(session, known, theirs)


@pytest.mark.parametrize(
    "name",
    ["Ada (CERT Bravo)", "Ada [cert-bravo]", "Ada（CERT Brаvo）", "Ada - CERT Bravo",
     "Ada | CERT Bravo", "CERT Bravo", "CERT Bravo Duty", "Ada CERT Bravo",
     "Ada ❨CERT\u00a0Bravo❩", "Ada, cert-bravo"],
)  # fmt: skip
def test_a_name_that_says_another_team_is_marked(session: Session, name: str) -> None:
    assert marked(session, people(), replace(ADA, name=name))
    assert marked(session, people(), who("fake:c/x", name))
    assert not marked(session, people(), replace(BEN, name=name))


@pytest.mark.parametrize("name", ["Ada (she/her)", "Bravo", "Ada Bravo", "Certa Bravoure"])
def test_a_name_that_does_not_say_a_team_is_not(session: Session, name: str) -> None:
    assert not marked(session, people(), replace(ADA, name=name))


@given(st.text(max_size=200), st.integers(20, 100), st.booleans(), st.booleans())
def test_what_we_say_of_a_name_is_never_cut_away(
    name: str, longest: int, team: bool, mark: bool
) -> None:
    author = replace(
        ADA, name=cleaned(name), team="CERT Alpha" if team else "", mark="@m:x" if mark else ""
    )
    shown = label(author, longest + 20)
    assert 0 < len(shown) <= longest + 20
    assert shown.endswith(" (CERT Alpha)") or not team
    assert " ⚠ @m:x" in shown or not mark


def test_what_is_remembered_has_a_limit(session: Session) -> None:
    known = people()
    for number in range(MOST_BEARERS * 2):
        known.introduced(session, "c", who(f"fake:a/p{number}", "Ada"))
    (bearers,) = known._heard.values()
    assert len(bearers) == MOST_BEARERS


@given(st.text(max_size=300))
def test_any_name_can_be_read(name: str) -> None:
    assert isinstance(skeleton(cleaned(name)), str)
    assert len(claims(name)) <= 2 * LONGEST
