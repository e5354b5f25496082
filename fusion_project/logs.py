"""JSON log lines with the trace id of the work at hand; secrets never reach them."""

import logging
import re
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from pythonjsonlogger.json import JsonFormatter as BaseJsonFormatter

if TYPE_CHECKING:
    from collections.abc import Iterator

_trace_id: ContextVar[str] = ContextVar("trace_id", default="")

# The last net: call sites must not pass secrets, yet a library may print a path or a header.
# Each pattern is looked for only where its first word, in lower case, is there at all.
_SECRETS = (
    (
        "/hooks/tradingview/",
        # Whatever follows: a doubled slash or one too many must not show the rest.
        re.compile(r"(?i)(/hooks/tradingview/+[^/\s\"']+/)[^\s\"'?]+"),
        r"\1[secret]",
    ),
    (
        "author",
        re.compile(r"(?i)(authorization['\"]?\s*[:=]\s*['\"]?(?:token|bearer)\s+)[^\s'\",]+"),
        r"\1[secret]",
    ),
    (
        "://",
        re.compile(r"(?i)((?:postgres(?:ql)?|rediss?)://[^:/\s]*:)[^@\s]+(@)"),
        r"\1[secret]\2",
    ),
)


@contextmanager
def trace_context(trace_id: str) -> "Iterator[None]":
    """Every log line inside carries this trace id."""
    token = _trace_id.set(trace_id)
    try:
        yield
    finally:
        _trace_id.reset(token)


def trace_set(trace_id: str) -> None:
    """Name the trace once it is known, for the rest of this request's context."""
    _trace_id.set(trace_id)


def masked(text: str) -> str:
    """The text with anything that looks like one of our secrets replaced."""
    lower = text.lower()
    for word, pattern, replacement in _SECRETS:
        if word in lower:
            text = pattern.sub(replacement, text)
    return text


class TraceFilter(logging.Filter):
    """Adds `trace_id` to each record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.trace_id = _trace_id.get()
        return True


class JsonFormatter(BaseJsonFormatter):
    """One JSON object a line: time (UTC), level, logger, message, trace_id and extras."""

    def __init__(self) -> None:
        super().__init__(
            "{asctime}{levelname}{name}{message}{trace_id}",
            style="{",
            rename_fields={"asctime": "at", "levelname": "level", "name": "logger"},
            timestamp=False,
        )
        self.default_msec_format = "%s.%03dZ"
        self.default_time_format = "%Y-%m-%dT%H:%M:%S"
        self.converter = time.gmtime

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in log_data.items() if value not in ("", None)}
