"""Labels and names of groups as people type them."""

from __future__ import annotations

from typing import Annotated

from bot.errors import UserError
from bot.richtext import say
from bot.sharing.marking import Label
from bot.sharing.written import read_marking
from commands.registry import Flag

LABELS = tuple(str(each) for each in Label if each is not Label.RED)
"""What something can be released as."""


def a_label(text: str) -> Label:
    """A label in any of the forms that people write; raises UserError."""
    written = read_marking(say(text if text.lower().startswith("tlp") else f"TLP:{text}"))
    if written.label is None or written.doubt is not None:
        raise UserError("Say a label: TLP:CLEAR, GREEN, AMBER, AMBER+STRICT or RED.")
    return written.label


def names(text: str) -> tuple[str, ...]:
    """Names of groups, teams or countries, separated by commas."""
    return tuple(name for part in text.split(",") if (name := part.strip()))


ItsLabel = Annotated[Label | None, Flag("its label", a_label, shown="M")]
"""Of what is written down."""
