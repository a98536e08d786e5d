"""The script of the exercise: ransomware at a port, three nations. It grows with what Liaison can.

All names, places and events are invented; the address is of a range for documentation (RFC 5737).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """One line of the exercise; `private`: a question to the bot, which is answered privately."""

    person: str
    text: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """Lines that are said at the same moment."""

    what: str
    lines: tuple[Said, ...]


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
        "The port is back",
        (Said("tomas", "Cranes 3 to 9 run again. Thank you, all three of you."),),
    ),
)
