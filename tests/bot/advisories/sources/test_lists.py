"""The KEV catalogue, RSS and Atom, read as items; filters; what a revision changed."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.advisories.sources.comparing import changes, is_changed
from bot.advisories.sources.filters import Filter, lines_of, matched, wants
from bot.advisories.sources.item import Item
from bot.advisories.sources.kev import read_kev
from bot.advisories.sources.refusals import Refusal, Refused
from bot.advisories.sources.rss import read_rss
from bot.sharing.marking import Label
from bot.times.working import Severity
from bot.words import words_for

REAL = Path(__file__).parents[5] / "shared" / "data" / "kev"
ENTRY = {
    "cveID": "CVE-2026-1234", "vendorProject": "ACME", "product": "Gate Server",
    "vulnerabilityName": "ACME Gate Server opens", "dateAdded": "2026-03-01",
    "shortDescription": "Anybody can enter.", "requiredAction": "Apply mitigations.",
    "dueDate": "2026-03-22", "knownRansomwareCampaignUse": "Unknown",
    "notes": "See: https://acme.example/1 ; https://acme.example/2", "cwes": ["CWE-1"],
}  # fmt: skip


def kev(*entries: dict[str, Any]) -> list[Item | Refused]:
    return list(read_kev(json.dumps({"vulnerabilities": entries}).encode()))


def item(**changed: Any) -> Item:
    (found,) = kev(ENTRY)
    assert isinstance(found, Item)
    return msgspec.structs.replace(found, **changed)


def test_an_entry_of_the_catalogue_is_an_item() -> None:
    one = item()
    assert (one.name, one.title) == ("CVE-2026-1234", "ACME Gate Server opens")
    assert (one.severity, one.ransomware) == (Severity.HIGH, False)
    assert one.references == ("https://acme.example/1", "https://acme.example/2")


def test_ransomware_makes_it_critical() -> None:
    (one,) = kev(ENTRY | {"knownRansomwareCampaignUse": "Known"})
    assert isinstance(one, Item)
    assert (one.severity, one.ransomware) == (Severity.CRITICAL, True)


def test_the_deadline_of_others_is_shown_nowhere() -> None:
    assert "2026-03-22" not in msgspec.json.encode(item()).decode()


def test_a_broken_entry_spoils_no_other() -> None:
    found = kev({"cveID": 7}, {"cveID": "CVE-1"}, ENTRY)
    assert [type(each) for each in found] == [Refused, Refused, Item]


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"vulnerabilities": 1}'])
def test_what_is_no_catalogue_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        list(read_kev(content))


@pytest.mark.skipif(not REAL.exists(), reason="../shared/data/kev is not there")
def test_the_real_catalogue_is_read() -> None:
    content = (REAL / "known_exploited_vulnerabilities.json").read_bytes()
    found = list(read_kev(content))
    assert len(found) == json.loads(content)["count"]
    assert all(isinstance(each, Item) for each in found)
    days = [each.updated for each in found if isinstance(each, Item)]
    assert max(days.count(day) for day in set(days)) == 287


RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>ACME PSIRT</title>
<item><title>{title}</title><link>https://acme.example/1</link><guid>acme-1</guid>
<pubDate>Sun, 01 Mar 2026 08:00:00 GMT</pubDate><description>{text}</description></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>ACME</title><id>urn:x</id>
<entry><id>urn:1</id><title>A gate</title><link href="https://acme.example/1"/>
<updated>2026-03-01T08:00:00Z</updated>
<content type="html">&lt;p&gt;CVE-2026-1234 &lt;b&gt;now&lt;/b&gt;&lt;/p&gt;</content></entry>
</feed>"""


def rss(title: str, text: str = "") -> Item | Refused:
    (found,) = read_rss(RSS.format(title=escape(title), text=escape(text)).encode())
    return found


def test_an_entry_of_rss_is_an_item() -> None:
    one = rss("A gate opens", "<p>It is CVE-2026-1234.</p><script>x()</script><p>Patch.</p>")
    assert isinstance(one, Item)
    assert (one.title, one.cves) == ("A gate opens", ("CVE-2026-1234",))
    assert one.summary == "It is CVE-2026-1234.\n\nPatch."
    assert one.references == ("https://acme.example/1",)


