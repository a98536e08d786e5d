"""A command as it is described: its parameters, how it is typed, its help."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.sharing.roles import Role
from bot.words import Words
from commands.registry.replies import Reply


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
    line (see `trailing`). `headed`: options may end its first line too, where people write a title,
    or which one is meant. `form`, `choices` and `shown` as of `Arg`.
    """

    what: str
    parse: Callable[[str], Any] | None = None
    form: str | None = None
    choices: tuple[str, ...] = ()
    shown: str | None = None
    headed: bool = False


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
