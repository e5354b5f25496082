"""What the server may answer: what is not understood whole is told, and trades nothing."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.e2e.ea.bench import WARM_UP, Bench
from tests.integration.mql5.hosting import NEEDS_COMPILER

pytestmark = [NEEDS_COMPILER, pytest.mark.long]


BAD_ANSWERS = [
    "",
    "<html><body>Bad gateway</body></html>",
    "{",
    '{"orders": [], "permit": {"entries_allowed": true, "seconds": 3, "orders": []},'
    ' "desired": []}',
    '{"orders": {}, "permit": {"entries_allowed": true, "seconds": 3, "orders": []}, "desired": [],'
    ' "server_time": "2026-03-02T10:00:20.000Z"}',
    '{"orders": [], "permit": {"entries_allowed": "yes", "seconds": 3, "orders": []},'
    ' "desired": [], "server_time": "2026-03-02T10:00:20.000Z"}',
    '{"orders": [{"order_id": 4711, "fence": 1}], "permit": {"entries_allowed": true, "seconds": 3,'
    ' "orders": []}, "desired": [], "server_time": "2026-03-02T10:00:20.000Z"}',
    '{"orders": [], "permit": {"entries_allowed": true, "seconds": 3, "orders": []},'
    ' "desired": [{"order_id": "1", "fence": "1", "command": "cancel"}],'
    ' "server_time": "2026-03-02T10:00:20.000Z"}',
    '{"server_time": "tomorrow"}',
    "[" * 2_000,
    '{"a": "' + "x" * 600_000 + '"}',
    '{"orders": [], "orders": [], "permit": {"entries_allowed": true, "seconds": 3, "orders": []},'
    ' "desired": [], "server_time": "2026-03-02T10:00:20.000Z"}',
]


@pytest.mark.parametrize("text", BAD_ANSWERS, ids=range(len(BAD_ANSWERS)))
def test_an_answer_that_cannot_be_read_trades_nothing_and_is_told(bench: Bench, text: str) -> None:
    bench.web("poll", 200, times=2, text=text)
    bench.seconds(8)
    assert "cannot be read" in bench.log
    entry = bench.stage()
    bench.filled(entry, 60)
    bench.end()


def test_verdicts_that_are_missing_leave_reports_untold(bench: Bench) -> None:
    empty = '{"reports": [], "gaps": [], "server_time": "2026-03-02T10:00:14.000Z"}'
    bench.web("reports", 200, times=2, text=empty)
    bench.broker.balance(Decimal(5))
    bench.seconds(20)
    bench.check()


def _order(**changed: str) -> str:
    members = {
        "order_id": '"4711"',
        "fence": "1",
        "event": '"entry"',
        "broker_symbol": '"EURUSD"',
        "side": '"buy"',
        "order_type": '"market"',
        "volume_lots": '"0.10"',
        "limit_price": "null",
        "stop_price": "null",
        "sl": '"1.09"',
        "tp": "null",
        "position_ticket": '"0"',
        "trace_id": '"' + "a" * 32 + '"',
        "valid_until": "null",
        "lease_until": '"2026-03-02T10:01:00.000Z"',
        "needs_minor": "0",
    }
    members |= changed
    order = ", ".join(f'"{name}": {value}' for name, value in members.items())
    return (
        '{"orders": [{' + order + '}], "permit": {"entries_allowed": true, "seconds": 3, "orders":'
        ' [{"order_id": "4711", "fence": 1}]}, "desired": [],'
        ' "server_time": "2026-03-02T10:00:12.000Z"}'
    )


BAD_ORDERS = [
    {"event": '"open"'},
    {"side": '"long"'},
    {"order_type": '"iceberg"'},
    {"volume_lots": "0.1"},
    {"volume_lots": '"-0.10"'},
    {"volume_lots": '"0"'},
    {"volume_lots": '"1e3"'},
    {"sl": '"1.0000000000000001"'},
    {"sl": "1.09"},
    {"limit_price": '"1.05"'},
    {"tif": '"gtx"'},
    {"needs_minor": "4"},
    {"needs_minor": "1000"},
    {"target_order_id": '"12"'},
    {"sl_distance": '{"unit": "points", "value": "10"}'},
    {"position_ticket": '"12"'},
    {"broker_symbol": '""'},
    {"valid_until": '"soon"'},
    {"deviation_points": '"5"'},
    {"tp_distance": '{"unit": "miles", "value": "1"}'},
]


@pytest.mark.parametrize("changed", BAD_ORDERS, ids=lambda one: "-".join(one))
def test_an_order_that_is_not_understood_whole_is_refused_in_words(
    bench: Bench, changed: dict[str, str]
) -> None:
    bench.web("poll", 200, text=_order(**changed))
    bench.seconds(3)
    assert "order 4711: " in bench.log
    assert bench.truth().positions == []
    bench.end()


def test_a_good_order_of_the_same_form_is_sent(bench: Bench) -> None:
    """What the refusals above are worth: without the odd member the order goes out."""
    bench.web("poll", 200, text=_order())
    bench.seconds(3)
    assert len(bench.truth().positions) == 1
    _check_held(bench)


def _check_held(bench: Bench) -> None:
    """The deal of an order that this server never gave is told, and counts nowhere."""
    bench.seconds(6)
    assert bench.incidents() == ["deal.orphaned", "deal.quarantined"]


def test_a_permit_counts_from_the_sending_of_the_poll(bench: Bench) -> None:
    """The answer takes 3.2 s: what it permits is over when it is here."""
    entry = bench.stage()
    bench.web("poll", 200, text=_order(), ms=3200)
    bench.seconds(4)
    assert bench.truth().positions == []
    bench.filled(entry, 30)
    bench.end()


ODD_MEMBERS = {
    "a number where text belongs": {"order_id": "4711"},
    "a number too large": {"order_id": '"4503599627370496"'},
    "no number": {"order_id": '"-1"'},
    "a fence as text": {"fence": '"1"'},
    "a fence without end": {"fence": "99999999999999999999"},
}


@pytest.mark.parametrize("changed", ODD_MEMBERS.values(), ids=ODD_MEMBERS)
def test_an_order_whose_number_cannot_be_read_spoils_the_answer(
    bench: Bench, changed: dict[str, str]
) -> None:
    bench.web("poll", 200, text=_order(**changed))
    bench.seconds(4)
    assert "cannot be read" in bench.log
    assert bench.truth().positions == []
    bench.end()


def test_a_symbol_that_the_broker_does_not_have_is_refused(bench: Bench) -> None:
    bench.web("poll", 200, text=_order(broker_symbol='"NOPE.x"'))
    bench.seconds(4)
    assert "symbol_unknown" in bench.log
    assert bench.truth().positions == []
    bench.end()


def test_an_answer_of_a_megabyte_is_told_once_and_the_program_goes_on(
    bench_make: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It polls so seldom that there are rounds between which ask for nothing."""
    monkeypatch.setattr("execution.answers.POLL_SECONDS", "5")
    bench = bench_make()
    bench.seconds(WARM_UP)
    huge = '{"orders": [' + ", ".join(["null"] * 170_000) + "]}"
    assert len(huge) > 1_000_000
    bench.web("poll", 200, times=3, text=huge)
    bench.seconds(20)
    told = [one for one in bench.log.splitlines() if "bytes are too many" in one]
    assert len([one for one in told if "Print: " in one]) == 1, "the chart shows it at each beat"
    entry = bench.stage()
    bench.filled(entry)
    bench.end()


