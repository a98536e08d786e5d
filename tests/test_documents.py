"""What the documents say is shown by a test is shown by a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_PATH = re.compile(r"`((?:tests|bot|commands|config|docs)/[\w./-]+)`")
_TEST = re.compile(r"`(test_\w+)`")
_CELL = re.compile(r"`((?:tests)/[\w./-]+\.py|test_\w+)`")


@pytest.mark.parametrize("document", sorted(ROOT.glob("docs/*.md")), ids=lambda path: path.name)
def test_each_file_that_a_document_names_is_there(document: Path) -> None:
    named = set(_PATH.findall(document.read_text(encoding="utf-8")))
    assert {path for path in named if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("document", sorted(ROOT.glob("docs/*.md")), ids=lambda path: path.name)
def test_each_test_that_a_document_names_is_in_the_file_that_it_names(document: Path) -> None:
    missing, text = [], document.read_text(encoding="utf-8")
    for line in text.splitlines():
        file: Path | None = None
        for name in _CELL.findall(line):
            if name.startswith("tests/"):
                file = ROOT / name
            elif file is None or f"def {name}(" not in file.read_text(encoding="utf-8"):
                missing.append(name)
    assert missing == []
    assert len(_TEST.findall(text)) >= 15 * (document.name == "security.md")


def test_the_record_is_shown_claim_by_claim() -> None:
    rows = [
        line
        for line in (ROOT / "docs" / "security.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and "tests/bot/custody/" in line
    ]
    assert rows
    assert not [line for line in rows if "`tests/bot/custody/`" in line]
