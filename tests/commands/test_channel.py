"""`channel`: what it may hold, and who is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.errors import UserError
from bot.events import Author, RoomId, Standing
from bot.richtext import plain
from bot.sharing.marking import Label
from bot.sharing.teams import TeamKey
from bot.sharing.traits import Shortcoming
from commands.grammar import Call
from commands.registry import AudienceView, ChannelView, Registry
from tests.bot.sharing.allies import ALLIES, ALPHA, BRAVO, matrix, slack
from tests.commands.house import ADMIN_ROOM, DIRECT_ROOM, SLACK_ROOM, SmallHouse, context_in

REGISTRY = Registry.load()
VIEW = ChannelView(
    "ransomware",
    "Ransomware task force",
    ceiling=Label.AMBER,
    marking=Label.GREEN,
    teams=("alpha", "bravo"),
    chair="alpha",
    observers=("charlie",),
    waiver="agreed on 3 March",
)
OF_ALPHA = Author(slack("U5"), "Ada", standing=Standing.MEMBER)


def ask(
    text: str = "",
    room: RoomId = SLACK_ROOM,
    view: ChannelView = VIEW,
    asker: Author = OF_ALPHA,
    language: str = "en",
    audience: AudienceView | None = None,
) -> list[str]:
    house = SmallHouse(views={"ransomware": view}, teams=ALLIES)
    if audience is not None:
        house.audiences[SLACK_ROOM] = audience
    context = context_in(room, house, asker=asker, language=language)
    return plain(REGISTRY.run(Call("channel", text), context).body).splitlines()


def test_a_room_is_told_what_its_channel_may_hold() -> None:
    assert ask() == [
        "Ransomware task force: up to TLP:AMBER",
        "Without a marking: TLP:GREEN",
        "Teams: CERT Alpha, CERT Bravo",
        "Chair: CERT Alpha",
        "Observers: CERT Charlie",
        "A waiver lets its rooms be open or unencrypted: agreed on 3 March",
        "Rooms:",
        "• slack:alpha/C01GEN: nobody knows yet who reads it",
        "• matrix:coalition/!abc:example.org: nobody knows yet who reads it",
    ]


def test_who_reads_a_room_and_what_it_lacks_is_told() -> None:
    audience = AudienceView(
        known=True,
        people={ALPHA: 12, BRAVO: 0},
        strangers=2,
        homes=("slack:zulu",),
        world=True,
        lacks=(Shortcoming.PUBLIC, Shortcoming.HISTORY),
    )
    lines = ask(audience=audience)
    at = lines.index("Rooms:") + 1
    assert lines[at : at + 3] == [
        (
            "• slack:alpha/C01GEN: CERT Alpha 12, CERT Bravo may enter, 2 people of no team, "
            "everybody of slack:zulu, of no team, may enter, anybody may enter"
        ),
        "  ◦ everybody can see it: make it private",
        ("  ◦ who joins later can read what was said before: show its history from joining only"),
    ]
    assert "• slack:alpha/C01GEN: nobody is in it" in ask(audience=AudienceView(known=True))


def test_a_waiver_that_nothing_needs_is_not_shown() -> None:
    assert not [line for line in ask(view=replace(VIEW, ceiling=Label.GREEN)) if "waiver" in line]


def test_a_channel_without_a_roster_says_who_is_on_it() -> None:
    assert "Teams: each that has a member in one of the rooms" in ask(
        view=replace(VIEW, teams=None)
    )
    assert "Teams: none" in ask(view=replace(VIEW, teams=()))


def test_a_direct_room_is_told_of_no_rooms() -> None:
    lines = ask("--channel ransomware", DIRECT_ROOM)
    assert lines[-1] == "Its rooms are told one by one only to those who ask in one of them."
    assert not [line for line in lines if "C01GEN" in line]


def test_a_direct_room_must_name_a_channel() -> None:
    with pytest.raises(UserError, match="Say which channel"):
        ask("", DIRECT_ROOM)


def test_only_those_on_the_roster_are_told_of_a_channel_elsewhere() -> None:
    cyd = Author(matrix("@cyd:open.example"), "Cyd", standing=Standing.MEMBER)
    assert ask("--channel ransomware", DIRECT_ROOM, asker=cyd)  # an observer's
    private = replace(VIEW, observers=())
    with pytest.raises(UserError, match="I know of no such channel"):
        ask("--channel ransomware", DIRECT_ROOM, private, cyd)
    assert ask("--channel ransomware", ADMIN_ROOM, private, cyd)


class Narrow(SmallHouse):
    """A channel that names no teams: those share in it that have somebody in one of its rooms."""

    def roster(self, channel: str) -> frozenset[TeamKey]:
        return frozenset({ALPHA})


@pytest.mark.parametrize("name", ["channel", "status", "handover", "trace", "decisions"])
def test_to_whoever_is_of_none_of_its_teams_there_is_no_such_channel(name: str) -> None:
    house = Narrow(views={"ransomware": replace(VIEW, teams=None)}, teams=ALLIES)
    cyd = Author(matrix("@cyd:open.example"), "Cyd", standing=Standing.MEMBER)
    guest = Author(slack("U9"), "Guy", standing=Standing.GUEST)
    told = set()
    for asker in (cyd, guest) if name == "status" else (cyd,):
        for channel in ("ransomware", "no-such"):
            context = context_in(DIRECT_ROOM, house, asker=asker)
            with pytest.raises(UserError) as refused:
                REGISTRY.run(Call(name, f"--channel {channel}"), context)
            told.add(str(refused.value))
    assert len(told) == 1
    known = context_in(DIRECT_ROOM, house, asker=OF_ALPHA)
    assert REGISTRY.run(Call("channel", "--channel ransomware"), known)


def test_it_speaks_french() -> None:
    assert ask(language="fr")[1] == "Sans marquage : TLP:GREEN"
