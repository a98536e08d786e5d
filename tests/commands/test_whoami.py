"""`whoami`: as whom the bot knows people."""

from __future__ import annotations

from bot.events import Author, Standing
from bot.richtext import plain
from bot.sharing.teams import Directory
from commands.grammar import Call
from commands.registry import Registry
from tests.bot.sharing.allies import ALLIES, matrix, slack
from tests.commands.house import SmallHouse, context_in

REGISTRY = Registry.load()


def ask(asker: Author, house: SmallHouse | None = None, language: str = "en") -> list[str]:
    house = house or SmallHouse(teams=ALLIES)
    context = context_in(house=house, asker=asker, language=language)
    return plain(REGISTRY.run(Call("whoami"), context).body).splitlines()


def author(person: str, standing: Standing = Standing.MEMBER) -> Author:
    return Author(slack(person), "Ada", standing=standing)


def test_a_member_is_told_team_and_clearance() -> None:
    assert ask(author("U5")) == [
        "Ada: member of CERT Alpha",
        "I know you by your id, slack:alpha/U5, never by your name.",
        "Your team may read up to TLP:AMBER+STRICT.",
    ]


def test_roles_and_duty_are_told() -> None:
    assert ask(author("U1"))[0] == "Ada: administrator, delegate of CERT Alpha"
    assert ask(author("U3"))[-1] == "You are on duty."


def test_a_guest_is_told_what_that_means() -> None:
    assert ask(author("U9", Standing.GUEST)) == [
        "Ada: a guest, of no team that I know",
        "I know you by your id, slack:alpha/U9, never by your name.",
        "Guests may read TLP:CLEAR, and give few commands: see “help”.",
    ]


def test_a_name_gains_nothing() -> None:
    liar = Author(slack("U9"), "CERT Alpha (admin)", standing=Standing.GUEST)
    assert ask(liar)[0] == "CERT Alpha (admin): a guest, of no team that I know"


def test_who_is_not_known_yet_is_told_to_ask_again() -> None:
    lines = ask(author("U9", Standing.UNKNOWN))
    assert "Your network has not told me yet what you are there; try again in a minute." in lines


def test_linked_accounts_are_told_and_count() -> None:
    dan, ada = matrix("@dan:open.example"), slack("U1")
    house = SmallHouse(teams=ALLIES, accounts={dan: {ada: "Ada"}})
    lines = ask(Author(dan, "Dan", standing=Standing.MEMBER), house)
    assert lines[0] == "Dan: administrator, delegate of CERT Alpha"
    assert lines[-2:] == ["You are linked with:", "• Ada (slack:alpha/U1)"]


def test_without_teams_everybody_counts_as_a_member() -> None:
    lines = ask(author("U9", Standing.UNKNOWN), SmallHouse(teams=Directory()))
    assert lines[0] == "Ada: no teams are configured, so you count as a member"
    assert len(lines) == 2


def test_it_speaks_french() -> None:
    assert ask(author("U1"), language="fr")[0] == "Ada : administrateur, délégué de CERT Alpha"