def test_an_answer_of_too_many_values_is_refused(bench: Bench) -> None:
    bench.web("poll", 200, text='{"a": [' + ",".join(["1"] * 61_000) + "]}")
    bench.seconds(4)
    assert "too many values" in bench.log
    bench.end()


ODD_TEXTS = {
    "something follows": '{"a": 1} 2',
    "a list": "[1, 2]",
    "a bare word": '{"a": nul}',
    "a number cut short": '{"a": -}',
    "a fraction without digits": '{"a": 1.}',
    "an exponent without digits": '{"a": 1e}',
    "a leading zero": '{"a": 01}',
    "a control character": '{"a": "b\x01"}',
    "an escape that is none": '{"a": "\\x41"}',
    "an escape cut short": '{"a": "\\u12',
    "a text without end": '{"a": "b',
    "a name without colon": '{"a" 1}',
    "a name without marks": "{a: 1}",
    "a comma missing": '{"a": 1 "b": 2}',
}


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_what_is_no_json_is_told_and_gone_over(bench: Bench, text: str) -> None:
    bench.web("poll", 200, text=text)
    bench.seconds(3)
    assert "cannot be read" in bench.log
    assert bench.truth().positions == []
    bench.end()


def test_all_that_json_may_hold_is_read(bench: Bench) -> None:
    """Members that nobody knows are ignored, whatever they hold."""
    texts = r'"\u00e9\n\t\"\\\/\b\f\r", "€", "' + chr(0x1F600) + '"'
    odd = '{"odd": [1.5e-3, -0, 2E+4, true, false, null, {}, [], ' + texts + "], "
    bench.web("poll", 200, text=odd + _order()[1:])
    bench.seconds(3)
    assert len(bench.truth().positions) == 1
    _check_held(bench)


def _desired(command: str, **named: str) -> str:
    members = {"order_id": "0", "command": command, **named}
    body = ", ".join(f'"{name}": "{value}"' for name, value in members.items())
    return (
        '{"orders": [], "permit": {"entries_allowed": true, "seconds": 3, "orders": []},'
        ' "desired": [{"fence": 0, ' + body + "}],"
        ' "server_time": "2026-03-02T10:00:40.000Z"}'
    )


def test_a_position_that_the_server_wants_closed_is_closed_once(bench: Bench) -> None:
    entry = bench.stage()
    bench.filled(entry)
    (position,) = bench.truth().positions
    bench.broker.fault("request", match="deal", effect="refuse", retcode=10004)
    bench.web("poll", 200, times=16, text=_desired("close", position_ticket=position["id"]))
    bench.seconds(6)
    assert len(bench.truth().positions) == 1
    bench.until(lambda: bench.truth().positions == [], 20)
    bench.seconds(20)
    assert len(bench.truth().deals) == 3
    bench.end()


def test_a_command_that_is_not_known_is_told_and_does_nothing(bench: Bench) -> None:
    entry = bench.stage()
    bench.filled(entry)
    bench.web("poll", 200, text=_desired("explode"))
    bench.seconds(3)
    assert "not known: explode" in bench.log
    assert len(bench.truth().positions) == 1
    bench.end()


def test_a_kill_holds_as_long_as_the_server_says_it(bench: Bench) -> None:
    resting = bench.stage(order_type="limit", limit_price="1.05000", lots="0.10")
    bench.until(lambda: bench.state(resting) == "working")
    bench.web("poll", 200, times=6, text=_desired("kill"))
    bench.until(lambda: bench.truth().orders == [], 10)
    assert "kill_command" in bench.log
    entry = bench.stage()
    bench.filled(entry, 60)
    bench.end()
