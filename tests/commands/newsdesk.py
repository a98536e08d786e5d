"""Two teams of two networks in a channel, and the commands about advisories as they type them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from bot.custody.doors import Circles, weigh
from bot.custody.gatekeeper import Gatekeeper
from bot.events import Author, MessageId, RoomId, Standing
from bot.platforms.base import Roster
from bot.richtext import plain
from bot.sharing.doors import Rules
from bot.sharing.marking import Label
from bot.sharing.membership import Membership
from bot.sharing.teams import Directory, Team
from commands.grammar import Call
from commands.registry import Attached, ChannelView, Registry, Reply
from tests.bot.sharing.allies import ALPHA, BRAVO, CHARLIE, directory, matrix, slack
from tests.commands.house import MATRIX_ROOM, NOW, SLACK_ROOM, SmallHouse, context_in
from tests.custody import BEGINNING, guarded

ADA = Author(slack("U1"), "Ada", standing=Standing.MEMBER)
"""A delegate of alpha, as is"""
ALF = Author(slack("U2"), "Alf", standing=Standing.MEMBER)
BEN = Author(slack("U3"), "Ben", standing=Standing.MEMBER)
"""a member of it;"""
EVE = Author(matrix("@eve:bravo.example"), "Eve", standing=Standing.MEMBER)
"""a delegate of bravo;"""
CYD = Author(matrix("@cyd:open.example"), "Cyd", standing=Standing.MEMBER)
"""of charlie, which is not in the channel."""
PEOPLE = (ADA, ALF, BEN, EVE, CYD)
TEAMS: Directory = directory(
    [
        Team(
            ALPHA, "CERT Alpha", zone=ZoneInfo("Europe/Paris"), members=("slack:alpha",),
            delegates=("slack:alpha/U1", "slack:alpha/U2"),
        ),
        Team(
            BRAVO, "CERT Bravo", members=("matrix:bravo.example",),
            delegates=("matrix:@eve:bravo.example",),
        ),
        Team(CHARLIE, "CERT Charlie", members=("matrix:open.example",)),
    ],
    {"inner": ["alpha", "bravo"]},
)  # fmt: skip


def gate() -> Gatekeeper:
    """Both rooms hold up to TLP:AMBER, and each has people of one team."""
    circles = Circles(
        "ransomware", (SLACK_ROOM, MATRIX_ROOM), Rules(Label.AMBER), Label.GREEN,
        teams=("alpha", "bravo"),
    )  # fmt: skip
    custody = guarded([circles], TEAMS)
    custody.doors.join([Membership(team, circles.circle) for team in (ALPHA, BRAVO)], BEGINNING)
    for room, person in ((SLACK_ROOM, ADA), (MATRIX_ROOM, EVE)):
        standing = weigh(Roster((person,), encrypted=True), TEAMS)
        custody.doors.learn(room, standing, BEGINNING)
    return custody


@dataclass
class Newsdesk:
    """The commands on one store."""

    session: Session
    registry: Registry = field(default_factory=Registry.load)
    house: SmallHouse = field(
        default_factory=lambda: SmallHouse(
            teams=TEAMS,
            views={
                "ransomware": ChannelView(
                    "ransomware", "R", Label.AMBER, Label.GREEN, teams=("alpha", "bravo"),
                    zone=ZoneInfo("Asia/Tokyo"),
                )
            },
            gate=gate(),
        )
    )  # fmt: skip
    language: str = "en"

    def run(
        self, author: Author, text: str, *, room: RoomId | None = None, answers: str | None = None,
        file: str | None = None, confirmed: str = "", now: datetime = NOW,
        said: datetime | None = None, handle: str | None = None, command: str = "advisory",
    ) -> Reply:  # fmt: skip
        """What a command answers."""
        there = room or (SLACK_ROOM if author.person.startswith("slack") else MATRIX_ROOM)
        context = replace(
            context_in(there, self.house, language=self.language, asker=author, said=said),
            session=self.session,
            now=now,
            answers=None if answers is None else MessageId(answers),
            attached=() if file is None else (Attached("a.md", "text/markdown", file.encode()),),
            confirmed=confirmed,
            handle=handle,
        )
        answer = self.registry.run(Call(command, text), context)
        self.session.flush()
        return answer

    def ask(self, author: Author, text: str, **more: object) -> list[str]:
        """Its lines."""
        return plain(self.run(author, text, **more).body).split("\n")  # type: ignore[arg-type]

    def drafted(self, text: str = "draft Patch the VPN\nNow.", **more: object) -> str:
        """A draft of Ada's; its handle."""
        return self.ask(ADA, text, **more)[0].partition(" ")[0]

    def sealed(self, text: str = "draft Patch the VPN\nNow.", **more: object) -> str:
        """The same, sealed by Alf."""
        ref = self.drafted(text, **more)
        self.ask(ALF, f"seal {ref}")
        return ref

    def posted(self) -> str:
        """The same, posted; its number."""
        return self.ask(ADA, f"post {self.sealed()} now")[0].partition(" ")[0]
