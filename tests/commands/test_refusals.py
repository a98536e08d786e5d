"""What somebody has typed wrongly is said back to them, and nobody can click on it by mistake."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy.orm import Session

from bot.errors import UserError
from bot.indicators.observables import defang_links, refang
from bot.richtext import plain
from bot.store.database import Database
from bot.words import words_for
from commands.grammar import Call
from commands.registry import Context, Reply, refusal
from tests.commands.indicators import REGISTRY, context_of
from tests.custody import Alliance

URL = "https://evil.example/x"
WRONG = [
    f"x {URL} {URL}", f"--{URL}", f"x --marking {URL}", f"x --group {URL}", f"x --at {URL}",
    f"x --count {URL}", f"x --enrich {URL}", f"x --bogus={URL}", f"*.{URL}", "ada@evil.example.",
    "evil.example:99999", "198.51.100.7/99 x", "198.51.100.7. x", URL,
]  # fmt: skip


@pytest.mark.parametrize("name", sorted(REGISTRY.names))
def test_no_refusal_of_any_command_can_be_clicked_on(sqlite: Database, name: str) -> None:
    """“release https://evil.example/x y” was told back with the link in it."""
    asker = context_of(Alliance(), direct=name < "m")
    for typed in WRONG:
        try:
            sqlite.run_now(partial(_given, asker, Call(name, typed)))
        except UserError as error:
            said = plain(refusal(error, words_for("en")).body)
            assert not re.search(r"://|evil\.example|198\.51\.100\.7", said)


def _given(asker: Context, call: Call, session: Session) -> Reply:
    return REGISTRY.run(call, replace(asker, session=session))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://evil.example/x", "see https[:]//evil[.]example/x"),
        ("hxxps[:]//evil[.]example", "hxxps[:]//evil[.]example"),
        ("ada@evil.example, or bob@x", "ada[@]evil[.]example, or bob[@]x"),
        ("198.51.100.7. It", "198[.]51[.]100[.]7[.] It"),
        ("1.5 of 15:00, e.g. 2.0", "1.5 of 15:00, e.g. 2.0"),
        ("slack:alpha/C9, RTF-2026-014", "slack:alpha/C9, RTF-2026-014"),
        ("evil\uff0eexample", "evil[U+FF0E]example"),
        ("a word.\nUsage: ping", "a word.\nUsage: ping"),
        ("", ""),
    ],
)
def test_only_what_a_network_makes_a_link_of_is_made_harmless(text: str, shown: str) -> None:
    assert defang_links(text) == shown
    assert defang_links(shown) == shown
    if "U+" not in shown:
        assert refang(shown) == refang(text)
