"""Names that the command line gives: teams, and whose something is."""

from __future__ import annotations

from bot.errors import ConfigurationError
from config.settings import Settings


def known_team(settings: Settings, team: str) -> None:
    """ConfigurationError for what is no team's name."""
    if team not in settings.teams:
        names = ", ".join(settings.teams) or "none is configured"
        raise ConfigurationError([f"there is no team {team!r}: {names}"])
