"""`ioc`: what is answered, to whom, and what nobody else learns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from bot.custody.effective import marked_of
from bot.events import Share
from bot.indicators.observable import Kind, Observable
from bot.indicators.reports import call_harmless, saw
from bot.indicators.things import Link
from bot.richtext import plain
from bot.sharing.marking import Label, Marking
from bot.store.database import Database
from commands.registry import Attached
from tests.commands.indicators import answered, context_of, said
from tests.custody import ROOMS, Alliance
from tests.indicators import ADDRESS, DAY, DOMAIN, NOW, A, B, at, feed, take_in, thing
from tests.stores import opened, sqlite_url

GREEN, AMBER = Marking(Label.GREEN), Marking(Label.AMBER)


def alliance(**clearances: Label) -> Alliance:
    made = Alliance(clearances=clearances)
    made.open()
    return made


def test_the_first_line_is_label_and_verdict_and_fits(database: Database) -> None:
    take_in(
        database, feed("acme", originator=A), thing(1, ADDRESS, confidence=20),
        thing(2, ADDRESS, confidence=90, marking=AMBER),
    )  # fmt: skip
    first = said(database, context_of(alliance()), "ioc 198.51.100[.]7").split("\n")[0]
    assert first == "TLP:AMBER 198[.]51[.]100[.]7: known, confidence 20 to 90"
    long = Observable(Kind.URL, f"http://evil.example.org/{'x' * 300}")
    take_in(database, feed("long"), thing(3, long, marking=Marking(Label.AMBER_STRICT)))
    lines = said(database, context_of(alliance()), f"ioc {long.value}").split("\n")
    assert len(lines[0]) <= 80
    assert lines[0].startswith("TLP:AMBER+STRICT hxxp[:]//evil[.]")


def test_it_says_who_says_what(database: Database) -> None:
    indicator, malware = (
        thing(1, ADDRESS, confidence=70, labels=("c2",)),
        thing(2, kind="malware", name="Cat.exe"),
    )
    tie = thing(3, kind="relationship", links=(Link("indicates", indicator.id, malware.id),))
    take_in(database, feed("acme", originator=A), indicator, malware, tie)
    take_in(database, feed("other"), thing(1, ADDRESS, valid_until=at(NOW) - DAY))
    database.run_now(lambda s: saw(s, ADDRESS, B, GREEN, NOW, times=3))
    database.run_now(lambda s: call_harmless(s, ADDRESS, B, GREEN, "our scanner", NOW))
    text = said(database, context_of(alliance()), "ioc 198.51.100.7")
    assert "It is reserved for documentation." in text
    assert "2 sources (CERT A); first 09:00 UTC, last 09:00 UTC" in text
    assert "• acme (CERT A), TLP:GREEN; confidence 70; malware Cat[.]exe; c2" in text
    assert "• other, TLP:GREEN; confidence unspecified; expired" in text
    assert "Seen 3 times by CERT B" in text
    assert "A false positive, says CERT B: our scanner" in text
    assert "Searched: acme (09:00 UTC), other (09:00 UTC)" in text


def test_nothing_known_is_said_with_what_was_searched(database: Database) -> None:
    empty = said(database, context_of(alliance()), "ioc 192.0.2.1")
    assert empty.startswith("TLP:CLEAR 192[.]0[.]2[.]1: nothing is known")
    assert "There is nothing to search yet that you may see." in empty
    take_in(database, feed("acme"), thing(1, DOMAIN))
    text = said(database, context_of(alliance()), "ioc 192.0.2.1")
    assert text.endswith("Searched: acme (09:00 UTC)")


@pytest.mark.parametrize(
    "typed",
    ["198.51.100.7", "198[.]51[.]100[.]7", "198 dot 51 dot 100 dot 7", "is 198.51.100.7 bad?"],
)
def test_a_value_is_found_however_it_was_typed(database: Database, typed: str) -> None:
    take_in(database, feed("acme"), thing(1, ADDRESS))
    assert "198[.]51[.]100[.]7: known" in said(database, context_of(alliance()), f"ioc {typed}")


def test_what_is_no_value_is_told_what_was_expected(database: Database) -> None:
    text = said(database, context_of(alliance()), "ioc 198.51.100.300")
    assert "four numbers from 0 to 255" in text
    assert "Name a value, or attach a file" in said(database, context_of(alliance()), "ioc")
    many = said(database, context_of(alliance()), "ioc 198.51.100.7 198.51.100.300")
    assert "Not read: “198[.]51[.]100[.]300”: an IPv4 address is four numbers" in many


def test_more_than_five_hundred_values_get_a_word_how(database: Database) -> None:
    values = " ".join(f"10.0.{n // 250}.{n % 250}" for n in range(501))
    text = said(database, context_of(alliance()), f"ioc {values}")
    assert text.startswith("501 values are too many at once: 500 at most.")
    assert "liaison indicators lookup" in text
    some = values.rpartition(" ")[0]
    assert "0 of 500 values are known" in said(database, context_of(alliance()), f"ioc {some}")


def test_many_values_fold_into_a_list_and_in_a_direct_room_a_table(database: Database) -> None:
    take_in(
        database, feed("=acme.example"), thing(1, ADDRESS, confidence=5, labels=("evil.example",))
    )
    own = context_of(alliance(), direct=True)
    answer = answered(database, own, "ioc 198.51.100.7 192.0.2.1")
    assert plain(answer.body).split("\n")[:2] == [
        "TLP:GREEN 1 of 2 values are known", "• 198[.]51[.]100[.]7: confidence 5",
    ]  # fmt: skip
    (share,) = answer.also
    assert isinstance(share.content, Share)
    rows = share.content.file.handle.splitlines()
    assert rows[0] == "TLP:GREEN"
    assert rows[2].startswith(
        "198[.]51[.]100[.]7,ipv4,yes,'=acme[.]example,,5,5,2026-11-24T09:00:00Z"
    )
    assert "evil[.]example" in rows[2]
    assert rows[3].startswith("192[.]0[.]2[.]1,ipv4,no,")
    there = answered(database, context_of(alliance()), "ioc 198.51.100.7 192.0.2.1")
    assert not there.also
    assert "direct room" in plain(there.body)


def test_a_cell_holds_so_many_words_whatever_a_source_writes(database: Database) -> None:
    labels = tuple(f"{n:03}{'x' * 500}" for n in range(150))
    take_in(database, feed(), *(thing(n, ADDRESS, labels=labels, name="y" * 900) for n in range(9)))
    own = context_of(alliance(), direct=True)
    (share,) = answered(database, own, "ioc 198.51.100.7 192.0.2.1").also
    assert isinstance(share.content, Share)
    row = share.content.file.handle.splitlines()[2]
    assert (row.count(" | "), len(row) < 12_000) == (50, True)
    assert " | …," in row


def test_an_attached_file_is_looked_through(database: Database) -> None:
    take_in(database, feed("acme"), thing(1, ADDRESS), thing(2, DOMAIN))
    file = Attached(
        "list.csv", "text/csv", b"ip,what\n198.51.100.7,x\n192.0.2.9,y\nevil.example.org,z\n"
    )
    text = plain(answered(database, context_of(alliance()), "ioc", attached=(file,)).body)
    assert text.startswith("TLP:GREEN 2 of 3 values are known")
    packed = Attached("x.zip", "", b"PK\x03\x04rest")
    text = plain(answered(database, context_of(alliance()), "ioc", attached=(packed,)).body)
    assert "unpack it" in text


def test_nothing_that_sources_write_can_be_clicked_on(database: Database) -> None:
    url = Observable(Kind.URL, "https://evil.example.org/a")
    take_in(
        database, feed("https://feed.example"),
        thing(1, url, name="see www.evil.example", labels=("https://x.example", "@channel")),
    )  # fmt: skip
    text = said(database, context_of(alliance()), "ioc --details https://evil.example.org/a")
    for clickable in ("https://", "www.evil", "evil.example", "feed.example", "@channel"):
        assert clickable not in text


def test_buttons_stand_for_what_can_be_typed(database: Database) -> None:
    answer = answered(database, context_of(alliance()), "ioc 198.51.100.7")
    assert [(each.label, each.call) for each in answer.controls] == [
        ("Details", "ioc --details ipv4:198[.]51[.]100[.]7"),
        ("We see it too", "sighting ipv4:198[.]51[.]100[.]7"),
        ("Watch", "watch ipv4:198[.]51[.]100[.]7"),
        ("False positive", "harmless ipv4:198[.]51[.]100[.]7"),
        ("Share", "share ioc ipv4:198[.]51[.]100[.]7"),
    ]
    assert len({each.emoji for each in answer.controls}) == 5


def test_a_shared_answer_is_made_for_all_who_read_the_room_and_marked_so(
    database: Database,
) -> None:
    there = alliance(b=Label.GREEN)
    take_in(database, feed("acme"), thing(1, ADDRESS, confidence=10))
    take_in(database, feed("secret", Label.AMBER), thing(2, ADDRESS, confidence=99))
    alone = said(database, context_of(there), "ioc 198.51.100.7")
    assert alone.startswith("TLP:AMBER 198[.]51[.]100[.]7: known, confidence 10 to 99")
    door = replace(there.custody.doors.door(ROOMS[0]), lowest=Label.GREEN)
    shared = answered(database, replace(context_of(there), shared=door), "ioc 198.51.100.7")
    text = plain(shared.body)
    assert text.startswith("TLP:GREEN 198[.]51[.]100[.]7: known, confidence 10\n")
    assert "secret" not in text
    assert text.endswith("Searched: 1 source.")
    assert marked_of(str(shared.matter)).marking == GREEN


@given(
    hidden=st.lists(
        st.tuples(st.sampled_from([ADDRESS, DOMAIN]), st.integers(0, 100)), min_size=1, max_size=4
    ),
    typed=st.sampled_from(
        ["ioc 198.51.100.7", "ioc --details 198.51.100.7", "ioc evil.example.org 198.51.100.7",
         "ioc 192.0.2.1"]
    ),
)  # fmt: skip
@settings(max_examples=12, deadline=None)
def test_what_may_not_be_seen_changes_no_byte_of_an_answer(
    hidden: list[tuple[Observable, int]], typed: str
) -> None:
    there = context_of(alliance(b=Label.GREEN), "b", direct=True)
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        seen = []
        for folder, extra in ((one, ()), (other, hidden)):
            with opened(sqlite_url(Path(folder))) as database:
                take_in(database, feed("acme"), thing(1, ADDRESS, confidence=50))
                _hide(database, extra)
                seen.append(answered(database, there, typed))
    assert repr(seen[0]) == repr(seen[1])


def _hide(database: Database, hidden: Sequence[tuple[Observable, int]]) -> None:
    """Put things into a store that are above TLP:GREEN."""
    things = [
        thing(100 + n, value, confidence=sure, marking=AMBER)
        for n, (value, sure) in enumerate(hidden)
    ]
    if not things:
        return
    take_in(database, feed("strict", Label.AMBER), *things)
    take_in(database, feed("acme"), *(structs.replace(each, id=f"{each.id}-b") for each in things))
    database.run_now(lambda s: saw(s, ADDRESS, A, AMBER, NOW))
    database.run_now(lambda s: call_harmless(s, ADDRESS, A, AMBER, "x", NOW))
