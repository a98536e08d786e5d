"""What nobody uses is not loaded with the libraries that would like to have it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.platforms.matrix.lean import without


def test_a_module_is_not_found_while_it_is_hidden_and_found_again_after() -> None:
    sys.modules.pop("this", None)
    with without("this"), pytest.raises(ImportError):
        __import__("this")
    assert "this" not in sys.modules


def test_what_somebody_uses_already_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "used_already", sys)
    with without("used_already"):
        assert __import__("used_already") is sys
    assert sys.modules["used_already"] is sys


def test_nio_brings_no_driver_for_a_store_that_is_not_used() -> None:
    program = (
        "import sys, bot.platforms.matrix.connection; "
        "sys.exit('psycopg' in sys.modules or 'nio' not in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
