"""What each kind looks like; what a field holds is shown as text; a template can do little."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.advisories import layout, showing
from bot.advisories.document import Document, Kind
from bot.advisories.markdown import read_markdown
from bot.advisories.showing import Shown
from bot.advisories.states import State
from bot.advisories.templating import Value, arranged, escaped, parsed
from bot.errors import BadTemplate
from bot.richtext import Heading, Link, Mention, Paragraph, RichText, plain
from bot.richtext.walking import leaves
from bot.sharing.marking import Label
from bot.words import words_for

EN = words_for("en")
FULL = Document(
    "Patch the VPN", Label.GREEN, summary="Exploited since *Monday*.", body="Look at the logs.",
    cves=("CVE-2026-1234",), due="2026-11-25T09:00:00+00:00", contact="duty@alpha.example",
    references=("https://example.org/vpn", "our wiki"), affected=("Gate 7.1", "Gate 8 before 8.2"),
    indicators=("198.51.100[.]7", "hxxps[:]//evil[.]example/x"), techniques=("T1190",),
    actions="1. Patch\n2. Look",
)  # fmt: skip
HOSTILE = (
    "# [a](https://evil.example) **b** `c` <https://evil.example>\n\n"
    "- @channel {{ 7*7 }} | x \x01body\x01"
)


def made(document: Document) -> RichText:
    return RichText(tuple(layout.blocks(document, ["CERT Alpha"], EN, whole=True)))


def kinds(kind: Kind) -> list[str]:
    text = plain(made(replace(FULL, kind=kind)))
    return [line for line in text.split("\n") if line]


def test_an_advisory_says_all_of_it_in_this_order() -> None:
    assert kinds(Kind.ADVISORY) == [
        "Exploited since Monday.",
        "Affected:",
        "• Gate 7.1",
        "• Gate 8 before 8.2",
        "Look at the logs.",
        "What to do:",
        "1. Patch",
        "2. Look",
        "To be done by: Wed 2026-11-25 09:00 UTC",
        "Indicators:",
        "• 198.51.100[.]7",
        "• hxxps[:]//evil[.]example/x",
        "CVE: CVE-2026-1234",
        "Techniques: T1190",
        "References: https://example.org/vpn our wiki",
        "From: CERT Alpha",
        "Contact: duty@alpha.example",
    ]


def test_an_alert_says_first_by_when_and_an_all_clear_that_it_is_over() -> None:
    assert kinds(Kind.ALERT)[0] == "To be done by: Wed 2026-11-25 09:00 UTC"
    assert kinds(Kind.ALL_CLEAR)[0] == "It is over."
    assert kinds(Kind.SITUATION_REPORT)[:2] == ["The situation:", "Exploited since Monday."]


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_says_every_field_and_an_empty_one_nothing(kind: Kind) -> None:
    whole = set(kinds(kind))
    wanted = set(kinds(Kind.ADVISORY)) - {"Indicators:", *(f"• {each}" for each in FULL.indicators)}
    assert whole >= wanted
    bare = Document("T", Label.GREEN, kind=kind)
    lines = [line for line in plain(made(bare)).split("\n") if line]
    assert [line for line in lines if line != "It is over."] == ["From: CERT Alpha"]


@pytest.mark.parametrize("kind", [each for each in Kind if each is not Kind.ADVISORY])
def test_the_first_line_says_what_sort_it_is(kind: Kind) -> None:
    document = Document("T" * 100, Label.AMBER, kind=kind)
    line = showing.first_line(Shown("RTF-2026-001", State.RELEASED, document, "A"), EN)
    assert line.startswith(f"TLP:AMBER · MEDIUM · {layout.kind_words(kind, EN)} · RTF-2026-001")
    assert len(line) <= 80


def test_markup_in_a_field_is_shown_as_text() -> None:
    document = Document(
        "T", Label.GREEN, affected=(HOSTILE,), indicators=(HOSTILE,), references=(HOSTILE,),
        techniques=(HOSTILE,), contact=HOSTILE, summary="S", body="B", actions="A",
    )  # fmt: skip
    found = made(document)
    shown = HOSTILE.replace("\n\n", " ").replace("\x01", "")
    assert plain(found).count(shown) == 5
    assert not [each for each in leaves(found) if isinstance(each, Link | Mention)]
    assert not [each for each in found.blocks if isinstance(each, Heading)]
    assert plain(found).count("\nB\n") == 1


def test_what_a_body_leaves_open_swallows_nothing_that_follows() -> None:
    document = Document("T", Label.GREEN, summary="```\nopen", body="> - open", contact="me")
    assert plain(made(document)).endswith("From: CERT Alpha\nContact: me")
    last = made(document).blocks[-1]
    assert isinstance(last, Paragraph)


@given(st.text(max_size=60))
def test_whatever_a_field_holds_reads_back_as_it_was(text: str) -> None:
    found = read_markdown(f"- x {escaped(text)}")
    words = " ".join(["x", *text.replace("\x01", "").split()])
    assert " ".join(plain(found).removeprefix("•").split()) == words


@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(9) %}{{ a }}{% endfor %}",
        "{% for a in affected %}{% for b in affected %}{% endfor %}{% endfor %}",
        "{% for a in body %}{% endfor %}",
        "{{ ''.__class__.__mro__ }}{{ cycler() }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 2 ** 1000000 }}",
        "{% include 'advisory' %}{% macro m() %}{{ m() }}{% endmacro %}",
        "{% include name %}",
        "{% import 'x' as y %}",
        "{% extends 'x' %}",
        "{% set x = 1 %}",
        "{{ body|replace('a', 'b') }}",
        "{{ body|pprint }}",
        "{% if %}",
    ],
)
def test_a_template_that_could_do_more_is_refused(source: str) -> None:
    with pytest.raises(BadTemplate):
        parsed(source)


@pytest.mark.parametrize(
    "source", ["{{ missing }}", "{% include 'secret' %}", "{{ line.__class__.x }}"]
)
def test_a_template_that_asks_for_what_is_not_there_is_refused(source: str) -> None:
    with pytest.raises(BadTemplate):
        list(arranged(parsed(source), {"line": {}}, {}))


def test_a_template_makes_only_so_much() -> None:
    loop = "{% for a in affected %}" + "{{ say }}" * 300 + "{% endfor %}"
    fields: Mapping[str, Value] = {"affected": ("x",) * 200, "say": "y" * 500}
    with pytest.raises(BadTemplate, match="too much"):
        list(arranged(parsed(loop), fields, {}))
