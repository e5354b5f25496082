"""A credential in a body never reaches the store, wherever and however it stands there."""

from __future__ import annotations

import pytest

from signals.dialects.registry import stored_body
from signals.intake.parsing import Content, Unreadable, read_content

CREDENTIAL = "hunter2hunter2"


@pytest.mark.parametrize(
    "body",
    [
        '{"ticker": "A", "action": "buy", "user_token": "%s"}',
        '{"ticker": "A", "action": "buy", "accessToken": "%s"}',
        '{"ticker": "A", "action": "buy", "webhook-secret": "%s"}',
        '{"ticker": "A", "action": "buy", "Authorization": "Bearer %s"}',
        '{"ticker": "A", "action": "buy", "sec_key": "%s"}',
        '{"ticker": "A", "action": "buy", "message": "secret=%s"}',
        '{"ticker": "A", "action": "buy", "message": "{\\"secret\\": \\"%s\\"}"}',
        '{"symbol": "A", "side": "buy", "strategy": {"secret": "%s"}}',
        '{"symbol": "A", "side": "buy", "tokens": ["x", "%s"]}',
        '{"symbol": "A", "side": "buy", "auth": {"user": "x", "value": "%s"}}',
        '"{\\"secret\\": \\"%s\\", \\"ticker\\": \\"A\\"}"',
        "{'ticker': 'A', 'action': 'buy', 'secret': '%s'}",
        '{"ticker": "A", "action": "buy", "secret": "%s',
        "action=buy,symbol=EURUSD,api-key=%s",
        'action=buy,symbol=EURUSD,secret="%s"',
        "symbol=A&action=buy&secret=%s",
        "symbol=A action=buy secret=%s",
        "T: order buy @ 1 filled on A. New strategy position is 1 secret=%s",
        "EXCHANGE=binance;\\nSYMBOL=B;\\nSIGNAL=BUY;\\nTOKEN=%s",
        "see https://example.org/hook?secret=%s",
        "%s,{{strategy.order.action}},EURUSD",
        "%s;buy;EURUSD",
        "%s\nlong BTCUSD q=0.1",
    ],
)
def test_a_credential_is_blanked(body: str) -> None:
    raw = (body % CREDENTIAL).encode()
    assert CREDENTIAL.encode() not in stored_body(raw, _content(raw), ())


def test_a_long_first_field_is_blanked_also_without_a_digit() -> None:
    raw = b"QwErTyUiOpAsDfGhJkLzXcVbNm_-qwertyuiopasdfg,hold,EURUSD"
    assert stored_body(raw, _content(raw), ()) == b"[blanked],hold,EURUSD"


@pytest.mark.parametrize("body", ["buy,60123456789,EURUSD", "60123456789,buy,60123456789,EURUSD"])
def test_a_licence_is_blanked_where_it_does_not_belong(body: str) -> None:
    raw = body.encode()
    assert b"60123456789" not in stored_body(raw, _content(raw), ())


@pytest.mark.parametrize(
    "body",
    [
        '{"ticker": "A", "action": "buy", "quantity": 5, "comment": "a key level"}',
        '{"symbol": "A", "action": "buy", "key_level": "1.08"}',
        "action=buy,symbol=EURUSD,lots=0.1",
        "EURUSD, 15 Crossing Up 1.0850",
    ],
)
def test_what_is_no_credential_is_kept(body: str) -> None:
    raw = body.encode()
    assert stored_body(raw, _content(raw), ()) == raw


def _content(raw: bytes) -> Content | None:
    try:
        return read_content(raw)
    except Unreadable:
        return None
