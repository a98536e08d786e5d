"""Where a feed is, and what it knows us by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a source knows us by. They go to the origin of its `url` and to nobody else."""

    token: SecretStr | None = None
    username: str = ""
    password: SecretStr | None = None
    client_cert: str | None = None
    client_key: str | None = None

    @property
    def header(self) -> bool:
        """Whether something has to be sent with each request."""
        return self.token is not None or self.password is not None


class Origin(Protocol):
    """A feed, as far as it is fetched, watched over and told of."""

    @property
    def name(self) -> str:
        """`[feeds.NAME]`"""

    @property
    def url(self) -> str:
        """Where it is; "" for what is read from files."""

    @property
    def every(self) -> timedelta | str:
        """How often it is read: a duration, or a crontab."""

    @property
    def secrets(self) -> Secrets:
        """What it knows us by."""

    @property
    def ca_file(self) -> str | None:
        """Whom it trusts besides."""

    @property
    def internal(self) -> tuple[str, ...]:
        """Hosts and networks inside that it may lead to."""

    @property
    def owner(self) -> str | None:
        """Who is told of its troubles."""
