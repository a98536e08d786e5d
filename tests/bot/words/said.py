"""Every message that the source says, found by walking it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
FIRST_ARGUMENT = {"words", "theirs", "UserError", "Misused", "message", "Arg", "Rest", "Flag"}
"""Calls whose first argument is a message id, by the name at their end: `context.words(…)` and
`self._words(…)` too; `theirs` are the words of others than who asks."""


@dataclass(frozen=True)
class Said:
    """A message id, its plural if it has one, and where it stands."""

    text: str
    where: str
    plural: str | None = None


def sources() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("bot", "commands", "config"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text("utf-8"))


def said_in(name: str, tree: ast.Module) -> Iterator[Said]:
    constants = dict(_constants(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from (Said(text, f"{name}:{node.lineno}") for text in _named(node))
        match node:
            case ast.Call(func=function) if _last(function) == "Undeliverable":
                for given in (*node.args, *(each.value for each in node.keywords)):
                    if isinstance(given, ast.Name) and given.id in constants:
                        yield Said(constants[given.id], f"{name}:{node.lineno}")
            case ast.Call(args=[ast.Constant(str(text)), *_], func=function) if (
                _last(function) in FIRST_ARGUMENT
            ):
                yield Said(text, f"{name}:{node.lineno}")
            case ast.Call(
                args=[ast.Constant(str(one)), ast.Constant(str(many)), *_],
                func=ast.Attribute(value=owner, attr="count"),
            ) if _last(owner) in {"words", "theirs"}:
                yield Said(one, f"{name}:{node.lineno}", many)
            case ast.FunctionDef(decorator_list=[*marks]) if any(map(_is_command, marks)):
                summary = (ast.get_docstring(node) or "").partition("\n")[0]
                yield Said(summary, f"{name}:{node.lineno}")


def _named(call: ast.Call) -> Iterator[str]:
    """What forms and menus call something."""
    keywords = {"command": "shortcut", "Arg": "form", "Rest": "form", "Flag": "form"}
    wanted = keywords.get(_last(call.func))
    for each in call.keywords:
        match each:
            case ast.keyword(arg=str(arg), value=ast.Constant(str(text))) if arg == wanted and text:
                yield text


def pieced_together(name: str, tree: ast.Module) -> Iterator[str]:
    """Message ids that no catalogue can hold, since they are made at run time."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                args=[ast.JoinedStr() | ast.BinOp() | ast.IfExp(), *_], func=function
            ) if _last(function) in FIRST_ARGUMENT:
                yield f"{name}:{node.lineno}"


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(str(text))):
                yield name, text


def _last(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.lstrip("_")
    return ""


def _is_command(mark: ast.expr) -> bool:
    return isinstance(mark, ast.Call) and _last(mark.func) in {"command", "word"}
