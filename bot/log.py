"""Logging on standard error: one event per fact, no content, no secrets.

Records of third parties are reduced to logger and level, exceptions to their type and frames:
nio logs message text for events that it cannot read, and others their parameters.
"""

from __future__ import annotations

import logging
import secrets
import sys
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger


def set_up(level: str, *, json: bool | None = None) -> None:
    """Send everything to standard error: JSON unless it is a terminal. `level`: as configured."""
    as_json = not sys.stderr.isatty() if json is None else json
    renderer: Any = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    )
    number = getattr(logging, level.upper())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            reduce_exception,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    sys.excepthook = _last_words
    root = logging.getLogger()
    root.handlers[:] = [ThirdParties()]
    root.setLevel(logging.WARNING)


def reference() -> str:
    """A short id that is shown to a person and stands in the log beside what went wrong."""
    return secrets.token_hex(4)


def reduce_exception(_logger: WrappedLogger, _method: str, record: EventDict) -> EventDict:
    """Replace `exc_info` by the exception's type and frames; its text may hold content."""
    info = record.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    if isinstance(info, BaseException):
        info = (type(info), info, info.__traceback__)
    if isinstance(info, tuple) and info[0] is not None:
        record["exception"] = info[0].__name__
        record["frames"] = _frames(info[2])
        if isinstance(info[1], BaseExceptionGroup):
            record["within"] = [
                {"exception": type(each).__name__, "frames": _frames(each.__traceback__)}
                for each in _each(info[1])
            ]
    return record


def _each(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """The errors that a group is made of, in groups within it too."""
    for each in group.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _each(each)
        else:
            yield each


def _frames(trace: TracebackType | None) -> list[str]:
    found = traceback.extract_tb(trace)[-12:]
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in found]


def _last_words(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """What ends the process, reduced like any exception."""
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger().critical("process.failed", exc_info=(kind, error, trace))


class ThirdParties(logging.Handler):
    """Says that a library had something to say, and where; never what."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log the logger's name, the level and the line that spoke."""
        values: dict[str, Any] = {"logger": record.name, "line": record.lineno}
        if record.exc_info and record.exc_info[0] is not None:
            values["exception"] = record.exc_info[0].__name__
        structlog.get_logger().log(record.levelno, "library.spoke", **values)
