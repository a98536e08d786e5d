"""What is published says what the advisory says, is valid, and bears its label on every page."""

from __future__ import annotations

import json
import subprocess
from functools import partial
from io import BytesIO
from pathlib import Path
from shutil import which

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from bot.advisories.markdown import read_markdown
from bot.advisories.publishing.csaf import csaf_of, document_of
from bot.advisories.publishing.edition import Edition, label_of
from bot.advisories.publishing.pdf import pdf_of
from bot.advisories.publishing.texts import markdown_of
from bot.advisories.sources.csaf.reading import read_csaf
from bot.richtext import plain
from bot.sharing.marking import Label
from bot.times.working import Severity
from bot.words import words_for
from tests.bot.advisories.publishing.editions import EVERY, edition
from tests.bot.advisories.publishing.mandatory import broken

ENGLISH = words_for("en")
JUDGES = Path(__file__).parents[3] / "judges"
INJECTED = '#import "x" */ $y$ <b> [click](https://evil.example) \\" #panic() @ref'


@pytest.mark.parametrize("which", EVERY)
def test_a_document_breaks_no_test_of_csaf(which: str) -> None:
    assert broken(document_of(EVERY[which])) == []


@pytest.mark.skipif(
    not (JUDGES / "node_modules").exists() or which("node") is None,
    reason="csaf-validator-lib is not there: “npm ci” in tests/judges installs it",
)
def test_the_validator_of_the_field_finds_nothing() -> None:
    """Schema and mandatory tests of CSAF 2.1 by `csaf-validator-lib`. Its 6.1.26 is still that of
    2.0, which did not have the profiles of what is withdrawn or superseded.
    """
    made = json.dumps({name: json.loads(csaf_of(one)) for name, one in EVERY.items()})
    call = partial(subprocess.run, text=True, check=True, timeout=120)
    judged = call(["node", "csaf.mjs"], cwd=JUDGES, input=made, stdout=subprocess.PIPE)
    found = json.loads(judged.stdout)
    assert found.keys() == EVERY.keys()
    new = {"csaf_withdrawn", "csaf_superseded"}
    for name, broke in found.items():
        category = document_of(EVERY[name])["document"]["category"]
        assert broke == (["mandatoryTest_6_1_26"] if category in new else []), name


@pytest.mark.parametrize("which", EVERY)
def test_our_own_reader_reads_what_we_publish(which: str) -> None:
    one = EVERY[which]
    item = read_csaf(csaf_of(one), one.label)
    assert (item.name, item.title) == (one.number, one.document.title)
    assert item.label is one.label


def test_what_is_for_a_group_is_given_as_a_platform_understands_it() -> None:
    head = document_of(EVERY["for a group"])["document"]
    assert head["distribution"]["tlp"]["label"] == "AMBER+STRICT"
    assert head["distribution"]["text"] == "TLP:AMBER+STRICT REL INNER"


def test_a_document_says_what_the_advisory_says() -> None:
    made = document_of(EVERY["updated"])
    assert made["document"]["aggregate_severity"]["text"] == "High"
    assert [one["cve"] for one in made["vulnerabilities"]] == ["CVE-2026-1234", "CVE-2026-1235"]
    names = [each["name"] for each in made["product_tree"]["full_product_names"]]
    assert names == ["ACME VPN 1.0", "ACME VPN 1.1"]
    assert made["document"]["tracking"]["version"] == "2"
    assert "fake:a/ada" not in json.dumps(made), "who wrote is nobody else's business"


def test_the_same_edition_is_the_same_file() -> None:
    one = EVERY["full"]
    assert csaf_of(one) == csaf_of(one)
    assert pdf_of(one, ENGLISH) == pdf_of(one, ENGLISH)


def test_every_page_bears_its_label_at_its_head_and_foot() -> None:
    long = edition(body="\n\n".join(f"Line {n} of many." for n in range(150)))
    pages = PdfReader(BytesIO(pdf_of(long, ENGLISH))).pages
    assert len(pages) > 2
    for page in pages:
        assert page.extract_text().count("TLP:AMBER") == 2


def test_a_pdf_has_what_the_advisory_has() -> None:
    reader = PdfReader(BytesIO(pdf_of(EVERY["updated"], ENGLISH)))
    text = "\n".join(page.extract_text() for page in reader.pages)
    for part in (
        "Patch the VPN", "INN-2026-014", "Exploited since Monday.", "ACME VPN 1.1", "CVE-2026-1235",
        "Patch now.", "It is worse.", "T1190", "CERT Alpha",
    ):  # fmt: skip
        assert part in text


def test_markup_of_the_typesetter_is_text() -> None:
    one = edition(title=INJECTED, body=INJECTED, affected=(INJECTED,), contact=INJECTED)
    text = PdfReader(BytesIO(pdf_of(one, ENGLISH))).pages[0].extract_text()
    assert "#panic()" in text
    assert "#import" in text


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=120), st.text(max_size=300))
def test_whatever_is_written_can_be_set(title: str, body: str) -> None:
    assert pdf_of(edition(title=title or "x", body=body), ENGLISH).startswith(b"%PDF")


def test_markdown_has_its_label_first_and_last() -> None:
    for one in EVERY.values():
        lines = markdown_of(one, ENGLISH).strip().split("\n")
        assert lines[0] == lines[-1] == f"**{one.marking}**"


def test_markdown_shows_a_title_as_it_is() -> None:
    text = markdown_of(edition(title=INJECTED), ENGLISH)
    assert INJECTED in plain(read_markdown(text))


@pytest.mark.parametrize("label", list(Label))
def test_each_label_has_a_folder(label: Label) -> None:
    assert label_of(label.removeprefix("TLP:").lower()) is label


@given(st.text(max_size=80), st.lists(st.text(max_size=30), max_size=3), st.sampled_from(Severity))
def test_whatever_an_advisory_says_its_document_is_sound(
    text: str, names: list[str], severity: Severity
) -> None:
    affected = tuple(each for each in names if each.strip())
    one: Edition = edition(
        title=text.strip() or "x", summary=text, body=text, actions=text, affected=affected,
        severity=severity,
    )  # fmt: skip
    made = document_of(one)
    assert [each for each in broken(made) if not each.startswith("schema: something")] == []
