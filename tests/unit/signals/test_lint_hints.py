"""Where a message is refused the linter also says what people usually got wrong."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signals.intake.parsing import Unreadable
from signals.lint.hints import hints_of
from signals.lint.judging import lint

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


def _hints(text: str) -> str:
    return " / ".join(lint(text.encode(), now=NOW).hints)


def test_a_template_pasted_before_it_fired_is_told_to_have_its_values_filled_in() -> None:
    bare = '{"ticker": "{{ticker}}", "action": "buy", "price": {{close}}, "quantity": 1}'
    assert lint(bare.encode(), now=NOW).reason == "unresolved_placeholder"
    assert "It still holds {{ticker}}, {{close}}." in _hints(bare)
    quoted = '{"ticker": "{{ticker}}", "action": "{{strategy.order.action}}"}'
    assert lint(quoted.encode(), now=NOW).reason == "unresolved_placeholder"
    assert "put values in their place" in _hints(quoted)
    many = "".join(f"{{{{plot_{number}}}}}" for number in range(9))
    assert "{{plot_2}} and others" in _hints(many)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"ticker": “EURUSD”}', "typographic quotes"),
        ("{'ticker': 'EURUSD'}", "double quotes"),
        ('{"ticker": "EURUSD",}', "right before a closing brace"),
        ("please buy EURUSD", "neither JSON"),
        ('{"ticker":\u00a0"EURUSD"}', "no-break or another odd space"),
    ],
)
def test_a_common_slip_is_named(text: str, words: str) -> None:
    assert words in _hints(text)


def test_the_place_of_a_syntax_error_is_shown_with_what_hides_there() -> None:
    assert 'The place: {"ticker": "EURUSD", ▸ action' in _hints('{"ticker": "EURUSD", action: 1}')
    assert "▸ the end" in _hints('{"ticker": ')
    assert "‹U+202E›" in _hints('{"ticker": "a" \u202e "b"}')
    assert "\u202e" not in _hints('{"ticker": "a" \u202e "b"}')


def test_an_accepted_message_gets_no_hints() -> None:
    stop = b'"stopLoss": {"type": "stop", "stopPrice": 1.09}'
    judged = lint(
        b'{"ticker": "EURUSD", "action": "buy", "quantity": 1, "price": 1.1, %b}' % stop, now=NOW
    )
    assert (judged.verdict, judged.hints, judged.finding) == ("accept", (), "")


@given(st.binary(max_size=400), st.integers(0, 10**6))
def test_no_bytes_and_no_place_break_the_hints(raw: bytes, at: int) -> None:
    for hint in hints_of(raw, Unreadable("not_json", f"Odd at character {at}.")):
        assert hint.encode()
