"""`[enrichers.*]`: third parties that may be asked about a value, each by its name."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from bot.sharing.marking import Label
from config.feeds import Address
from config.forms import Marking, Text
from config.mistakes import expected
from config.secrets import Secret
from config.sections import Certificates
from config.table import Table

_PLACES = ("{value}", "{type}")


def _with_places(value: str) -> str:
    """Braces stand for what is asked about, and for nothing else."""
    bare = value
    for each in _PLACES:
        bare = bare.replace(each, "")
    if "{" in bare or "}" in bare or "{" in value.partition("://")[2].partition("/")[0]:
        raise expected("expected {value} and {type} in its path or query, and no other braces")
    return value


class Enricher(Table):
    """A third party. `ceiling`: how strictly a value may be marked at most that it is told of."""

    url: Annotated[Address, AfterValidator(_with_places)]
    ceiling: Marking = Label.CLEAR
    token: Secret | None = None
    username: Text | None = None
    password: Secret | None = None
    ca_file: Certificates | None = None
    internal: tuple[Text, ...] = ()
    """Hosts and networks inside at which it may be."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.token is not None and self.username is not None:
            raise expected("expected either token, or username and password")
        if (self.username is None) != (self.password is None):
            raise expected("expected username and password together")
        return self
