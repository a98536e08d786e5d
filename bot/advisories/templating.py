"""How each kind of advisory looks: Jinja's templates, which make Markdown. Pure.

A template is sandboxed, and besides may hold little of what Jinja has: text, values, conditions,
loops over what an advisory lists. So it ends soon, whoever writes it. A field is text, also where
it looks like markup: each sign of Markdown in it gets a backslash. What is Markdown by its nature
(a body) stands as blocks of its own where the template names it, so that nothing in it can swallow
what follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files

from jinja2 import FunctionLoader, StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.advisories.document import Kind
from bot.advisories.markdown import read_markdown
from bot.errors import BadTemplate
from bot.richtext import Block, Paragraph, Text

LONGEST = 200_000
"""Characters that a template may make."""
_LISTS = frozenset({"affected", "indicators", "references"})
"""What a loop may go over, none of them inside of another."""
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr,
    nodes.For, nodes.If, nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.Filter,
    nodes.Include,
)  # fmt: skip
_PIECES = frozenset({"affected", "indicators", "actions", "due", "facts"})
"""What several templates include; a piece includes none."""
_FILTERS = frozenset({"join", "first", "length"})
_SIGNS = re.compile(r"([!-/:-@\[-`{-~])")
_LINES = re.compile(r"\s*[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+\s*")
_ADDRESS = re.compile(r"https?://[^\s<>]{1,2000}")

_PLACE = "\x01"
"""Around the name of what is Markdown; no field has it."""

Value = str | tuple[str, ...] | Mapping[str, str]


class Marked(str):
    """Markdown that goes in as it is."""

    __slots__ = ()


def escaped(text: str) -> Marked:
    """A text as Markdown that shows exactly that, in one line."""
    bare = _LINES.sub(" ", text.replace(_PLACE, "")).strip()
    return Marked(_SIGNS.sub(r"\\\1", bare))


def linked(text: str) -> Marked:
    """An address as a link; what is none is text."""
    return Marked(f"<{text}>") if _ADDRESS.fullmatch(text) else escaped(text)


def laid_out(
    kind: Kind, fields: Mapping[str, Value], written: Mapping[str, str]
) -> Iterator[Block]:
    """What stands in a post of a kind. `fields`: texts, and lists of them; `written`: Markdown."""
    yield from arranged(_template(_source(str(kind))), fields, written)


def arranged(
    template: Template, fields: Mapping[str, Value], written: Mapping[str, str]
) -> Iterator[Block]:
    """The same by a template; raises BadTemplate."""
    places = {
        name: Marked(_PLACE + name + _PLACE) if text else "" for name, text in written.items()
    }
    for block in read_markdown(_filled(template, {**fields, **places})).blocks:
        match block:
            case Paragraph((Text(text),)) if (name := text.strip(_PLACE)) in written and (
                text == places[name]
            ):
                yield from read_markdown(written[name]).blocks
            case _:
                yield block


def parsed(source: str) -> Template:
    """A template; raises BadTemplate for what none may hold."""
    try:
        _check(_ENVIRONMENT.parse(source))
        return _ENVIRONMENT.from_string(source)
    except TemplateError as error:
        raise BadTemplate(f"a template cannot be read: {type(error).__name__}") from None


def _filled(template: Template, values: Mapping[str, Value]) -> str:
    made, length = list[str](), 0
    try:
        for piece in template.generate(values):
            length += len(piece)
            if length > LONGEST:
                raise BadTemplate("a template makes too much")
            made.append(piece)
    except TemplateError as error:
        raise BadTemplate(f"a template cannot be filled in: {type(error).__name__}") from None
    return "".join(made)


_template = lru_cache(maxsize=len(Kind))(parsed)


@lru_cache(maxsize=len(Kind))
def _source(name: str) -> str:
    return files("bot.advisories").joinpath("templates", f"{name}.md").read_text("utf-8")


def _piece(name: str) -> str | None:
    return _source(f"pieces/{name}") if name in _PIECES else None


def _check(node: nodes.Node, *, inside: bool = False) -> None:
    if not isinstance(node, _ALLOWED):
        raise BadTemplate(f"a template may not hold {type(node).__name__}")
    if isinstance(node, nodes.Filter) and node.name not in _FILTERS:
        raise BadTemplate(f"a template may not use {node.name}")
    if isinstance(node, nodes.Include) and not isinstance(node.template, nodes.Const):
        raise BadTemplate("a template includes by name alone")
    looping = isinstance(node, nodes.For)
    if isinstance(node, nodes.For):
        over = node.iter
        if inside or node.recursive or not isinstance(over, nodes.Name) or over.name not in _LISTS:
            raise BadTemplate("a template loops over lists alone, and not inside of a loop")
    for each in node.iter_child_nodes():
        _check(each, inside=inside or looping)


def _finalize(value: object) -> str:
    """What stands in the text for a value."""
    if isinstance(value, Marked):
        return value
    return escaped(str(value))


def _environment() -> ImmutableSandboxedEnvironment:
    """Nothing but our own pieces is included, and without globals nothing is called."""
    made = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, finalize=_finalize,
        autoescape=False, loader=FunctionLoader(_piece),
    )  # fmt: skip
    made.globals.clear()
    return made


_ENVIRONMENT = _environment()
