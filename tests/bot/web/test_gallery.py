"""Pictures are kept under names that nobody guesses, and no other file is reached by any name."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web import gallery
from bot.web.gallery import Gallery, kind_of

URL = "https://liaison.example.org"


def put(kept: Gallery, content: bytes = b"PNG", kind: str = "image/png") -> str:
    return asyncio.run(kept.put(content, kind)).rpartition("/")[2]


def test_a_picture_is_there_under_the_address_that_was_given(tmp_path: Path) -> None:
    kept = Gallery(tmp_path / "pictures", f"{URL}/")
    address = asyncio.run(kept.put(b"PNG", "image/png"))
    assert address.startswith(f"{URL}/pictures/")
    assert kept.is_there(address)
    path = kept.path(address.rpartition("/")[2])
    assert path is not None
    assert path.read_bytes() == b"PNG"
    assert kind_of(path.name) == "image/png"


def test_an_address_of_another_place_is_not_ours(tmp_path: Path) -> None:
    kept, moved = Gallery(tmp_path, URL), Gallery(tmp_path, "https://other.example")
    address = asyncio.run(kept.put(b"PNG", "image/png"))
    assert not moved.is_there(address)
    assert not kept.is_there("")


def test_what_was_put_there_first_goes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery, "LARGEST_STORE", 250)
    kept = Gallery(tmp_path, URL)
    first = put(kept, bytes(100))
    os.utime(tmp_path / first, (1, 1))
    second = put(kept, bytes(100))
    os.utime(tmp_path / second, (2, 2))
    third = put(kept, bytes(100))
    assert [kept.path(each) is not None for each in (first, second, third)] == [False, True, True]


@given(st.text() | st.sampled_from(["../liaison.db", "..%2fliaison.db", "a" * 32, "x.png", ""]))
def test_no_other_name_is_a_file(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.getbasetemp()
    assert Gallery(folder, URL).path(name) is None
