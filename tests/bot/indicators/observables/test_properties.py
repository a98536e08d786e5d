"""What holds for every value: one normal form, and nothing lost by showing it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.indicators.observables import (
    Kind,
    Observable,
    defang,
    defang_text,
    extract,
    normal,
    read,
    refang,
    settled,
    typed,
)
from tests.bot.indicators.observables.values import ANY, NASTY, OBSERVABLES, OF_KIND

LINKED = re.compile(
    r"[\w-]\.[^\W\d_]{2}|[a-z][a-z0-9+.-]+:[^\]\s]|www\.|@[\w.-]*\w|:[a-z0-9_+-]+:", re.IGNORECASE
)
"""Roughly what Slack and Element make links, mentions and emoji of."""


def test_every_kind_is_tried() -> None:
    assert set(OF_KIND) == set(Kind)


@given(st.sampled_from(Kind), st.one_of(ANY, NASTY))
def test_a_normal_form_is_its_own_normal_form(kind: Kind, text: str) -> None:
    value = normal(kind, text)
    assert value is None or normal(kind, value) == value


@given(OBSERVABLES)
def test_a_normal_form_of_its_kind_stays(observable: Observable) -> None:
    assert normal(*observable) == observable.value


@given(OBSERVABLES)
def test_what_is_settled_stays_settled(observable: Observable) -> None:
    found = settled(*observable)
    assert found is not None
    assert settled(*found) == found


@given(OBSERVABLES)
def test_refanging_takes_defanging_back(observable: Observable) -> None:
    assert refang(defang(observable)) == observable.value


@given(OBSERVABLES)
def test_what_is_typed_is_read_as_it_was_meant(observable: Observable) -> None:
    found = settled(*observable)
    assert found is not None
    assert read(typed(found)) == found


@given(OBSERVABLES)
def test_nothing_that_is_shown_becomes_a_link(observable: Observable) -> None:
    shown = defang(observable)
    if observable.kind is not Kind.TECHNIQUE:
        assert not LINKED.search(shown), shown


@given(st.one_of(ANY, NASTY))
def test_no_text_of_a_source_becomes_a_link(text: str) -> None:
    assert not LINKED.search(defang_text(text)), defang_text(text)


@given(st.one_of(ANY, NASTY))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        found = read(text)
    except UserError as refused:
        assert str(refused)
    else:
        assert normal(*found) == found.value


@given(st.lists(st.one_of(ANY, NASTY, OBSERVABLES.map(defang)), max_size=4).map(" ".join))
def test_what_is_found_stands_where_it_is_said(text: str) -> None:
    end = 0
    for found in extract(text):
        assert text[found.start : found.end] == found.written
        assert found.start >= end
        assert normal(*found.observable) == found.observable.value
        end = found.end


@given(
    st.sampled_from([Kind.IPV4, Kind.DOMAIN, Kind.EMAIL, Kind.SHA256, Kind.MD5]).flatmap(
        OF_KIND.__getitem__
    ),
    st.sampled_from([("[.]", "[@]"), ("(dot)", "(at)"), ("{.}", "{at}"), (" [dot] ", " [at] ")]),
)
def test_every_way_to_disarm_reads_the_same(found: Observable, signs: tuple[str, str]) -> None:
    if re.search(r"[^a-z0-9.@-]", found.value):
        return
    dot, at = signs
    written = found.value.replace("@", at).replace(".", dot)
    assert read(written).value == found.value
    assert read(f"“{written}”,").value == found.value


@given(st.ip_addresses(v=6))
def test_every_spelling_of_an_address_is_one(address: object) -> None:
    whole = getattr(address, "exploded", "")
    for written in (whole, whole.upper(), f"[{whole}]:443", f"{whole}/128", f"{whole}%eth0"):
        assert read(written) == read(str(address))
