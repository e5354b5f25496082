"""Reading the executor API's JSON."""

import json
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from execution import wire

DEAL = {
    "ticket": "101",
    "kind": "buy",
    "entry": "in",
    "time_msc": 1_772_452_800_000,
    "position_ticket": "99",
    "magic": "7",
    "symbol": "EURUSD",
    "volume_lots": "0.10",
    "price": "1.10010",
    "commission": "-0.30",
}
REPORT = {"report_id": "r-1", "seq": 1, "kind": "deal", "deal": DEAL}


def read(**changes):
    return wire.report_read(json.dumps({**REPORT, **changes}).encode())[0]


def test_a_deal_is_read_with_exact_decimals_and_utc_time():
    deal = read().deal
    assert (deal.price, deal.commission) == (Decimal("1.10010"), Decimal("-0.30"))
    assert deal.at.isoformat() == "2026-03-02T12:00:00+00:00"


def test_broker_time_is_corrected_by_its_offset():
    deal = read(deal={**DEAL, "broker_offset_seconds": 7200}).deal
    assert deal.at.isoformat() == "2026-03-02T10:00:00+00:00"
    assert deal.time_msc == DEAL["time_msc"]


def test_a_deal_kind_nobody_knows_is_kept_as_unknown_with_its_word():
    deal = read(deal={**DEAL, "kind": "buy_tomorrow"}).deal
    assert (deal.kind, deal.kind_raw) == ("unknown", "buy_tomorrow")


@pytest.mark.parametrize(
    "changes",
    [
        {"deal": {**DEAL, "price": 1.1}},
        {"deal": {**DEAL, "price": "1e5"}},
        {"deal": {**DEAL, "price": "NaN"}},
        {"deal": {**DEAL, "price": "1.1\n"}},
        {"deal": {**DEAL, "ticket": "99999999999999999999"}},
        {"deal": {**DEAL, "ticket": "9223372036854775808"}},
        {"deal": {**DEAL, "ticket": "-5"}},
        {"deal": {**DEAL, "ticket": 5}},
        {"deal": {**DEAL, "time_msc": 10**30}},
        {"deal": {**DEAL, "symbol": "EUR\u0000USD"}},
        {"deal": {**DEAL, "surprise": 1}},
        {"deal": None},
        {"kind": "fly"},
        {"kind": "ack"},
        {"seq": 0},
        {"report_id": ""},
        {"report_id": "a" * 65},
        {"order_id": "abc"},
        {"fence": -1},
    ],
)
def test_what_is_odd_is_refused(changes):
    with pytest.raises(wire.WireError):
        read(**changes)


def test_free_text_loses_its_control_characters():
    report = {"report_id": "r", "seq": 1, "kind": "rejected", "message": "no\u0000 mo\nney"}
    assert wire.report_read(json.dumps(report).encode())[0].message == "no money"


def test_deep_nesting_is_refused():
    with pytest.raises(wire.WireError):
        wire.body_read(b"[" * 100_000, wire.Poll)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw):
    for kind in (wire.Hello, wire.Poll, wire.Reports, wire.Heartbeat):
        try:
            wire.body_read(raw, kind)
        except wire.WireError:
            continue
    try:
        wire.report_read(raw)
    except wire.WireError:
        wire.report_id_guess(raw)


def test_a_contract_sheet_of_zero_is_refused():
    sheet = {
        "symbol": "EURUSD",
        "digits": 5,
        "tick_size": "0",
        "tick_value": "1",
        "contract_size": "100000",
        "lot_min": "0.01",
        "lot_step": "0.01",
        "lot_max": "10",
    }
    raws = [msgspec.Raw(json.dumps({**sheet, "tick_size": size}).encode()) for size in ("0", "1")]
    sheets, ((symbol, reason),) = wire.sheets_read(raws)
    assert [one.tick_size for one in sheets] == [1]
    assert symbol == "EURUSD"
    assert "above 0" in reason
