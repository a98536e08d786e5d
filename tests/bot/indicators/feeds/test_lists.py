"""CSV and plain text: one thing a value, the same at every poll."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest

from bot.errors import FeedError
from bot.indicators.feeds.source import Source
from bot.indicators.feeds.tables import read_csv
from bot.indicators.feeds.texts import read_text
from bot.indicators.observable import Kind
from bot.indicators.things import Rejected, Thing
from bot.sharing.marking import Label, Marking

NOW = datetime(2026, 3, 4, tzinfo=UTC)
SOURCE = Source("acme", "text", url="https://feeds.example.org/x")


def things(text: str, now: datetime = NOW, **more: Any) -> list[Thing | Rejected]:
    source = replace(SOURCE, **more)
    read = read_csv if source.columns or source.form == "csv" else read_text
    return list(read(BytesIO(text.encode()), source, now))


def values(found: list[Thing | Rejected]) -> list[str]:
    return [each.said[0].observable.value if isinstance(each, Thing) else f"!{each.reason}"
            for each in found]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("198.51.100.7\n203.0.113.9\n", ["198.51.100.7", "203.0.113.9"]),
        ("\ufeff# a list\n\nevil.example.com # seen\r\n", ["evil.example.com"]),
        ("0.0.0.0 evil.example.com\n127.0.0.1\tbad.example.net\n",
         ["evil.example.com", "bad.example.net"]),
        ("hxxp://evil[.]example[.]com/a#b\n", ["http://evil.example.com/a#b"]),
        ("198.51.100.0/24\n", ["198.51.100.0/24"]),
        ("seen: 198.51.100.7 and evil.example.com\n", ["198.51.100.7", "evil.example.com"]),
        ("nothing here\n", ["!no-value"]),
        ("a" * 100_000 + "\n198.51.100.7", ["!too-long", "198.51.100.7"]),
        ("", []),
    ],
)  # fmt: skip
def test_a_list_gives_a_thing_for_each_value(text: str, expected: list[str]) -> None:
    assert values(things(text)) == expected


def test_a_comment_begins_as_the_feed_says() -> None:
    text = "; head\n198.51.100.0/24 ; SBL1\n"
    assert values(things(text, comment=";")) == ["198.51.100.0/24"]


def test_of_one_kind_only_that_is_read() -> None:
    text = "evil.example.com\n198.51.100.7\n"
    assert values(things(text, kind=Kind.IPV4)) == ["!no-value", "198.51.100.7"]


def test_the_same_value_is_the_same_thing_at_the_next_poll() -> None:
    one, two = "198.51.100.7\n203.0.113.9\n", "203.0.113.9\n198.51.100[.]7\n"
    first, again = things(one), things(two, NOW + timedelta(hours=1))
    assert {each.id for each in first} == {each.id for each in again}
    assert first[1] == again[0]
    assert things(one, name="other")[0] != first[0]


def test_what_is_not_listed_any_more_ends_at_most_a_quarter_late() -> None:
    day = 86_400_000_000
    for hours in range(0, 24 * 40, 7):
        now = NOW + timedelta(hours=hours)
        found = things("198.51.100.7", now, ttl=timedelta(days=8))[0]
        assert isinstance(found, Thing)
        assert found.valid_until is not None
        left = found.valid_until - int(now.timestamp()) * 1_000_000
        assert 8 * day <= left <= 10 * day


HEADED = """# from abuse
# "first","ip","confidence","tags","tlp"
"2026-03-01 10:00:00","198.51.100.7","75","c2,emotet","tlp:green"
"2026-03-01","203.0.113.9","x","","white"
"","999.1.1.1","","","amber"
"","198.51.100.8","","","purple"
"","198.51.100.9","","","RED"
"",198.51.100.10
"""
COLUMNS = {"value": "ip", "first": "First", "confidence": "confidence", "labels": "tags",
           "marking": "tlp"}  # fmt: skip


def test_columns_are_found_by_a_header_even_in_a_comment() -> None:
    found = things(HEADED, form="csv", columns=COLUMNS)
    assert values(found) == [
        "198.51.100.7", "203.0.113.9", "!no-value", "!unknown-marking", "!red", "198.51.100.10",
    ]  # fmt: skip
    first, second = found[:2]
    assert isinstance(first, Thing)
    assert isinstance(second, Thing)
    assert (first.confidence, first.labels) == (75, ("c2", "emotet"))
    assert first.marking == Marking(Label.GREEN)
    assert first.valid_from == 1_772_359_200_000_000
    assert (second.confidence, second.labels, second.marking) == (None, (), Marking(Label.CLEAR))


def test_columns_are_found_by_number_and_with_any_delimiter() -> None:
    text = "x;evil.example.com;9\n#c;bad.example.com\ny;198.51.100.7;8\n"
    found = things(text, form="csv", columns={"value": 1, "confidence": 2}, delimiter=";")
    assert values(found) == ["evil.example.com", "198.51.100.7"]
    assert values(things("198.51.100.7,x\n", form="csv")) == ["198.51.100.7"]


def test_a_type_in_a_column_says_what_the_value_is() -> None:
    text = (
        "type,v\nmd5,d41d8cd98f00b204e9800998ecf8427e\nimphash,d41d8cd98f00b204e9800998ecf8427e\n"
    )
    found = things(text, form="csv", columns={"value": "v", "type": "type"})
    kinds = [each.said[0].observable.kind for each in found if isinstance(each, Thing)]
    assert kinds == [Kind.MD5, Kind.IMPHASH]


def test_a_file_without_the_columns_is_not_what_it_was() -> None:
    with pytest.raises(FeedError, match="unreadable"):
        things("a,b\n1,2\n", form="csv", columns={"value": "ip"})


def test_nothing_is_kept_of_a_row_that_is_red_though_its_value_cannot_be_read() -> None:
    text = "ip,tlp\nsecret one,RED\nsecret two,mauve\nnone,green\n"
    found = things(text, form="csv", columns={"value": "ip", "marking": "tlp"})
    assert found == [Rejected("red"), Rejected("unknown-marking"),
                     Rejected("no-value", raw=b"none,green")]  # fmt: skip


def test_a_field_without_end_costs_itself_and_not_the_file() -> None:
    text = 'ip\n"198.51.100.7\n' + "x,y\n" * 60_000 + '"\n198.51.100.8\n'
    found = things(text, form="csv", columns={"value": "ip"})
    assert isinstance(found[-1], Thing)
    assert any(isinstance(each, Rejected) for each in found)