def test_an_entry_of_atom_is_an_item() -> None:
    (one,) = read_rss(ATOM.encode())
    assert isinstance(one, Item)
    assert (one.title, one.summary, one.cves) == ("A gate", "CVE-2026-1234 now", ("CVE-2026-1234",))


@pytest.mark.parametrize(
    "title", ["<!channel> look", "<@U1> look", "<script>alert(1)</script>", "*x* [y](https://z.example)"]
)  # fmt: skip
def test_markup_in_a_title_is_text(title: str) -> None:
    one = rss(title)
    assert isinstance(one, Item)
    assert one.title == title


def test_what_an_entry_says_of_its_label_counts() -> None:
    one = rss("TLP:AMBER A gate")
    assert isinstance(one, Item)
    assert one.label is Label.AMBER
    red = rss("A gate", "Only for you: TLP:RED")
    assert isinstance(red, Refused)
    assert red.reason is Refusal.RED


@pytest.mark.parametrize(
    "content",
    [b"", b"<html><body>x</body></html>", b"{}",
     b'<!DOCTYPE r [<!ENTITY a "x">]><rss version="2.0"><channel></channel></rss>'],
)  # fmt: skip
def test_what_is_no_feed_is_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        list(read_rss(content))


def test_the_reader_of_feeds_opens_no_address_and_no_file(tmp_path: Path) -> None:
    file = tmp_path / "feed.xml"
    file.write_text(ATOM)
    with pytest.raises(Refused):
        list(read_rss(str(file).encode()))


@pytest.mark.parametrize(
    ("wanted", "wants_it"),
    [
        (Filter(), True),
        (Filter(severity=Severity.HIGH), True),
        (Filter(severity=Severity.CRITICAL), False),
        (Filter(vendors=("acme",)), True),
        (Filter(vendors=("acm",)), False),
        (Filter(vendors=("cisco", "Acme")), True),
        (Filter(products=("gate server",)), True),
        (Filter(products=("ACME Gate",)), True),
        (Filter(products=("gate serve",)), False),
        (Filter(vendors=("acme",), products=("door",)), False),
        (Filter(ransomware=True), False),
        (Filter(sectors=("energy",)), False),
        (Filter(products=("  ",)), False),
    ],
)
def test_all_that_is_wanted_has_to_fit(wanted: Filter, wants_it: bool) -> None:
    assert wants(wanted, item()) is wants_it


def test_what_another_source_knows_of_ransomware_counts() -> None:
    assert wants(Filter(ransomware=True), item(ransomware=None), ransomware=True)


def test_sectors_are_compared_as_words() -> None:
    energetic = item(sectors=("Energy", "Water and Wastewater"))
    assert wants(Filter(sectors=("water",)), energetic)
    assert not wants(Filter(sectors=("health",)), energetic)


def test_what_a_team_runs_is_matched_by_line() -> None:
    runs = lines_of("# ours\nACME Gate Server  # in Paris\n\nExchange\n")
    assert runs == ("ACME Gate Server", "Exchange")
    assert matched(runs, item()) == ["ACME Gate Server"]
    assert matched(runs, item(products=(), vendors=(), title="Exchange opens")) == ["Exchange"]


def test_a_revision_says_what_it_changed() -> None:
    words = words_for("en")
    later = item(
        ransomware=True, severity=Severity.CRITICAL, title="ACME Gate Server opens wide",
        products=("Gate Server", "Gate Client"), version="2", changed=("Added the client.",),
    )  # fmt: skip
    assert is_changed(item(version="1"), later)
    assert changes(item(version="1"), later, words) == [
        "Ransomware is known to use it now.",
        "Severity: HIGH → CRITICAL",
        "Title: ACME Gate Server opens wide",
        "Products + Gate Client",
        "Version: 1 → 2",
        "Added the client.",
    ]


def test_a_date_alone_is_no_change() -> None:
    assert not is_changed(item(), item(updated="2026-04-01", summary="Anybody can enter!"))
