"""Finding the commands, and running what was typed."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from types import MappingProxyType
from typing import Any

from bot.errors import Misused, UserError
from bot.events import Control, Standing
from bot.forms import Form, Mistakes
from bot.sharing.roles import Role
from bot.words import Words, message, words_for
from commands.grammar import Call, NearMiss, closest
from commands.grammar.words import is_option, quote, skip_space, trimmed
from commands.registry import forms
from commands.registry.binding import asks_for_help, bind
from commands.registry.context import Context
from commands.registry.described import Command, Flag
from commands.registry.knowing import may_know
from commands.registry.replies import Reply, reply, shortened
from commands.registry.wrong import wrong

SHARE = "share"
"""The command that computes another's answer for all who read a room."""
_TRAY = "\N{OUTBOX TRAY}"
_SHARED_WITHIN = timedelta(hours=1)
_LONGEST_CALL = 2_000
"""Characters of a call that a control takes."""
_EXCERPT = 20
_ONLY_FOR = {
    Role.MEMBER: message(
        "“{command}” is for members of a team, and I know you as a guest. Try “whoami”."
    ),
    Role.DELEGATE: message("“{command}” is for those who speak for a team. Try “whoami”."),
    Role.ADMIN: message("“{command}” is for those who administer a team. Try “whoami”."),
}


class Registry:
    """The commands that there are, by name."""

    def __init__(self, commands: Iterable[Command]) -> None:
        found: dict[str, Command] = {}
        for each in sorted(commands, key=lambda each: each.name):
            if each.name in found:
                raise TypeError(f"two commands are named {each.name!r}")
            found[each.name] = each
        self._commands = MappingProxyType(found)

    @classmethod
    def load(cls) -> Registry:
        """Every command of the package `commands`: adding a file there adds a command."""
        package = import_module("commands")
        names = (each.name for each in pkgutil.iter_modules(package.__path__) if not each.ispkg)
        modules = [import_module(f"commands.{name}") for name in names]
        return cls(
            value
            for module in modules
            for value in vars(module).values()
            if isinstance(value, Command)
            and not value.inner
            and value.function.__module__ == module.__name__
        )

    @property
    def names(self) -> frozenset[str]:
        """What `commands.grammar` needs to know a command."""
        return frozenset(self._commands)

    def get(self, name: str) -> Command | None:
        """The command of that name."""
        return self._commands.get(name)

    def find(self, call: Call) -> Command | None:
        """The command that a call gives, by its word where one follows the name."""
        found = self.get(call.name)
        return None if found is None else below(found, call.text)[0]

    def is_bare(self, call: Call) -> bool:
        """Whether nothing but options follows the name, or what can be read of that."""
        found = self.get(call.name)
        if found is None:
            return False
        found, text = below(found, call.text)
        try:
            bound = bind(found.parameters, text, words_for("en"))
        except UserError:
            return False
        flags = {each.name for each in found.parameters if isinstance(each.kind, Flag)}
        return bound.keys() <= flags

    def form(
        self, call: Call | NearMiss, words: Words, values: Mapping[str, str] | None = None
    ) -> Form | None:
        """What a command has yet to be told that was chosen for a message; with `values`, that was
        typed or pressed: they stand in its form already, if it has one. None where it can be run
        as it is.
        """
        if not isinstance(call, Call):
            return None
        if values is None:
            found = self.get(call.name)
            return None if found is None else forms.form_of(found, words)
        named = self.get(call.name)
        found, text = (named, "") if named is None else below(named, call.text)
        alone = found is not None and found.form and not trimmed(text)
        return forms.form_of(found, words, values) if found is not None and alone else None

    def filled(self, name: str, values: Mapping[str, str], words: Words) -> str | Mistakes:
        """What was filled in, as it would be typed; or what is wrong with it."""
        first, _, word = name.partition(" ")
        found = self.get(first)
        if found is None:
            return f"{name}"
        found = found.below.get(word, found)
        wrong = forms.mistakes(found, values, words)
        return wrong or f"{name} {forms.typed(found, values)}".strip()

    @property
    def shortcuts(self) -> Mapping[str, str]:
        """What the menu of a message has: each command's name, and what it is called there."""
        return {name: each.shortcut for name, each in self._commands.items() if each.shortcut}

    def run(self, call: Call | NearMiss, context: Context) -> Reply:
        """Carries a call out, inside the caller's transaction, and gives its answer.

        Raises UserError with what the asker should do: for a near miss what was perhaps meant,
        for a wrong call what was wrong and the usage line, for who may not give it who may.
        """
        found = self.get(call.name) if isinstance(call, Call) else None
        if found is None or isinstance(call, NearMiss):
            raise _unknown(call)
        context = replace(context, commands=self._commands)
        found, text = below(found, call.text)
        if asks_for_help(found, text):
            return reply(below(found, text, after_help=True)[0].help(context.words))
        return carry_out(found, text, context)


