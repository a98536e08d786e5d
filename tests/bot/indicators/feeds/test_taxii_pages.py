"""Turning pages, against servers that understand TAXII each in its own way."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import FeedError
from bot.indicators.feeds import taxii_pages
from bot.indicators.feeds.taxii_pages import LIMIT, Turning, just_before, read_page


@dataclass(frozen=True)
class Server:
    """A collection, and how its server answers. `added`: when each object was, in its ticks."""

    added: tuple[int, ...]
    page: int
    """Objects of a page at most."""
    includes: bool
    """Whether `added_after` includes its moment."""
    gives_next: bool
    forgets: int
    """From which page on a `next` is refused; 0 for never."""
    digits: int
    always_more: bool = False

    def asked(self, question: dict[str, str], page: int) -> tuple[bytes, dict[str, str]] | None:
        """The envelope and headers, None for a refusal."""
        start = 0
        if "next" in question:
            if self.forgets and page >= self.forgets:
                return None
            start = int(question["next"])
        after = question.get("added_after", "")
        found = [
            number
            for number, tick in enumerate(self.added)
            if not after or self.moment(tick) > after or (self.includes and self.is_at(tick, after))
        ]
        some = found[start : start + min(self.page, int(question["limit"]))]
        more = start + len(some) < len(found)
        envelope: dict[str, object] = {"objects": [{"id": f"x--{each}"} for each in some]}
        if more or self.always_more:
            envelope["more"] = True
            if self.gives_next and more:
                envelope["next"] = start + len(some)
        moments = [self.moment(self.added[each]) for each in some]
        headers = {"X-TAXII-Date-Added-Last": moments[-1]} if moments else {}
        return json.dumps(envelope).encode(), headers

    def moment(self, tick: int) -> str:
        fraction = f".{tick % 10**self.digits:0{self.digits}d}" if self.digits else ""
        return f"2026-03-01T00:00:{tick // 10**self.digits:02d}{fraction}Z"

    def is_at(self, tick: int, after: str) -> bool:
        return self.moment(tick) == after


def polled(server: Server, cursor: str = "") -> tuple[list[str], Turning]:
    turning, found = Turning(cursor), list[msgspec.Raw]()
    while not turning.done:
        answer = server.asked(turning.question(), turning.pages)
        if answer is None:
            assert turning.forget_next()
            continue
        content, headers = answer
        found += turning.take(read_page(content), headers)
    return [json.loads(bytes(each))["id"] for each in found], turning


servers = st.builds(
    Server,
    added=st.lists(st.integers(0, 12), max_size=40).map(lambda ticks: tuple(sorted(ticks))),
    page=st.integers(1, 9),
    includes=st.booleans(),
    gives_next=st.booleans(),
    forgets=st.integers(0, 4),
    digits=st.sampled_from([0, 3, 6]),
    always_more=st.booleans(),
)


@given(servers)
@example(Server((0, 0, 0, 1, 1), 2, includes=False, gives_next=False, forgets=0, digits=6))
@example(Server((0, 1, 1, 2), 2, includes=False, gives_next=False, forgets=0, digits=3))
@example(Server((0, 1, 1, 2), 2, includes=True, gives_next=True, forgets=1, digits=0))
@example(Server((0, 1, 2), 2, includes=True, gives_next=False, forgets=0, digits=0))
def test_every_object_comes_once_or_the_poll_says_that_it_cannot(server: Server) -> None:
    at = Counter(server.added)  # one that includes its moment gives the one before as well
    most = max((at[each] + server.includes * at[each - 1] for each in server.added), default=0)
    try:
        found, _ = polled(server)
    except FeedError as error:
        assert error.reason == "crowded"
        assert most >= server.page or server.always_more, "a page holds all of any moment"
        assert not server.gives_next or server.forgets or server.always_more
    else:
        assert found == [f"x--{each}" for each in range(len(server.added))]


@given(servers, st.integers(0, 20))
def test_the_next_poll_brings_what_was_added_since(server: Server, more: int) -> None:
    later = max(server.added, default=0) + 1
    added = (*server.added, *(later + each // 2 for each in range(more)))
    longer = replace(server, added=added)
    try:
        first, turning = polled(server)
        second, _ = polled(longer, turning.cursor)
    except FeedError as error:
        assert error.reason == "crowded"
        return
    assert {*first, *second} == {f"x--{each}" for each in range(len(longer.added))}


def test_more_at_one_moment_than_a_page_holds_is_asked_for_in_larger_pages() -> None:
    many = Server(tuple([3] * (LIMIT + 500)), LIMIT * 20, includes=False, gives_next=False,
                  forgets=0, digits=6)  # fmt: skip
    found, turning = polled(many)
    assert len(found) == LIMIT + 500
    assert turning.limit > LIMIT


def test_pages_that_are_always_the_same_end_with_a_word() -> None:
    for following in ({}, {"next": "x"}):
        turning, body = Turning(), {"objects": [{"id": "x--1"}], "more": True} | following
        with pytest.raises(FeedError, match=r"crowded|repeats"):
            while not turning.done:
                turning.take(
                    read_page(json.dumps(body).encode()),
                    {"X-TAXII-Date-Added-Last": "2026-03-01T00:00:00Z"},
                )


def test_what_is_remembered_of_a_poll_does_not_grow_with_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A server of two gigabytes of small objects filled the memory with their names."""
    monkeypatch.setattr(taxii_pages, "_KNOWN", 10)
    turning = Turning()
    for number in range(0, 100, 5):
        some = [{"id": f"x--{each}"} for each in range(max(number - 5, 0), number + 5)]
        body = {"more": number < 95, "next": str(number), "objects": some}
        headers = {"X-TAXII-Date-Added-Last": f"2026-03-01T00:00:00.{number:03d}Z"}
        new = turning.take(read_page(json.dumps(body).encode()), headers)
        assert len(new) == 5, "the page before is known"
    assert (turning.done, turning.tail, len(turning._known)) == (True, 5, 10)


def test_pages_of_nothing_new_that_never_end_end_with_a_word() -> None:
    turning = Turning()
    with pytest.raises(FeedError, match="repeats"):
        for number in range(1000):
            turning.take(read_page(json.dumps({"more": True, "next": str(number)}).encode()), {})


@pytest.mark.parametrize(
    ("moment", "before"),
    [
        ("2026-03-01T00:01:00Z", "2026-03-01T00:00:59Z"),
        ("2026-03-01T00:00:00.100Z", "2026-03-01T00:00:00.099Z"),
        ("2026-03-01T12:00:00.000000Z", "2026-03-01T11:59:59.999999Z"),
        ("2026-03-01T12:00:00.000001+02:00", "2026-03-01T12:00:00.000000+02:00"),
        ("2026-03-01T00:00:00.000Z", "2026-02-28T23:59:59.999Z"),
        ("yesterday", "yesterday"),
        ("", ""),
    ],
)
def test_just_before_is_one_less_in_the_last_digit(moment: str, before: str) -> None:
    assert just_before(moment) == before
