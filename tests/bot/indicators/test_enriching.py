"""Asking a third party: one address, one answer, bounded; told of nothing but the value."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from bot.errors import FeedError
from bot.feeds.fetching import Way
from bot.indicators import enriching
from bot.indicators.enriching import Enricher, Told, address_of, enquire, told, try_out
from bot.indicators.observable import Kind, Observable
from tests.bot.feeds.far_side import FarSide, far_side
from tests.indicators import ADDRESS

URL_VALUE = Observable(Kind.URL, "https://evil.example/a?b=c#d")


def run(scenario: Callable[[FarSide, Enricher], Coroutine[None, None, None]]) -> None:
    async def wrapped() -> None:
        async with far_side() as side:
            await scenario(side, Enricher("acme", f"{side.url}/{{type}}/{{value}}"))

    asyncio.run(wrapped())


async def problem(enricher: Enricher, value: Observable = ADDRESS) -> str:
    with pytest.raises(FeedError) as raised:
        await enquire(enricher, value, Way())
    return raised.value.reason


@pytest.mark.parametrize(
    ("url", "value", "expected"),
    [
        ("https://a/{type}/{value}", ADDRESS, "https://a/ipv4/198.51.100.7"),
        ("https://a/x", ADDRESS, "https://a/x?type=ipv4&value=198.51.100.7"),
        ("https://a/x?k=1", ADDRESS, "https://a/x?k=1&type=ipv4&value=198.51.100.7"),
        (
            "https://a/{value}", URL_VALUE,
            "https://a/https%3A%2F%2Fevil.example%2Fa%3Fb%3Dc%23d",
        ),
    ],
)  # fmt: skip
def test_the_value_stands_where_the_address_says(
    url: str, value: Observable, expected: str
) -> None:
    assert address_of(url, value) == expected


@given(st.text(min_size=1, max_size=40).filter(lambda text: text not in {".", ".."}))
def test_no_value_leads_to_another_host_or_path(text: str) -> None:
    text = text.encode(errors="replace").decode()
    address = URL(address_of("https://a.example/look/{value}/up", Observable(Kind.MUTEX, text)))
    assert address.origin() == URL("https://a.example")
    assert (address.raw_query_string, address.raw_fragment) == ("", "")
    assert address.raw_parts[:3] == ("/", "look", address.raw_parts[2])
    assert address.raw_parts[3:] == ("up",)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"summary": "a scanner"}', Told("a scanner")),
        (b'{"summary": "x", "details": {"a": 1, "b": [true, "c"], "d": {"e": 1}, "f": null}}',
         Told("x", (("a", "1"), ("b", "True, c")))),
        (b'{"asn": 64500, "country": "FR"}', Told("", (("asn", "64500"), ("country", "FR")))),
        (b"{}", Told()),
        (b"", Told()),
    ],
)  # fmt: skip
def test_an_answer_is_a_line_and_a_few_facts(content: bytes, expected: Told) -> None:
    assert told(content) == expected


def test_what_it_says_is_bounded_and_on_one_line() -> None:
    found = told(b'{"summary": "%s\\n\\u0007x", "a": "%s"}' % (b"y" * 400, b"z" * 500))
    assert len(found.summary) == 300
    assert "\n" not in found.summary
    many = told(b"{" + b",".join(b'"k%d": 1' % n for n in range(50)) + b"}")
    assert len(many.facts) == 8


@pytest.mark.parametrize("content", [b"<html>", b"[1]", b"3", b"[" * 100_000, b'{"a":'])
def test_what_is_no_json_object_is_unreadable(content: bytes) -> None:
    with pytest.raises(FeedError):
        told(content)


def test_it_is_asked_once_and_told_of_nothing_else() -> None:
    async def scenario(side: FarSide, enricher: Enricher) -> None:
        side.says("/ipv4/198.51.100.7", '{"summary": "a scanner"}', "application/json")
        assert await enquire(enricher, ADDRESS, Way()) == Told("a scanner")
        (asked,) = side.asked
        assert asked.path_qs == "/ipv4/198.51.100.7"
        assert not {"Referer", "Cookie", "Authorization"} & set(asked.headers)

    run(scenario)


def test_where_there_is_nothing_it_knows_nothing() -> None:
    async def scenario(_side: FarSide, enricher: Enricher) -> None:
        assert await enquire(enricher, ADDRESS, Way()) == Told()

    run(scenario)


def test_a_redirect_is_not_followed_for_it_would_tell_somebody_else() -> None:
    async def scenario(side: FarSide, enricher: Enricher) -> None:
        side.leads("/ipv4/198.51.100.7", f"{side.url}/elsewhere")
        assert await problem(enricher) == "redirects"
        assert len(side.asked) == 1

    run(scenario)


def test_an_address_inside_is_not_asked_unless_it_is_named() -> None:
    async def scenario() -> None:
        inside = Enricher("acme", "https://api.example.org/{value}")

        async def resolve(host: str, port: int, _family: object) -> list[dict[str, object]]:
            return [{"hostname": host, "host": "10.0.0.1", "port": port, "family": 2, "proto": 0,
                     "flags": 0}]  # fmt: skip

        way = Way(resolve=resolve)  # type: ignore[arg-type]  # as the resolver's
        with pytest.raises(FeedError) as raised:
            await enquire(inside, ADDRESS, way)
        assert raised.value.reason == "private address"

    asyncio.run(scenario())


def test_who_is_slow_or_endless_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(side: FarSide, enricher: Enricher) -> None:
        monkeypatch.setattr(enriching, "SECONDS", 0.2)
        monkeypatch.setattr(enriching, "LARGEST", 100)
        side.hangs("/ipv4/198.51.100.7")
        assert await problem(enricher) == "timeout"
        side.says("/ipv4/198.51.100.7", "x" * 200, "application/json")
        monkeypatch.setattr(enriching, "SECONDS", 20.0)
        assert await problem(enricher) == "too large"

    run(scenario)


def test_it_is_tried_out_without_a_value() -> None:
    async def scenario(side: FarSide, enricher: Enricher) -> None:
        await try_out(enricher, Way())
        side.says("/", "", status=401)
        await try_out(enricher, Way())
        assert [each.path_qs for each in side.asked] == ["/", "/"]
        side.port = 1
        gone = replace(enricher, url="http://127.0.0.1:1/{value}")
        with pytest.raises(FeedError):
            await try_out(gone, Way())

    run(scenario)
