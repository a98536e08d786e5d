"""CSAF documents: what is read of them, and which are not to be believed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.advisories.front_matter import Written
from bot.advisories.markdown import read_markdown
from bot.advisories.sources.csaf.drafting import looks_like_csaf, written_from_csaf
from bot.advisories.sources.csaf.reading import LARGEST, read_csaf
from bot.advisories.sources.item import clean, one_line, said
from bot.advisories.sources.refusals import Refusal, Refused
from bot.errors import UserError
from bot.richtext import plain
from bot.sharing.marking import Label
from bot.times.working import Severity
from tests.bot.advisories.sources.documents import document, written

REAL = Path(__file__).parents[5] / "shared" / "data" / "csaf"


def refused(content: dict[str, Any], listed: Label | None = None) -> Refusal:
    with pytest.raises(Refused) as caught:
        read_csaf(written(content), listed)
    return caught.value.reason


def labelled(label: str | None, version: str = "2.0", **more: Any) -> dict[str, Any]:
    distribution = more | ({} if label is None else {"tlp": {"label": label}})
    return document(distribution=distribution, csaf_version=version)


def test_a_document_says_what_it_is_about() -> None:
    item = read_csaf(written(document()))
    assert (item.name, item.title) == ("ACME-2026-001", "A gate that opens for everybody")
    assert item.identity == "csaf https://acme.example acme-2026-001"
    assert item.severity is Severity.CRITICAL
    assert item.label is Label.CLEAR
    assert item.cves == ("CVE-2026-1234",)
    assert item.vendors == ("ACME",)
    assert item.products == ("Gate", "ACME Gate 1.0")
    assert item.references == ("https://acme.example/1",)


def test_a_document_of_2_1_says_its_score_elsewhere() -> None:
    content = labelled("AMBER+STRICT", "2.1")
    (one,) = content["vulnerabilities"]
    del one["scores"]
    one["metrics"] = [{"content": {"cvss_v4": {"baseScore": 7.1}}, "products": ["P1"]}]
    item = read_csaf(written(content))
    assert (item.severity, item.label) == (Severity.HIGH, Label.AMBER_STRICT)


def test_without_a_score_its_publishers_word_counts() -> None:
    content = document(aggregate_severity={"text": "Important"})
    del content["vulnerabilities"][0]["scores"]
    assert read_csaf(written(content)).severity is Severity.HIGH


def test_sectors_are_read_as_cisa_writes_them() -> None:
    note = {
        "category": "other",
        "title": "Critical infrastructure sectors",
        "text": "Energy, Water",
    }
    assert read_csaf(written(document(notes=[note]))).sectors == ("Energy", "Water")


@pytest.mark.parametrize(
    ("content", "listed", "reason"),
    [
        (labelled("CLEAR", "2.1"), Label.AMBER, Refusal.LOWER),
        (labelled("WHITE"), Label.GREEN, Refusal.LOWER),
        (labelled("WHITE", text="TLP:AMBER - for our customers"), None, Refusal.WORDS),
        (labelled("GREEN", text="See TLP:AMBER+STRICT of 2022"), None, Refusal.WORDS),
        (
            document(notes=[{"category": "summary", "text": "TLP:AMBER\nAnybody can enter."}]),
            None, Refusal.WORDS,
        ),
        (document(title="TLP:RED A gate"), None, Refusal.WORDS),
        (labelled("RED"), None, Refusal.RED),
        (labelled("PURPLE"), None, Refusal.LABEL),
        (labelled(None, "2.1"), None, Refusal.LABEL),
    ],
)  # fmt: skip
def test_a_document_that_lies_about_its_label_is_refused(
    content: dict[str, Any], listed: Label | None, reason: Refusal
) -> None:
    assert refused(content, listed) is reason


def test_without_a_label_that_of_its_feed_holds() -> None:
    assert read_csaf(written(labelled(None)), Label.GREEN).label is Label.GREEN
    assert read_csaf(written(labelled(None))).label is None


def test_a_document_that_speaks_of_labels_is_no_liar() -> None:
    text = "Formerly TLP:AMBER, this is public since the first of March."
    content = document(notes=[{"category": "general", "text": text}])
    assert read_csaf(written(content)).label is Label.CLEAR


def test_ten_thousand_products_are_refused() -> None:
    content = document()
    content["product_tree"]["full_product_names"] = [
        {"name": f"Gate {n}", "product_id": f"Q{n}"} for n in range(10_000)
    ]
    assert refused(content) is Refusal.PRODUCTS


def circle(*made: tuple[str, str, str]) -> dict[str, Any]:
    content = document()
    content["product_tree"]["relationships"] = [
        {
            "category": "installed_on",
            "full_product_name": {"name": whole, "product_id": whole},
            "product_reference": part,
            "relates_to_product_reference": other,
        }
        for whole, part, other in made
    ]
    return content


@pytest.mark.parametrize(
    "made",
    [
        [("A", "A", "P1")],
        [("A", "B", "P1"), ("B", "P1", "A")],
        [("A", "P1", "B"), ("B", "P1", "C"), ("C", "P1", "A"), ("D", "P1", "P1")],
    ],
)
def test_a_product_tree_that_is_a_circle_is_refused(made: list[tuple[str, str, str]]) -> None:
    assert refused(circle(*made)) is Refusal.CYCLE


def test_products_made_of_others_are_no_circle() -> None:
    item = read_csaf(written(circle(("A", "P1", "P1"), ("B", "A", "P1"), ("C", "A", "B"))))
    assert {"A", "B", "C"} <= set(item.products)


def test_a_circle_of_paths_is_refused_too() -> None:
    content = document(csaf_version="2.1", distribution={"tlp": {"label": "CLEAR"}})
    content["product_tree"]["product_paths"] = [
        {
            "full_product_name": {"name": "A", "product_id": "A"},
            "beginning_product_reference": "P1",
            "subpaths": [{"category": "installed_on", "next_product_reference": "A"}],
        }
    ]
    assert refused(content) is Refusal.CYCLE


def nested(depth: int) -> dict[str, Any]:
    branch: dict[str, Any] = {"category": "product_name", "name": "x"}
    for _ in range(depth):
        branch = {"category": "product_family", "name": "x", "branches": [branch]}
    content = document()
    content["product_tree"]["branches"] = [branch]
    return content


def test_a_tree_deeper_than_any_is_refused() -> None:
    assert refused(nested(70)) is Refusal.DEPTH


def test_json_deeper_than_the_reader_goes_is_refused() -> None:
    deep = b'{"document":{"title":"x"},"product_tree":{"branches":' + b'[{"branches":' * 100_000
    with pytest.raises(Refused) as caught:
        read_csaf(deep + b"[]" + b"}]" * 100_000 + b"}}")
    assert caught.value.reason is Refusal.UNREADABLE


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Refusal.UNREADABLE),
        (b"<html>", Refusal.UNREADABLE),
        (b"[]", Refusal.UNREADABLE),
        (b'{"document": {"title": 7}}', Refusal.UNREADABLE),
        (b"\xff\xfe{}", Refusal.UNREADABLE),
        (b" " * (LARGEST + 1), Refusal.TOO_LARGE),
        (written(document(csaf_version="1.2")), Refusal.VERSION),
        (written(document(title=" ")), Refusal.NAMELESS),
        (written(document(tracking={})), Refusal.NAMELESS),
    ],
)
def test_what_is_no_document_is_refused(content: bytes, reason: Refusal) -> None:
    with pytest.raises(Refused) as caught:
        read_csaf(content)
    assert caught.value.reason is reason


def test_a_refusal_says_of_which_document() -> None:
    with pytest.raises(Refused) as caught:
        read_csaf(written(labelled("RED")))
    assert caught.value.name == "ACME-2026-001"


def test_a_document_becomes_the_fields_of_a_draft() -> None:
    fields = written_from_csaf(written(document()))
    assert fields.one("title") == "A gate that opens for everybody"
    assert fields.one("severity") == "critical"
    assert fields.one("marking") == "TLP:CLEAR"
    assert fields.one("summary") == "Anybody can enter."
    assert fields.many("cves") == ("CVE-2026-1234",)
    assert fields.many("references") == ("https://acme.example/1",)
    shown = plain(read_markdown(fields.body))
    for part in ("ACME, ACME-2026-001, version 1", "It does not ask."):
        assert part in shown
    assert fields.many("affected") == ("ACME Gate 1.0",)
    assert fields.one("actions") == "- Install 1.1."


def test_a_draft_of_what_is_not_to_be_believed_is_refused_in_words() -> None:
    with pytest.raises(UserError, match="circle"):
        written_from_csaf(written(circle(("A", "A", "A"))))


def test_what_looks_like_csaf_is_json() -> None:
    assert looks_like_csaf("x.JSON", b"")
    assert looks_like_csaf("x", b"\xef\xbb\xbf {}")
    assert not looks_like_csaf("x.md", b"# Title")


INJECTED = "<@U1> <!channel> [click](https://evil.example) **bold** # x | y `z` @everyone"


def test_markup_in_a_document_is_shown_as_text() -> None:
    content = document(title=INJECTED, notes=[{"category": "summary", "text": INJECTED}])
    content["vulnerabilities"][0]["notes"][0]["text"] = INJECTED
    fields = written_from_csaf(written(content))
    assert fields.one("title") == INJECTED
    for text in (fields.one("summary") or "", fields.body):
        assert INJECTED in plain(read_markdown(text))


@given(st.text(max_size=200))
def test_what_is_said_is_shown_as_it_was_written(text: str) -> None:
    wanted = [" ".join(line.split()) for line in clean(text).replace("\t", "    ").split("\n")]
    shown = plain(read_markdown(said(text))).split("\n")
    assert "".join(wanted).replace(" ", "") == "".join("".join(shown).split())


@given(st.text(max_size=400))
def test_a_title_is_one_line(text: str) -> None:
    line = one_line(text)
    assert "\n" not in line
    assert len(line) <= 200


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), lambda each:
    st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(sorted({
        "document", "tracking", "publisher", "title", "branches", "product_tree", "vulnerabilities",
        "distribution", "tlp", "label", "notes", "scores",
    })), each, max_size=4)))  # fmt: skip
def test_whatever_json_there_is_it_is_read_or_refused(content: Any) -> None:
    try:
        read_csaf(json.dumps(content).encode())
    except Refused:
        return
    raise AssertionError("nothing of this is a document")


def real() -> list[Path]:
    return [each for each in sorted(REAL.glob("*.json")) if not each.name.startswith("example")]


@pytest.mark.skipif(not real(), reason="../shared/data/csaf is not there")
def test_real_documents_are_read() -> None:
    for path in real():
        item, fields = read_csaf(path.read_bytes()), written_from_csaf(path.read_bytes())
        assert item.label is Label.CLEAR
        assert item.severity is not None
        assert item.products
        assert isinstance(fields, Written)
        assert fields.one("title") == item.title
