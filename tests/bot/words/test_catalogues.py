"""Everything the bot says is in every catalogue, with the same fields."""

from __future__ import annotations

import json
from collections.abc import Sequence
from string import Formatter

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.words import LANGUAGES
from tests.bot.words.said import ROOT, Said, pieced_together, said_in, sources

OTHERS = [language for language in LANGUAGES if language != "en"]


def everything_said() -> dict[str, Said]:
    found: dict[str, Said] = {}
    for name, tree in sources():
        for said in said_in(name, tree):
            if said.plural or said.text not in found:
                found[said.text] = said
    return found


def catalogue(language: str) -> Catalog:
    with (ROOT / "bot/words" / f"{language}.po").open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def lines_to_add(said: Said) -> str:
    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    lines = [f"#: {said.where.partition(':')[0]}", f"msgid {quoted(said.text)}"]
    if said.plural:
        lines += [f"msgid_plural {quoted(said.plural)}", 'msgstr[0] ""', 'msgstr[1] ""']
    else:
        lines += ['msgstr ""']
    return "\n".join(lines)


def strings(message: Message) -> Sequence[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def ids(message: Message) -> Sequence[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", OTHERS)
def test_everything_said_is_translated(language: str) -> None:
    held = catalogue(language)
    missing = []
    for said in everything_said().values():
        entry = held.get(said.text)
        plural = entry is not None and len(ids(entry)) > 1 and ids(entry)[1]
        if entry is None or not all(strings(entry)) or (said.plural and plural != said.plural):
            missing.append(lines_to_add(said))
    if missing:
        listed = "\n\n".join(missing)
        pytest.fail(
            f"add to bot/words/{language}.po, with translations:\n\n{listed}", pytrace=False
        )


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_translated_that_is_not_said(language: str) -> None:
    said = everything_said()
    stale = [ids(each)[0] for each in catalogue(language) if each.id and ids(each)[0] not in said]
    assert not stale, f"remove from bot/words/{language}.po"


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_fields_of_its_message_and_is_not_fuzzy(language: str) -> None:
    for entry in catalogue(language):
        if entry.id:
            assert not entry.fuzzy, entry.id
            for text in strings(entry):
                assert fields(text) == fields(ids(entry)[-1]), entry.id


def test_no_message_is_pieced_together() -> None:
    found = [place for name, tree in sources() for place in pieced_together(name, tree)]
    assert not found, "say it with {fields}, or no catalogue can hold it"