def carry_out(found: Command, text: str, context: Context) -> Reply:
    """What a command answers to these arguments; raises UserError as `Registry.run`. A private
    answer that can be computed for a room has a button that does so.
    """
    if found.below and trimmed(text) and not is_option(text, skip_space(text, 0)):
        raise _no_such_word(found, text)
    _check_role(found, context)
    values, context = _bound(found, text, context)
    try:
        answer = found.function(context, **values)
    except Misused as error:
        raise _with_usage(error, found, context) from None
    answer = replace(answer, public=answer.public and not found.private)
    return replace(answer, controls=(*answer.controls, *_sharing(found, text, answer, context)))


def _sharing(found: Command, text: str, answer: Reply, context: Context) -> Sequence[Control]:
    """The control by which an answer is shared, where it can be."""
    if not found.shareable or answer.public or context.shared or context.channel is None:
        return ()
    here = context.room is not None and context.house.channel_of(context.room) == context.channel
    where = "" if here else f"--channel {quote(context.channel)} "
    arguments = text if answer.shares is None else answer.shares
    call = f"{SHARE} {where}{found.name} {arguments}".strip()
    if len(call) > _LONGEST_CALL:
        return ()
    label, until = context.words("Share"), context.now + _SHARED_WITHIN
    return (Control(label, call, _TRAY, once=True, until=until),)


def below(found: Command, text: str, *, after_help: bool = False) -> tuple[Command, str]:
    """The command of the word that follows the name, and the rest; else as given."""
    words = trimmed(text).split(maxsplit=2 if after_help else 1)[after_help:]
    inner = found.below.get(words[0].casefold()) if words else None
    return (found, text) if inner is None else (inner, words[1] if len(words) > 1 else "")


def _no_such_word(found: Command, text: str) -> UserError:
    word = trimmed(text).split(maxsplit=1)[0]
    meant, shown = closest(word.casefold(), found.below), shortened(word, _EXCERPT)
    if meant is None:
        return UserError(
            "“{word}” cannot follow “{command}”.\nUsage: {usage}",
            word=shown, command=found.name, usage=found.usage,
        )  # fmt: skip
    return UserError(
        "“{word}” cannot follow “{command}”. Did you mean “{meant}”?\nUsage: {usage}",
        word=shown, command=found.name, meant=f"{found.name} {meant}", usage=found.usage,
    )  # fmt: skip


def _check_role(found: Command, context: Context) -> None:
    if found.role is Role.GUEST:
        return
    if found.role is Role.ADMIN and context.room and context.house.is_admin_room(context.room):
        return
    part = context.part()
    if found.role in part.roles:
        return
    if part.team is None and context.asker.standing is Standing.UNKNOWN:
        raise UserError(
            "Your network has not told me yet what you are there; try again in a minute."
        )
    raise UserError(_ONLY_FOR[found.role], command=found.name)


def _bound(found: Command, text: str, context: Context) -> tuple[dict[str, Any], Context]:
    """The values of a call, and the context with the channel that it names."""
    try:
        values = bind(found.parameters, text, context.words)
        if found.placed:
            context = replace(context, channel=_channel(values.pop("channel", None), context))
    except UserError as error:
        raise _with_usage(error, found, context) from None
    return values, context


def _with_usage(error: UserError, found: Command, context: Context) -> UserError:
    said = wrong(error, context.words)
    return UserError("{wrong}\nUsage: {usage}", wrong=said, usage=found.usage)


def _channel(named: str | None, context: Context) -> str | None:
    """Which channel is meant: a channel's rooms speak of their own alone."""
    if named is None or named == context.channel:
        return context.channel
    if context.channel is not None:
        raise UserError("Here I speak of this channel alone; name another in a direct room.")
    view = context.house.channels().get(named)
    if view is None or not may_know(context, view):
        # Nothing is listed and nothing guessed: that a channel exists is for its teams to know.
        raise UserError("I know of no such channel.")
    return named


def _unknown(call: Call | NearMiss) -> UserError:
    word, meant = (call.name, None) if isinstance(call, Call) else (call.word, call.suggestion)
    shown = shortened(word, _EXCERPT)
    if not word:
        return UserError("Type “help” after my name to see what I can do.")
    if meant is None:
        return UserError(
            "I know no command “{word}”, and passed nothing on. Try “help”.", word=shown
        )
    if meant == word:  # a sign, a space or other words beside it
        return UserError(
            "I did nothing, and passed nothing on.\nBegin with “!{meant}”, and a space behind it.",
            meant=meant,
        )
    return UserError(
        "I know no command “{word}”, and passed nothing on.\nDid you mean “{meant}”?",
        word=shown,
        meant=meant,
    )
