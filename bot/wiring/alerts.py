"""`[mail]`, `[network]` and the teams' alerts as those want them who send."""

from __future__ import annotations

from bot.alerting.sending import Post, Ways
from bot.sharing.teams import TeamKey
from bot.tasks.ringer import Targets
from config.alerts import targets_of
from config.settings import Settings


def ways_of(settings: Settings) -> Ways:
    """How alerts leave."""
    network = settings.network
    return Ways(
        mail=_post(settings),
        proxy=None if network.proxy is None else network.proxy.get_secret_value(),
        no_proxy=network.no_proxy,
        ca_file=network.ca_file,
    )


def alerts_of(settings: Settings) -> Targets:
    """Where each team's alerts go, by their names."""
    return {TeamKey(team): found for team, found in targets_of(settings).items()}


def _post(settings: Settings) -> Post | None:
    mail = settings.mail
    if mail is None:
        return None
    place, password = mail.place, mail.password
    return Post(
        place.scheme, place.host, place.port, place.user,
        None if password is None else password.get_secret_value(),
        mail.ca_file or settings.network.ca_file, mail.from_,
    )  # fmt: skip
