"""One `run` on one store."""

from __future__ import annotations

import pytest

from bot.errors import StoreBusy
from bot.store.lock import only_run
from tests.stores import opened


def test_a_second_run_on_one_store_is_refused_until_the_first_ends(store_url: str) -> None:
    with opened(store_url) as one, opened(store_url) as two:
        with only_run(one), pytest.raises(StoreBusy, match="in use"), only_run(two):
            raise AssertionError
        with only_run(two):
            pass


def test_the_lock_goes_when_the_work_fails(store_url: str) -> None:
    with opened(store_url) as one:
        with pytest.raises(ZeroDivisionError), only_run(one):
            raise ZeroDivisionError
        with only_run(one):
            pass
