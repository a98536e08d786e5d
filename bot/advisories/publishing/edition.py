"""An advisory as it is published: all that the forms of it are made of. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.advisories.document import Document
from bot.advisories.states import State
from bot.sharing.marking import Label, Marking

_NAME = re.compile(r"[^+\-a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Publisher:
    """Who publishes, and an address that is theirs."""

    name: str
    namespace: str


@dataclass(frozen=True, slots=True)
class Edition:
    """An advisory that is out: `number` and what it says, whose it is, how it stands."""

    number: str
    document: Document
    publisher: Publisher
    origin: tuple[str, ...]
    """The teams that stand for it."""
    released: datetime
    state: State = State.RELEASED
    closed: datetime | None = None
    reason: str = ""
    instead: str = ""
    """The number of what took its place."""

    @property
    def label(self) -> Label:
        """As platforms that know no lists of teams understand it: what is releasable to some only
        stays inside of who reads it.
        """
        marking = self.document.marking
        if marking.releasable:
            return max(marking.label, Label.AMBER_STRICT, key=lambda each: each.rank)
        return marking.label

    @property
    def marking(self) -> Marking:
        """As it is written."""
        return self.document.marking

    @property
    def changed(self) -> datetime:
        """When it was changed last."""
        moments = [self.released, *(each.at for each in self.document.updates)]
        return max([*moments, *([] if self.closed is None else [self.closed])])

    @property
    def file(self) -> str:
        """The name of its files, without an ending (CSAF 2.1, 5.1)."""
        return file_of(self.number)

    @property
    def year(self) -> str:
        """The folder that it is in."""
        return str(self.released.astimezone(UTC).year)


def file_of(number: str) -> str:
    """The name of the files of what has this number."""
    return _NAME.sub("_", number.lower())


def folder_of(label: Label) -> str:
    """The folder of what is labelled so."""
    return label.removeprefix("TLP:").lower()


def moment(at: datetime) -> str:
    """RFC 3339, in whole seconds of UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def label_of(folder: str) -> Label | None:
    """The label whose folder is called so."""
    return next((each for each in Label if folder_of(each) == folder), None)
