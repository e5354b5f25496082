"""Log lines are JSON, carry the trace, and hold no secret."""

import json
import logging

import pytest

from fusion_project.logs import JsonFormatter, TraceFilter, masked, trace_context


def _line(message: str, *args: object, **extra: object) -> dict[str, object]:
    record = logging.LogRecord("fusion.test", logging.INFO, "", 0, message, args, None)
    record.__dict__.update(extra)
    TraceFilter().filter(record)
    return json.loads(JsonFormatter().format(record))


def test_a_line_has_time_level_message_trace_and_extras() -> None:
    with trace_context("a" * 32):
        line = _line("request", status=202)
    assert line["level"] == "INFO"
    assert line["trace_id"] == "a" * 32
    assert line["status"] == 202
    assert str(line["at"]).endswith("Z")


def test_outside_a_trace_no_trace_is_named() -> None:
    assert "trace_id" not in _line("start")


@pytest.mark.parametrize(
    "text",
    [
        "POST /hooks/tradingview/demo/CANARY failed",
        "POST /hooks/tradingview//demo/CANARY failed",
        "POST /hooks/tradingview/demo//CANARY failed",
        "POST /Hooks/TradingView/demo/x/CANARY?y failed",
        "Authorization: Token CANARY",
        "{'Authorization': 'Token CANARY'}",
        "postgres://fusion_app:CANARY@127.0.0.1/fusion",
        "redis://:CANARY@127.0.0.1",
    ],
)
def test_what_looks_like_our_secrets_is_masked(text: str) -> None:
    assert "CANARY" not in masked(text)
    assert "[secret]" in masked(text)
    assert "CANARY" not in json.dumps(_line("%s", text))
