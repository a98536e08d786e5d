"""What `liaison check` says of mail and alerts: whether they would go; nothing is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.alerting.sending import Sender
from bot.platforms.base import Finding
from bot.wiring.alerts import ways_of
from config.alerts import targets_of
from config.settings import Settings

_LONGEST = 30.0
"""Seconds for each: nobody waits at night for this."""
_MENDS: Mapping[str, str] = {
    "unreachable": "see whether the server of [mail] runs, and can be reached from here",
    "timeout": "the server of [mail] does not answer: see whether it can be reached from here",
    "no starttls": "the server offers no STARTTLS: use smtps://, or a server on this machine",
    "certificate": "its certificate is signed by nobody known here: set mail.ca_file",
    "tls": "it does not speak TLS there: see scheme and port of mail.server",
    "login": "it refused the login: see the user in mail.server, and mail.password",
    "no login": "it takes no logins: take mail.password out",
    "cut": "the server of [mail] hung up: see its log",
}
_FORM = "no service has an URL of that form: see the list of Apprise's services"
_NO_MAIL = "alerts go to an address of mail: add [mail] with server and from"


async def try_alerts(settings: Settings) -> list[Finding]:
    """A finding for the mail server, and one for each team's alerts. No URL is shown."""
    sender = Sender(ways_of(settings), longest=_LONGEST)
    found = []
    if settings.mail is not None:
        place = settings.mail.place
        why = await sender.try_mail()
        what = f"mail: {place.scheme}://{place.host}:{place.port} lets us in"
        found.append(Finding(what, ok=not why, mend=_MENDS.get(why, why)))
    elif _mailed(settings):
        teams = ", ".join(_mailed(settings))
        found.append(Finding(f"mail: alerts of {teams}", ok=False, mend=_NO_MAIL))
    for team, targets in targets_of(settings).items():
        for number, each in enumerate(targets.values()):
            if each.kind != "mail":
                why = await sender.try_form(each.url)
                what = f"teams.{team}.alerts[{number}]: {each.kind}"
                found.append(Finding(what, ok=not why, mend=_FORM if why else ""))
    return [*found, *_unreached(settings)]


def _mailed(settings: Settings) -> list[str]:
    targets = targets_of(settings).items()
    return [team for team, them in targets if any(each.kind == "mail" for each in them.values())]


def _unreached(settings: Settings) -> Iterator[Finding]:
    """A team with people on duty whom nothing would wake."""
    for name, team in settings.teams.items():
        if team.duty and not team.alerts:
            mend = "chat does not ring at night: name an address or a service in its alerts"
            yield Finding(f"teams.{name}: duty without alerts ({mend})", ok=True)
