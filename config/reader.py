"""Reading the tables of one file, noting mistakes and going on with the rest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from bot.events import AccountId
from bot.platforms.base import Network
from config.forms import NAME, NAME_EXPECTED
from config.mistakes import Mistakes, nearest, words_for
from config.table import Table

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T", bound=Table)

_TAKEN = frozenset({"all"})
"""Words that commands have for more than one: no name."""


class Reader:
    """One file's tables, and what its values are read with.

    What is mistaken is noted and left out, so that the rest can be read and compared as well.
    """

    def __init__(
        self,
        source: Mapping[str, Any],
        networks: Mapping[str, Network],
        environ: Mapping[str, str] | None,
        folder: Path,
        mistakes: Mistakes,
    ) -> None:
        self.left_out: defaultdict[str, dict[str, frozenset[str]]] = defaultdict(dict)
        """By table and name: the keys that had mistakes."""
        self._source = source
        self._networks = networks
        self._mistakes = mistakes
        self._context = {
            "environ": environ,
            "folder": folder,
            "networks": networks,
            "accounts": {name: self.names(name) for name in networks},
        }

    def check_tables(self, known: set[str], not_yet: frozenset[str]) -> None:
        """Note the tables that nobody reads; `not_yet`: those that a later version does."""
        for name in self._source:
            if name in not_yet:
                self._mistakes.add("not yet supported: take it out", name)
            elif name not in known and name not in self._networks:
                near = nearest(name, known | not_yet | set(self._networks))
                self._mistakes.add(f"unknown table{near}", name)

    def names(self, table: str) -> frozenset[str]:
        """The names of the tables in a table, mistaken ones included."""
        return frozenset(self._table(table))

    def section(self, name: str, model: type[T]) -> T:
        """A table of the bot's own; its defaults where it is absent or mistaken."""
        found = self._source.get(name, {})
        return self._read(model, found, name) or model()

    def optional(self, name: str, model: type[T]) -> T | None:
        """The same where a table need not be there, None where it is absent or mistaken."""
        if name not in self._source:
            return None
        return self._read(model, self._source[name], name)

    def named(self, table: str, model: type[T]) -> dict[str, T]:
        """The tables in a table, by name."""
        tables = {}
        for name, content in self._entries(table):
            read = self._read(model, content, table, name)
            if read is not None:
                tables[name] = read
        return tables

    def groups(self) -> dict[str, tuple[str, ...]]:
        """The groups' members by the groups' names."""
        groups = {}
        for name, content in self._entries("groups"):
            if isinstance(content, list) and all(isinstance(member, str) for member in content):
                groups[name] = tuple(content)
            else:
                words = "expected a list of teams and groups in quotes"
                self._mistakes.add(words, "groups", name)
        return groups

    def accounts(self) -> dict[AccountId, tuple[Network, BaseModel]]:
        """Every account of every network, in the file's order."""
        accounts: dict[AccountId, tuple[Network, BaseModel]] = {}
        for table in (name for name in self._source if name in self._networks):
            network = self._networks[table]
            for name, content in self._entries(table):
                settings = self._read(network.settings, content, table, name, private=True)
                if settings is not None:
                    accounts[AccountId(f"{table}:{name}")] = (network, settings)
        if not any(self._source.get(table) for table in self._networks):
            tables = " or ".join(f"[{name}.NAME]" for name in sorted(self._networks))
            self._mistakes.add(f"no account is configured: add a table {tables}")
        return accounts

    def _table(self, table: str) -> Mapping[str, Any]:
        content = self._source.get(table, {})
        return content if isinstance(content, dict) else {}

    def _entries(self, table: str) -> Iterator[tuple[str, Any]]:
        """What stands in a table of named things; a bad name is noted, and still read."""
        if not isinstance(self._source.get(table, {}), dict):
            self._mistakes.add(f"expected tables [{table}.NAME]", table)
        for name, content in self._table(table).items():
            if not NAME.fullmatch(name):
                self._mistakes.add(NAME_EXPECTED, table, name)
            elif name in _TAKEN:
                self._mistakes.add("commands use this word: choose another name", table, name)
            yield name, content

    def _read(self, model: type[M], content: object, *key: str, private: bool = False) -> M | None:
        """A table, or what is left of it without its mistaken keys; None where nothing is."""
        try:
            return model.model_validate(content, context=self._context)
        except ValidationError as found:
            errors = found.errors(include_url=False)
        lines: defaultdict[tuple[int | str, ...], list[str]] = defaultdict(list)
        for error in errors:
            place = _typed(error["loc"], content, missing=error["type"] == "missing")
            lines[place].append(words_for(error, model, private=private))
        deeper = {place[:1] for place in lines if len(place) > 1}
        for place, words in lines.items():
            if place in deeper:  # another of a union's members got further: it says more
                continue
            self._mistakes.add(", or ".join(dict.fromkeys(words)), *key, *place)
        wrong = set(lines)
        self.left_out[key[0]][key[-1]] = frozenset(str(loc[0]) for loc in wrong if loc)
        if private or not isinstance(content, dict) or () in wrong:
            return None
        try:
            return model.model_validate(_without(content, wrong), context=self._context)
        except ValidationError:
            return None


def _typed(loc: tuple[int | str, ...], content: Any, *, missing: bool) -> tuple[int | str, ...]:
    """An error's place without what no person typed: pydantic names a union's members in it.

    `missing`: the last part is a key that should have been typed.
    """
    place: list[int | str] = []
    for at, part in enumerate(loc, 1):
        if isinstance(content, dict) and (part in content or (missing and at == len(loc))):
            content = content.get(str(part))
        elif isinstance(content, list) and isinstance(part, int):
            content = content[part] if part < len(content) else None
        else:
            continue
        place.append(part)
    return tuple(place)


def _without(content: dict[str, Any], wrong: set[tuple[int | str, ...]]) -> dict[str, Any]:
    """A table without its mistaken keys; of a list only the mistaken elements are taken."""
    gone = {loc[0] for loc in wrong if len(loc) < 2 or not isinstance(loc[1], int)}
    return {
        key: [item for index, item in enumerate(value) if (key, index) not in wrong]
        if isinstance(value, list)
        else value
        for key, value in content.items()
        if key not in gone
    }
