"""Who is there in the sandbox: three nations, a port, three rooms of one channel.

All names and organisations are invented.
"""

from __future__ import annotations

from bot.sandbox.board import Person, Room

TITLE = "Ransomware task force: three nations, three rooms, one channel"

ALPHA = Room(
    key="alpha",
    title="Slack alpha",
    about="CERT Alpha, France",
    short="alpha",
    people=(
        Person("amelie", "Amélie Rousseau", "CERT Alpha"),
        Person("karim", "Karim Haddad", "CERT Alpha"),
    ),
    hint="For the bot: /liaison help",
    menu=True,
)
BRAVO = Room(
    key="bravo",
    title="Slack bravo",
    about="CERT Bravo, Netherlands",
    short="bravo",
    people=(
        Person("joris", "Joris de Vries", "CERT Bravo"),
        Person("saskia", "Saskia Bakker", "CERT Bravo"),
    ),
    hint="For the bot: /liaison help",
    menu=True,
)
COALITION = Room(
    key="coalition",
    title="Matrix",
    about="CERT Charlie and the port authority, Portugal",
    short="Matrix",
    people=(
        Person("ines", "Inês Carvalho", "CERT Charlie"),
        Person("rui", "Rui Almeida", "CERT Charlie"),
        Person("tomas", "Tomás Ferreira", "Port authority"),
    ),
    hint="For the bot: !help",
)
ROOMS = (ALPHA, BRAVO, COALITION)


def room_of(person: str) -> Room:
    """The room that a person speaks in; raises KeyError for nobody."""
    for room in ROOMS:
        if any(someone.key == person for someone in room.people):
            return room
    raise KeyError(person)


def name_of(person: str) -> str:
    """What a person is called; raises KeyError for nobody."""
    return next(someone.name for someone in room_of(person).people if someone.key == person)
