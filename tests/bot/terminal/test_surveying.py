"""What `check` says of who reads each room."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import NotSent
from bot.events import Author, RoomId, Standing
from bot.platforms.base import Finding, Roster
from bot.store.database import Database
from bot.store.memory import StoredMemory
from bot.terminal.surveying import Read, read_rosters, survey
from config.settings import Settings, load
from tests.bot.sharing.allies import NETWORKS, slack
from tests.fake_platform import FakePlatform, FarEnd

ONE, TWO = RoomId("slack:alpha/C01GEN"), RoomId("slack:bravo/C02GEN")
NOW = datetime(2026, 3, 4, tzinfo=UTC)
ADA = Author(slack("U5"), "Ada", standing=Standing.MEMBER)
GUY = Author(slack("U9"), "Guy", standing=Standing.GUEST)
BEN = Author(slack("U1", "bravo"), "Ben", standing=Standing.MEMBER)


def settings(folder: Path, two: RoomId = TWO) -> Settings:
    accounts = "".join(
        f'[slack.{name}]\nbot_token = "xoxb-1"\napp_token = "xapp-1"\n'
        for name in ("alpha", "bravo")
    )
    path = folder / "liaison.toml"
    path.write_text(
        f"""{accounts}
        [teams.cert-alpha]
        members = ["slack:alpha"]
        [teams.cert-bravo]
        members = ["slack:bravo"]
        clearance = "TLP:GREEN"
        [channels.ops]
        ceiling = "TLP:AMBER"
        rooms = ["{ONE}", "{two}"]
        """
    )
    return load(path, NETWORKS, {})


def found(folder: Path, read: Read, two: RoomId = TWO) -> list[Finding]:
    return list(survey(settings(folder, two), read, NOW))


def test_a_room_is_shown_with_its_teams_and_is_well(tmp_path: Path) -> None:
    assert found(tmp_path, {ONE: Roster((ADA,))}) == [
        Finding(f"{ONE}: who reads it (cert-alpha 1)", ok=True)
    ]


def test_strangers_low_clearances_and_what_a_room_lacks_are_shown_with_their_mend(
    tmp_path: Path,
) -> None:
    (one, two) = found(tmp_path, {ONE: Roster((ADA, GUY), private=False), TWO: Roster((BEN,))})
    assert (one.what, one.ok) == (f"{ONE}: who reads it (cert-alpha 1, of no team 1)", False)
    assert one.mend.startswith("everybody can see it: make it private; of no team: ")
    assert str(GUY.person) in one.mend
    assert not two.ok
    assert two.mend.startswith("cert-bravo may not read TLP:AMBER")


def test_a_room_that_cannot_be_asked_for_is_not_well(tmp_path: Path) -> None:
    (one,) = found(tmp_path, {ONE: "not_in_channel"})
    assert (one.what, one.ok) == (f"{ONE}: who reads it (not_in_channel)", False)


def test_one_conversation_that_is_two_rooms_is_a_mistake(tmp_path: Path) -> None:
    (one,) = survey(settings(tmp_path), {}, NOW, {TWO: ONE})
    assert (one.what, one.ok) == (f"{TWO} is {ONE}", False)
    assert one.mend.endswith("name it once")


def test_rosters_are_read_and_a_failure_is_said(sqlite: Database) -> None:
    far = FarEnd(rooms=("r1", "r2"))
    far.roster_faults.append(NotSent("unreachable"))
    platform = FakePlatform(far, StoredMemory(sqlite, far.account))
    read = asyncio.run(read_rosters(platform, far.rooms))
    assert read[far.room("r1")] == "unreachable"
    assert isinstance(read[far.room("r2")], Roster)
