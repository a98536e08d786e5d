"""`liaison advisories export --format csaf|markdown|pdf`: what is out, as files or printed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha512
from pathlib import Path

import msgspec
from sqlalchemy.orm import Session

from bot.advisories.publishing import shelf
from bot.advisories.publishing.csaf import csaf_of, document_of
from bot.advisories.publishing.edition import Edition, folder_of
from bot.advisories.publishing.pdf import pdf_of
from bot.advisories.publishing.texts import markdown_of
from bot.custody.audit import OPERATOR, Act, Action, named, record
from bot.delivery.lanes import utc_now
from bot.errors import ConfigurationError
from bot.terminal.advising import eyes_of
from bot.terminal.indicating.naming import known_team
from bot.terminal.inspection import opened_store
from bot.wiring.feeds import publisher_of
from bot.words import Words, words_for
from config.settings import Settings

_ENDINGS = {"csaf": ".json", "markdown": ".md", "pdf": ".pdf"}


def export(settings: Settings, team: str | None, form: str, folder: Path | None) -> int:
    """Write a file for each advisory that is out, in folders by label and year; print them where no
    folder is named.
    """
    if form == "pdf" and folder is None:
        raise ConfigurationError(["expected --output FOLDER: a PDF is not printed"])
    found = _editions(settings, team)
    words = words_for(settings.liaison.language)
    made: Mapping[str, Callable[[Edition], bytes]] = {
        "csaf": csaf_of,
        "markdown": lambda edition: markdown_of(edition, words).encode(),
        "pdf": lambda edition: pdf_of(edition, words),
    }
    if folder is None:
        _print(found, form, words)
        return 0
    for edition in found:
        _write(folder, edition, form, made[form](edition))
    print(f"{len(found)} written to {folder}")
    return 0


def _editions(settings: Settings, team: str | None) -> Sequence[Edition]:
    if team is not None:
        known_team(settings, team)
    publisher = publisher_of(settings)

    def work(session: Session) -> list[Edition]:
        eyes = eyes_of(session, settings, team)
        return list(shelf.editions(session, eyes.markings, publisher, eyes.sees))

    with opened_store(settings) as database:
        if team is None:  # the operator sees all, and that is written down
            act = Act(OPERATOR, None, Action.EXPORTED, named("advisories"))
            database.run_now(lambda session: record(session, act, utc_now()))
        return database.read_now(work)


def _print(found: Sequence[Edition], form: str, words: Words) -> None:
    """CSAF as a document a line."""
    if not found:
        print("liaison: there is no advisory", file=sys.stderr)
    for edition in found:
        if form == "csaf":
            print(msgspec.json.encode(document_of(edition)).decode())
        else:
            print(markdown_of(edition, words))


def _write(folder: Path, edition: Edition, form: str, content: bytes) -> None:
    place = folder / folder_of(edition.label) / edition.year
    place.mkdir(parents=True, exist_ok=True)
    file = place / f"{edition.file}{_ENDINGS[form]}"
    file.write_bytes(content)
    if form == "csaf":
        hashed = f"{sha512(content).hexdigest()}  {file.name}\n"
        file.with_name(f"{file.name}.sha512").write_text(hashed)
