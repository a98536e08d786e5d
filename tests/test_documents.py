"""What the documents name is there: tests, files, chapters, what can be done and pressed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.custody.audit import Action
from commands.registry import Registry

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")))
_PATH = re.compile(r"`((?:tests|bot|commands|config|docs)/[\w./-]+)`")
_MAPPED = re.compile(r"(?m)^    ((?:bot|commands|config)/[\w./]*) ")
_TEST = re.compile(r"`(test_\w+)`")
_LINK = re.compile(r"\]\(([^)\s:]+)\)")
_CELL = re.compile(r"`((?:tests)/[\w./-]+\.py|test_\w+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_file_that_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = {path for path in (*_PATH.findall(text), *_MAPPED.findall(text)) if "NAME" not in path}
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


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_link_of_a_document_leads_to_a_file_and_to_a_chapter_of_it(document: Path) -> None:
    lost = []
    for link in _LINK.findall(document.read_text(encoding="utf-8")):
        name, _, chapter = link.partition("#")
        file = (document.parent / name).resolve() if name else document
        if not file.exists() or (chapter and chapter not in _chapters(file)):
            lost.append(link)
    assert lost == []


def _chapters(document: Path) -> set[str]:
    """The headings as links name them."""
    titles = re.findall(r"(?m)^#+ (.+)$", document.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


def test_each_document_stands_where_a_newcomer_looks() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [path.name for path in ROOT.glob("docs/*.md") if f"(docs/{path.name})" not in readme]
    assert missing == []


def test_each_action_of_the_record_is_explained() -> None:
    text = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in text.splitlines() if line.startswith("| `")]
    explained = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}
    assert {str(action) for action in Action} - explained == set()


def test_what_slacks_menu_of_a_message_has_is_told() -> None:
    text = (ROOT / "docs" / "slack.md").read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith("* **Shortcuts**")]
    told = set(re.findall(r"\*([A-Z][^*]+)\*", line)) - {"Shortcuts", "More message shortcuts"}
    assert told == set(Registry.load().shortcuts.values())


def test_whoever_is_called_at_night_is_told_to_type_what_there_is() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = readme.partition("| to | type |")[2].partition("\n\n")[0].splitlines()[2:]
    typed = [each.split()[0] for row in rows for each in re.findall(r"`([^`]+)`", row)]
    assert len(typed) >= 10
    assert set(typed) <= Registry.load().names
