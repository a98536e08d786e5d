"""Declaring a command: parser, help and usage line all come from one function's signature."""

from __future__ import annotations

import inspect
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from bot.sharing.roles import Role
from bot.words import Words
from commands.registry.context import Context, Reply

_NAME = re.compile(r"[a-z]+(?:-[a-z]+)*")


@dataclass(frozen=True, slots=True)
class Arg:
    """A word. `what` says which (a message id); `parse` makes the value of it, or raises
    UserError. A parameter `tuple[T, ...]` takes one or more, or none if it has a default.

    `form`: how a form asks for it, None for `what`; "" where the message says it for which the
    command was chosen. `choices`: what it can be, where a form has people choose. `shown`: how the
    usage line calls it, where that says more than the parameter's name.
    """

    what: str
    parse: Callable[[str], Any] | None = None
    form: str | None = None
    choices: tuple[str, ...] = ()
    shown: str | None = None


@dataclass(frozen=True, slots=True)
class Rest:
    """Everything that follows, exactly as it was typed; options stand before it, or end its last
    line (see `trailing`). `form`, `choices` and `shown` as of `Arg`.
    """

    what: str
    parse: Callable[[str], Any] | None = None
    form: str | None = None
    choices: tuple[str, ...] = ()
    shown: str | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """An option `--name VALUE`, or `--name` for a `bool`; `shown` is how the usage line calls
    the value. A parameter `tuple[T, ...]` may be given several times. `form` and `choices` as of
    `Arg`; `several`: a form has room for several lines; `needed`: it demands it.
    """

    what: str
    parse: Callable[[str], Any] | None = None
    shown: str | None = None
    form: str | None = None
    choices: tuple[str, ...] = ()
    several: bool = False
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a command, read from its function's signature."""

    name: str
    kind: Arg | Rest | Flag
    parse: Callable[[str], Any]
    many: bool = False
    required: bool = True
    switch: bool = False

    @property
    def typed(self) -> str:
        """The option as one types it; `for_` is `--for`, which Python has no parameter for."""
        return "--" + self.name.rstrip("_").replace("_", "-")

    @property
    def shown(self) -> str:
        """The parameter in a usage line."""
        shown = self.kind.shown or self.name.upper().replace("_", "-")
        if isinstance(self.kind, Flag):
            shown = self.typed if self.switch else f"{self.typed} {shown}"
        return (shown if self.required else f"[{shown}]") + ("…" if self.many else "")


CHANNEL = Parameter(
    "channel", Flag("in a direct room: which channel", shown="NAME"), str, required=False
)


@dataclass(frozen=True, slots=True)
class Command:
    """A command. `placed`: it takes `--channel NAME`, which a direct room needs to say where.
    `writes`: it changes what is stored, so that its answer is written in the same transaction.
    `below`: the words that may follow its name, each a command of its own; without one of them
    the command itself is run. `inner`: it is such a one.
    `shortcut`: what it is called in the menu of a message, "" where it is not there; `shareable`:
    its answer can be computed for all who read a room. `attaches`: it takes the files that come
    with it. `answering`: what it answers, a message or a thread, comes with it as a file where no
    words follow it. `secret`: that it was given is written down without its name, for the admins of
    the asker's team alone. `form`: what the form is called that it opens where it is typed alone,
    on networks that have forms; "" where it opens none.
    """

    name: str
    summary: str
    function: Callable[..., Reply]
    parameters: tuple[Parameter, ...]
    private: bool
    role: Role
    placed: bool
    writes: bool = False
    below: dict[str, Command] = field(default_factory=dict)
    inner: bool = False
    shortcut: str = ""
    shareable: bool = False
    attaches: bool = False
    answering: bool = False
    secret: bool = False
    form: str = ""

    @property
    def usage(self) -> str:
        """How it is typed: `ioc VALUE… [--channel NAME]`, `schedule [list|show]`."""
        if self.below:
            return f"{self.name} [{'|'.join(self.below)}]"
        free = [each for each in self.parameters if isinstance(each.kind, Rest)]
        before = [each for each in self.parameters if each not in free]
        return " ".join([self.name, *(each.shown for each in (*before, *free))])

    @property
    def brief(self) -> str:
        """The same without its options, for a list."""
        words = [each.shown for each in self.parameters if not isinstance(each.kind, Flag)]
        return " ".join([self.name, *words])

    def help(self, words: Words) -> str:
        """Summary, usage and parameters or the words below, a line each."""
        lines = [words(self.summary), words("Usage: {usage}", usage=self.usage)]
        if self.below:
            below = self.below.values()
            return "\n".join(
                [*lines, *(f"• {each.brief}: {words(each.summary)}" for each in below)]
            )
        lines += [f"{each.shown}: {words(each.kind.what)}" for each in self.parameters]
        return "\n".join(lines)

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
    ) -> Callable[[Callable[..., Reply]], Command]:
        """Makes of a function what `NAME WORD` does, as `command` does of a name. What the name
        alone does takes no parameters.
        """

        def declare(function: Callable[..., Reply]) -> Command:
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
) -> Callable[[Callable[..., Reply]], Command]:
    """Makes a command of a function `(context, …) -> Reply`.

    The docstring's first line is its summary, and a message id. Each parameter is
    `Annotated[T, Arg | Rest | Flag]`. `private`: only the asker is answered, the rule unless the
    command acts for the channel. `writes`: it changes the store through `Context.session`; what
    it wrote before it raised is undone. `shortcut`: its name in the menu of a message, of at most
    24 characters (a message id); what it needs besides, a form asks for. `shareable`: it reads
    alone, and says nothing that `Context.audience` may not read. `attaches`, `answering`,
    `secret`: as of `Command`. Raises TypeError, at import, for what cannot be typed.
    """

    def declare(function: Callable[..., Reply]) -> Command:
        if not _NAME.fullmatch(name):
            raise TypeError(f"a command's name is lower-case letters and hyphens: {name!r}")
        summary = (inspect.getdoc(function) or "").partition("\n")[0]
        if not summary:
            raise TypeError(f"{name}: the docstring's first line is the command's summary")
        parameters = _parameters(name, function) + ((CHANNEL,) if placed else ())
        if shareable and (writes or not private):
            raise TypeError(f"{name}: only what reads, and answers its asker, can be shared")
        return Command(
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
