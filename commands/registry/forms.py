"""A command's form, made from its declaration; and what was filled in, as it would be typed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.errors import UserError
from bot.forms import ON, Field, Form, Kind, Mistakes
from bot.words import Words
from commands.grammar.words import quote
from commands.registry.binding import bind
from commands.registry.described import CHANNEL, Command, Flag, Parameter, Rest
from commands.registry.trailing import Options, exactly
from commands.registry.wrong import wrong

Values = Mapping[str, str]
"""What was filled in, by the parameters' names; of what was left empty nothing."""


def form_of(command: Command, words: Words, values: Values = MappingProxyType({})) -> Form | None:
    """The form of a command that was chosen for a message; None where the message says it all.
    `values`: what stands in it already.
    """
    fields = tuple(_field(each, words, values.get(each.name, "")) for each in _asked(command))
    if not fields:
        return None
    title = words(command.shortcut or command.form or command.name)
    return Form(command.name, title, fields, words("Do it"), words("Cancel"))


def typed(command: Command, values: Values) -> str:
    """What was filled in, as one types it behind the command's name."""
    flags, line = [], []
    for each in _asked(command):
        value = values.get(each.name, "").strip()
        if not value:
            continue
        if isinstance(each.kind, Rest):
            line.append(exactly(value, _options(command), headed=each.kind.headed))
        elif not isinstance(each.kind, Flag):
            line.append(" ".join(map(quote, value.split())) if each.many else quote(value))
        elif each.switch:
            flags += [each.typed] if value == ON else []
        else:
            flags.append(f"{each.typed} {quote(value)}")
    return " ".join([*flags, *line])


def _options(command: Command) -> Options:
    return {each.typed: each for each in command.parameters if isinstance(each.kind, Flag)}


def mistakes(command: Command, values: Values, words: Words) -> Mistakes:
    """What is wrong with what was filled in; empty where it can be run."""
    found, asked = Mistakes(), _asked(command)
    for each in asked:
        value = values.get(each.name, "").strip()
        if _needed(each) and not value:
            found[each.name] = words("Say something here.")
        elif value and not each.switch and not each.many:
            try:
                each.parse(value)
            except UserError as error:
                found[each.name] = wrong(error, words)
    if found or not asked:
        return found
    try:
        bind(command.parameters, typed(command, values), words)
    except UserError as error:
        found[asked[0].name] = wrong(error, words)
    return found


def _asked(command: Command) -> list[Parameter]:
    """What a form asks for: neither the message that it is about, nor its channel."""
    return [each for each in command.parameters if each is not CHANNEL and each.kind.form != ""]


def _needed(parameter: Parameter) -> bool:
    kind = parameter.kind
    return parameter.required or (isinstance(kind, Flag) and kind.needed)


def _field(parameter: Parameter, words: Words, value: str) -> Field:
    kind = parameter.kind
    asked = kind.what if kind.form is None else kind.form
    label = words(asked)
    label = label[:1].upper() + label[1:]
    if parameter.switch:
        shown = Kind.SWITCH
    elif kind.choices:
        shown = Kind.CHOICE
    else:
        text = isinstance(kind, Rest) or (isinstance(kind, Flag) and kind.several)
        shown = Kind.TEXT if text else Kind.LINE
    return Field(parameter.name, label, shown, _needed(parameter), kind.choices, value)
