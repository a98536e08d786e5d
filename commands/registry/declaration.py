"""Declaring a command: parser, help and usage line all come from one function's signature."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from bot.sharing.roles import Role
from commands.registry.context import Context
from commands.registry.described import CHANNEL, Arg, Command, Flag, Parameter, Rest
from commands.registry.replies import Reply

_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*")


@dataclass(frozen=True, slots=True)
class Declaration(Command):
    """A command as its file declares it, which can go on to declare the words below it."""

    def word(
        self,
        name: str,
        *,
        private: bool = True,
        role: Role = Role.MEMBER,
        placed: bool = False,
        writes: bool = False,
        attaches: bool = False,
        shareable: bool = False,
        form: str = "",
    ) -> Callable[[Callable[..., Reply]], Declaration]:
        """Makes of a function what `NAME WORD` does, as `command` does of a name. What the name
        alone does takes no parameters.
        """

        def declare(function: Callable[..., Reply]) -> Declaration:
            if self.inner or name in self.below or any(p is not CHANNEL for p in self.parameters):
                raise TypeError(f"{self.name}: no word {name!r} can follow")
            declared = command(
                name,
                private=private,
                role=role,
                placed=placed,
                writes=writes,
                attaches=attaches,
                shareable=shareable,
            )
            whole = f"{self.name} {name}"
            inner = replace(declared(function), name=whole, inner=True, form=form)
            self.below[name] = inner
            return inner

        return declare


def command(
    name: str,
    *,
    private: bool = True,
    role: Role = Role.MEMBER,
    placed: bool = False,
    writes: bool = False,
    shortcut: str = "",
    shareable: bool = False,
    attaches: bool = False,
    answering: bool = False,
    secret: bool = False,
) -> Callable[[Callable[..., Reply]], Declaration]:
    """Makes a command of a function `(context, …) -> Reply`.

    The docstring's first line is its summary, and a message id. Each parameter is
    `Annotated[T, Arg | Rest | Flag]`. `private`: only the asker is answered, the rule unless the
    command acts for the channel. `writes`: it changes the store through `Context.session`; what
    it wrote before it raised is undone. `shortcut`: its name in the menu of a message, of at most
    24 characters (a message id); what it needs besides, a form asks for. `shareable`: it reads
    alone, and says nothing that `Context.audience` may not read. `attaches`, `answering`,
    `secret`: as of `Command`. Raises TypeError, at import, for what cannot be typed.
    """

    def declare(function: Callable[..., Reply]) -> Declaration:
        if not _NAME.fullmatch(name):
            raise TypeError(f"a command's name is lower-case letters and hyphens: {name!r}")
        summary = (inspect.getdoc(function) or "").partition("\n")[0]
        if not summary:
            raise TypeError(f"{name}: the docstring's first line is the command's summary")
        parameters = _parameters(name, function) + ((CHANNEL,) if placed else ())
        if shareable and (writes or not private):
            raise TypeError(f"{name}: only what reads, and answers its asker, can be shared")
        return Declaration(
            name, summary, function, parameters, private, role, placed, writes,
            shortcut=shortcut, shareable=shareable, attaches=attaches, answering=answering,
            secret=secret,
        )  # fmt: skip

    return declare


def _parameters(name: str, function: Callable[..., Reply]) -> tuple[Parameter, ...]:
    hints = get_type_hints(function, include_extras=True)
    first, *others = inspect.signature(function).parameters.values()
    if hints.get(first.name) is not Context or hints.get("return") is not Reply:
        raise TypeError(f"{name}: a command is a function (Context, …) -> Reply")
    found = tuple(_parameter(name, each, hints.get(each.name)) for each in others)
    words = [each for each in found if not isinstance(each.kind, Flag)]
    for before, after in itertools.pairwise(words):
        if before.many or isinstance(before.kind, Rest) or before.required < after.required:
            raise TypeError(f"{name}: nothing can follow {before.shown} but options")
    return found


def _parameter(name: str, declared: inspect.Parameter, hint: Any) -> Parameter:
    where = f"{name}: the parameter {declared.name!r}"
    kinds = [each for each in get_args(hint)[1:] if isinstance(each, Arg | Rest | Flag)]
    if get_origin(hint) is not Annotated or len(kinds) != 1:
        raise TypeError(f"{where} needs Annotated[…] with one Arg, Rest or Flag")
    (kind,) = kinds
    value, many = _value_type(get_args(hint)[0])
    required = declared.default is inspect.Parameter.empty
    switch = value is bool and isinstance(kind, Flag) and kind.parse is None
    if switch and (declared.default is not False or many):
        raise TypeError(f"{where} is a switch: its default is False")
    if isinstance(kind, Flag) and required:
        raise TypeError(f"{where} is an option: it needs a default")
    parse = kind.parse or (str if switch or value is str else None)
    if parse is None:
        raise TypeError(f"{where} cannot be parsed from text: give {value!r} a parser")
    return Parameter(declared.name, kind, parse, many, required, switch)


def _value_type(hint: Any) -> tuple[Any, bool]:
    """The type of one value, and whether there may be several: `tuple[T, ...]`, `T | None`."""
    if get_origin(hint) is tuple and get_args(hint)[1:] == (Ellipsis,):
        return get_args(hint)[0], True
    if get_origin(hint) in (Union, UnionType):
        alternatives = [each for each in get_args(hint) if each is not NoneType]
        if len(alternatives) == 1:
            return alternatives[0], False
    return hint, False
