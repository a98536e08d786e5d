"""What people get who ask for what cannot be answered: a word that says what to do, soon."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import pytest

from bot.store.database import Database
from tests.bot.desk.test_looking_up import local, room_of
from tests.custody import ROOMS

HERE = local(ROOMS[0])
MANY = " ".join(f"10.{n // 65536}.{n // 256 % 256}.{n % 256}" for n in range(10_000))


def asked(
    database: Database, text: str, files: Mapping[str, bytes] | None = None
) -> tuple[str, float]:
    """What Ada is answered, and how many seconds of the processor that took."""

    async def scenario() -> tuple[str, float]:
        async with room_of(database) as (bot, far):
            begun = time.process_time()
            far.say(text, local=HERE, files=files)
            await far.until(lambda: bool(far.told("Ada")))
            took = time.process_time() - begun
            far.say("!ping", local=HERE)
            await far.until(lambda: len(far.told("Ada")) == 2)
            await bot.settled()
            assert far.copies(HERE) == []
            return far.told("Ada")[0], took

    return asyncio.run(scenario())


@pytest.mark.parametrize("way", ["typed", "attached", "as a table"])
def test_ten_thousand_values_get_a_word_how(sqlite: Database, way: str) -> None:
    match way:
        case "typed":
            text, took = asked(sqlite, f"!ioc {MANY}")
        case "attached":
            text, took = asked(sqlite, "!ioc", {"l.txt": MANY.encode()})
        case _:
            rows = "ip,what\n" + "\n".join(f"{each},x" for each in MANY.split())
            text, took = asked(sqlite, "!ioc", {"l.csv": rows.encode()})
    first, *more = text.split("\n")
    assert first.startswith("10000 values are too many at once: 500 at most. Split them up"), text
    assert "liaison indicators lookup" in " ".join([first, *more])
    assert took < 10


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("198.51.100.300", "four numbers from 0 to 255"),
        (
            "evil.example/a",
            "“evil[.]example/a”: a URL begins with its scheme: hxxp[:]//evil[.]example/a?",
        ),
        ("d41d8cd98f00b204e9800998ecf8427", "31 digits are no hash: MD5 has 32"),
        ("CVE-2026", "that is no cve: CVE-"),
        ("2001:db8:::1", "that is no ipv6: "),
        ("bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "check sum"),
        ("ada@", "that is no email: "),
        ("T12", "that is no technique: T"),
        ("colourless green ideas", "not a value: an address, domain, URL"),
        ("domain:under_score", "that is no domain: evil[.]example[.]com would be one"),
    ],
)
def test_what_is_no_value_is_told_what_was_expected_and_what_was_perhaps_meant(
    sqlite: Database, typed: str, said: str
) -> None:
    text, _ = asked(sqlite, f"!ioc {typed}")
    assert said in text
    assert "Usage" not in text.split("\n")[0]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("10.0.0.1", "It is private"),
        ("::1", "It is a loopback address"),
        ("fe80::1%eth0", "It is link-local"),
        ("224.0.0.1", "It is a multicast address"),
        ("100.64.0.1", "RFC 6598"),
        ("255.255.255.255", "It is a broadcast address"),
        ("192.168.0.0/16", "It is private"),
        ("240.0.0.1", "It is reserved"),
        ("printer.local", "It means something in one network only"),
        ("expyuzz4wqqyqhjn.onion", "onion service"),
        ("co.uk", "It is a public suffix"),
        ("::ffff:10.0.0.1", "It is private"),
    ],
)
def test_what_is_private_or_reserved_is_answered_and_said_to_be_so(
    sqlite: Database, typed: str, said: str
) -> None:
    text, _ = asked(sqlite, f"!ioc {typed}")
    assert "nothing is known" in text.split("\n")[0]
    assert said in text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.zip", b"PK\x03\x04" + bytes(100), "unpack it"),
        ("a.json", b"[" * 100_000, "I find no value there"),
        ("a.txt", bytes(100), "not a file that I can read"),
        ("a.txt", b"a." * 500_000, "I find no value there"),
        ("a.txt", b"f" * 1_000_000, "I find no value there"),
        ("a.html", b"<div>" * 200_000, "I find no value there"),
        ("a.pdf", b"%PDF-1.7\n" + b"%" * 1000, ""),
    ],
)
def test_a_hostile_file_costs_little_and_gets_a_reason(
    sqlite: Database, name: str, content: bytes, said: str
) -> None:
    text, took = asked(sqlite, "!ioc", {name: content})
    assert said in text
    assert "reference" not in text
    assert took < 20
