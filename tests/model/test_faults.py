"""The model is not blind: it finds what is planted. All faults are planted by `make soak`."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.model import faults, oracle


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ["REL is ignored", "an edit lowers"])
def test_a_planted_fault_is_found(name: str) -> None:
    assert faults.found(name, seed=4, steps=600) is not None


def test_the_oracle_knows_nothing_of_the_bot() -> None:
    tree = ast.parse(Path(oracle.__file__).read_text())
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {each.name for n in ast.walk(tree) if isinstance(n, ast.Import) for each in n.names}
    assert not any(str(module).partition(".")[0] in {"bot", "commands"} for module in modules)
