"""The log says what happened, never what was said."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from bot import log

CANARY = "canary-7f3a"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What `log.set_up` writes; everything is put back afterwards."""
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    log.set_up("info", json=True)
    yield stream
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def records(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def fail_with_content() -> None:
    raise ValueError(CANARY)


def test_a_record_is_one_line_with_level_and_time(lines: io.StringIO) -> None:
    structlog.get_logger().info("thing.happened", room="slack:alpha/C1")
    (record,) = records(lines)
    assert record["event"] == "thing.happened"
    assert record["level"] == "info"
    assert str(record["timestamp"]).endswith("Z")


def test_an_exception_is_told_by_type_and_frames_alone(lines: io.StringIO) -> None:
    try:
        try:
            fail_with_content()
        except ValueError as error:
            raise RuntimeError(CANARY) from error
    except RuntimeError:
        structlog.get_logger().exception("thing.failed")
    assert CANARY not in lines.getvalue()
    (record,) = records(lines)
    assert record["exception"] == "RuntimeError"
    assert any("test_log.py" in frame for frame in record["frames"])  # type: ignore[attr-defined]  # a list


def test_of_several_errors_each_is_told(lines: io.StringIO) -> None:
    within = ExceptionGroup("more", [TypeError("another secret")])
    several = ExceptionGroup("several", [ValueError("a secret"), within])
    structlog.get_logger().error("it.failed", exc_info=several)
    told = json.loads(lines.getvalue())
    assert [each["exception"] for each in told["within"]] == ["ValueError", "TypeError"]
    assert "secret" not in lines.getvalue()


def test_libraries_are_told_of_by_name_and_line_alone(lines: io.StringIO) -> None:
    library = logging.getLogger("some.library")
    library.warning("a message says %s", CANARY)
    library.info("quiet %s", CANARY)
    try:
        fail_with_content()
    except ValueError:
        library.exception(CANARY)
    assert CANARY not in lines.getvalue()
    first, second = records(lines)
    assert (first["logger"], first["level"]) == ("some.library", "warning")
    assert second["exception"] == "ValueError"


def test_the_level_is_as_configured(lines: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", lines)  # pytest puts its own in before each phase
    log.set_up("warning", json=True)
    structlog.get_logger().info("quiet")
    structlog.get_logger().warning("loud")
    assert [record["event"] for record in records(lines)] == ["loud"]


def test_a_reference_is_short_and_its_own() -> None:
    assert len({log.reference() for _ in range(100)}) == 100
    assert len(log.reference()) == 8
