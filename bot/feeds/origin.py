"""Where a feed is, and what it knows us by."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr

from bot.sharing.marking import Label, Marking

DEFAULT = Marking(Label.AMBER_STRICT)


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


@dataclass(frozen=True, slots=True)
class Origin:
    """`[feeds.NAME]`, as far as it is the same for all feeds: how it is fetched, watched over and
    told of. `url` or `path`; `every`: a duration, or a crontab.
    """

    name: str
    form: str
    url: str = ""
    path: Path | None = None
    every: timedelta | str = timedelta(hours=1)
    marking: Marking = DEFAULT
    """Of what names none of its own."""
    originator: str | None = None
    secrets: Secrets = field(default_factory=Secrets)
    """What it knows us by."""
    ca_file: str | None = None
    """Whom it trusts besides."""
    internal: tuple[str, ...] = ()
    """Hosts and networks inside that it may lead to."""
    owner: str | None = None
    """Who is told of its troubles, as `slack:alpha/U1`."""
