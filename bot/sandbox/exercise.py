"""The script of the exercise: ransomware at a port, three nations. It grows with what Liaison can.

All names, places and events are invented; the address is of a range for documentation (RFC 5737).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the exercise; `private`: a question to the bot, which is answered privately.

    `answers`: in the thread of the line that has this text. `told`: what the bot's answer says.
    """

    person: str
    text: str
    private: bool = False
    answers: str = ""
    told: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """A person says a line of their own otherwise."""

    person: str
    was: str
    text: str


@dataclass(frozen=True, slots=True)
class TakenBack:
    """A person deletes the line of their own that has this text."""

    person: str
    text: str


@dataclass(frozen=True, slots=True)
class Reacted:
    """A person puts an emoji under the line that has this text, whosever it is."""

    person: str
    text: str
    emoji: str


@dataclass(frozen=True, slots=True)
class Shared:
    """A person shares a text file."""

    person: str
    name: str
    content: str


Act = Said | Edited | TakenBack | Reacted | Shared


@dataclass(frozen=True, slots=True)
class Scene:
    """What is done at the same moment."""

    what: str
    lines: tuple[Act, ...]


EXERCISE = (
    Scene(
        "The port raises the alarm",
        (Said("tomas", "Ransom note on the terminal system since 05:40. Cranes 3 to 9 stand."),),
    ),
    Scene(
        "France has seen the same",
        (Said("amelie", "Même note chez un transitaire au Havre. Nous isolons son VPN."),),
    ),
    Scene(
        "Three rooms speak at the same moment",
        (
            Said("joris", "Two shippers in Rotterdam report it as well."),
            Said("karim", "Samples are on their way to all of you."),
            Said("ines", "We take the lead for the port, with Rui on site."),
        ),
    ),
    Scene(
        "Two people say the same words",
        (Said("saskia", "Hash confirmed here."), Said("rui", "Hash confirmed here.")),
    ),
    Scene(
        "Questions to the bot, which only the one who asked sees answered",
        (
            Said("ines", "!status", private=True),
            Said("amelie", "/liaison status", private=True),
            Said(
                "joris",
                "/liaison ioc 198.51.100[.]24",
                private=True,
                told=": known, confidence 70 to 90",
            ),
            Said("rui", "!ioc 198.51.100[.]24", private=True, told=": known"),
        ),
    ),
    Scene(
        "Orders are given, in two lines each",
        (
            Said("amelie", "Blocage :\n198[.]51[.]100[.]7, port 443"),
            Said("tomas", "Manual operation from 07:00 <until further notice> & no e-mail."),
        ),
    ),
    Scene(
        "An answer in a thread, and an eye on it, both in other rooms than where it was said",
        (
            Said("ines", "Which shippers?", answers="Two shippers in Rotterdam report it as well."),
            Reacted("karim", "Two shippers in Rotterdam report it as well.", "👀"),
        ),
    ),
    Scene(
        "The thread goes on where it began, and a mistake is mended",
        (
            Said(
                "joris",
                "Both sail for the Maasvlakte.",
                answers="Two shippers in Rotterdam report it as well.",
            ),
            Edited(
                "tomas",
                "Manual operation from 07:00 <until further notice> & no e-mail.",
                "Manual operation from 07:30 <until further notice> & no e-mail.",
            ),
        ),
    ),
    Scene(
        "Files, from either network",
        (
            Shared("amelie", "blocage.csv", "value,port\n198[.]51[.]100[.]7,443\n"),
            Shared("rui", "cranes.txt", "3 to 9, all without power until 06:10\n"),
        ),
    ),
    Scene("A line too many", (Said("saskia", "Wrong window, sorry."),)),
    Scene("It is taken back", (TakenBack("saskia", "Wrong window, sorry."),)),
    Scene(
        "The port is back",
        (Said("tomas", "Cranes 3 to 9 run again. Thank you, all three of you."),),
    ),
)
