"""Markings of STIX objects. A TLP label is known by its fixed id, not by what a bundle says.

`object_marking_refs` and granular markings count alike: an object is as strict as the strictest
part of it. A statement (a copyright notice) restricts nobody. Whatever else is named is not known,
and what is not known counts as the most restrictive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.sharing.marking import Label

_ID = "marking-definition--"
TLP_1: Mapping[str, Label] = {
    f"{_ID}613f2e26-407d-48c7-9eca-b8e91df99dc9": Label.CLEAR,
    f"{_ID}34098fce-860f-48ae-8e50-ebd3cc5e41da": Label.GREEN,
    f"{_ID}f88d31f6-486f-44da-b317-01333bde0b82": Label.AMBER,
    f"{_ID}5e57c739-391a-4eb3-b6be-7d15ca92d5ed": Label.RED,
}
TLP_2: Mapping[str, Label] = {
    f"{_ID}94868c89-83c2-464b-929b-a1a8aa3c8487": Label.CLEAR,
    f"{_ID}bab4a63c-aed9-4cf5-a766-dfca5abac2bb": Label.GREEN,
    f"{_ID}55d920b0-5e8b-4f79-9ee9-91f868d9b421": Label.AMBER,
    f"{_ID}939a9414-2ddd-4d32-a0cd-375ea402b003": Label.AMBER_STRICT,
    f"{_ID}e828b379-4e03-4974-9ac4-e53a884c97c1": Label.RED,
}
TLP: Mapping[str, Label] = {**TLP_1, **TLP_2}
EXTENSION = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
"""The extension that carries TLP 2.0."""
_ASKED = 10_000
"""Markings that restrict, or that nobody knows, which are told apart: past that all do."""
_NAMED = re.compile(rb"marking-definition--[0-9a-zA-Z-]{0,36}")
_NAMES = {
    "white": Label.CLEAR,
    "clear": Label.CLEAR,
    "green": Label.GREEN,
    "amber": Label.AMBER,
    "amber+strict": Label.AMBER_STRICT,
    "red": Label.RED,
}


def _never(_ref: str) -> bool:
    return False


class Definitions:
    """The statements that were seen. Keep it from page to page of one source. `before`: whether
    something is a statement that the source defined before; it is asked of what nothing was seen.
    """

    def __init__(self) -> None:
        self._statements: set[str] = set()
        self._others: set[str] = set()
        self.before: Callable[[str], bool] = _never

    def label(self, refs: Iterable[str]) -> Label | None:
        """The strictest label of these; None where none restricts. Raises `Unknown`."""
        found: Label | None = None
        for ref in refs:
            label = TLP.get(ref)
            if label is None:
                if not self._is_statement(ref):
                    raise Unknown
            elif found is None or label > found:
                found = label
        return found

    def define(self, definition: Mapping[str, Any]) -> bool:
        """Learn a definition; False where it is a forgery: the id of a label with a meaning of its
        own. The same meaning in other words (WHITE's id as `clear`) is none.
        """
        ref = definition.get("id")
        meant = TLP.get(str(ref))
        if meant is not None:
            return all(each is meant for each in _claimed(definition))
        if isinstance(ref, str) and is_statement(definition):
            self._statements.add(ref)
        elif isinstance(ref, str) and len(self._others) < _ASKED:
            self._others.add(ref)
        return True

    def _is_statement(self, ref: str) -> bool:
        """What a source defines now is what it means, whatever it was before."""
        if ref in self._statements:
            return True
        if ref in self._others or len(self._others) >= _ASKED or self.before is _never:
            return False
        (self._statements if self.before(ref) else self._others).add(ref)
        return ref in self._statements


class Unknown(Exception):
    """A marking of which nobody knows what it means."""


def may_be_kept(raw: bytes, definitions: Definitions) -> bool:
    """Whether the bytes of an object that could not be read may be kept all the same: it names no
    marking, or each that it names is known, and none is TLP:RED.
    """
    if b"\\u00" in raw:
        return False
    if b"marking" not in raw:
        return True
    named = [each.decode() for each in _NAMED.findall(raw)]
    try:
        return bool(named) and definitions.label(named) is not Label.RED
    except Unknown:
        return False


def _claimed(definition: Mapping[str, Any]) -> list[Label | None]:
    """Every label that a definition says it is; a None among them is no label at all."""
    said = []
    inner = definition.get("definition")
    if isinstance(inner, dict):
        said.append(inner.get("tlp"))
    extensions = definition.get("extensions")
    if isinstance(extensions, dict) and isinstance(of_tlp := extensions.get(EXTENSION), dict):
        said.append(of_tlp.get("tlp_2_0"))
    return [_NAMES.get(str(each).lower().removeprefix("tlp:")) for each in said or [None]]


def is_statement(definition: Mapping[str, Any]) -> bool:
    """Whether a definition is a statement and nothing beside it: an extension could say more."""
    inner = definition.get("definition")
    return (
        definition.get("definition_type") == "statement"
        and isinstance(inner, dict)
        and set(inner) == {"statement"}
        and not definition.get("extensions")
    )
