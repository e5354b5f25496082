"""The closed world: no member that nobody understands makes a trade another or a larger one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from signals.dialects import named_fields, openalgo, threecommas, traderspost
from signals.dialects.base import Reading, Refused
from signals.dialects.common_trade import KNOWN
from signals.dialects.credentials import is_credential_name
from signals.dialects.harmless import HARMLESS
from signals.intake.parsing import Unreadable
from signals.intents.legs import Leg
from signals.intents.summary import summary_of
from tests.unit.signals.dialects.reading import CODES, EXAMPLES, asked, read

SOME = settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
MANY = settings(SOME, max_examples=10_000)
BODIES = [one.body for examples in EXAMPLES.values() for one in examples]
ACCEPTED = [
    one.body
    for examples in EXAMPLES.values()
    for one in examples
    if one.expected not in CODES | {"test"}
]
# Members that say that less is meant, or that nothing is.
MARKS: dict[str, Any] = {
    "close_position": True,
    "closePosition": "true",
    "reduceOnly": True,
    "isClose": True,
    "live": False,
    "enabled": "false",
    "active": 0,
    "paper": True,
    "env": "demo",
    "test": True,
    "dry_run": True,
    "delay": 30,
    "maxLag": "60",
    "ttl": 5,
    "valid_for": "30s",
    "event": "SL_HIT",
    "status": "filled",
    "reason": "stop_loss",
    "market_position": "flat",
    "sl": "1.05",
    "stop_loss": 50,
    "trailing_stop": 20,
    "close_qty": 1,
    "preventPyramiding": True,
}
OWN = {
    named_fields.key_of(name)
    for dialect in (openalgo, threecommas, traderspost)
    for name in dialect._OWN
}
INNER = threecommas._ORDER | threecommas._INFO


def _is_foreign(name: str) -> bool:
    key = named_fields.key_of(name)
    known = KNOWN | HARMLESS.keys() | OWN | INNER | named_fields._WRAPPERS | named_fields._ASIDE
    return (
        key not in known
        and not is_credential_name(name)
        and not named_fields._OFFABLE.fullmatch(key)
        and not re.match(r"plot|bot|schema|script|take_profit|tv_", name)
    )


FOREIGN_NAMES = st.one_of(
    st.sampled_from(
        ["foo", "isLive", "order_intent", "positionSize2", "зона", "slx", "¬live", "#"]
    ),
    st.text(st.characters(codec="utf-8", categories=("Ll", "Lu", "Nd")), min_size=1, max_size=12),
).filter(_is_foreign)
VALUES = st.sampled_from([True, False, 0, 1, "0", "1.08", "buy", "sell", "limit", "flat", "x", 50])


def _outcome(body: str) -> Reading | str:
    try:
        return read(body)
    except Unreadable as error:
        return error.code


def _entries(reading: Reading) -> list[Leg]:
    """The entries that would be decided; a refused one is none."""
    return [] if reading.entry_rule else [leg for leg in reading.intent.legs if leg.is_entry]


def _others(reading: Reading) -> list[Leg]:
    return [leg for leg in reading.intent.legs if not leg.is_entry]


def assert_no_other_risk(before: Reading | str, after: Reading | str) -> None:
    """After: the same, a refusal, or less risk. A stop that comes along is less risk."""
    if isinstance(after, str) or not _entries(after):
        return
    told = summary_of(after.intent)
    assert isinstance(before, Reading), f"{before} became {told}"
    for was, now in zip(_entries(before), _entries(after), strict=True):
        assert now == was or (was.sl is None and replace(now, sl=None) == was), told
    assert all(leg in _others(after) for leg in _others(before)), told
    if before.intent.expires_at is not None:
        assert after.intent.expires_at is not None
        assert after.intent.expires_at <= before.intent.expires_at


def _paths(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in inner:
        if isinstance(key, str):
            yield (*at, key)
        if isinstance(value, dict | list):
            yield from _paths(value, (*at, key))


def _renamed(data: Any, path: tuple[Any, ...], name: str) -> Any:
    if len(path) == 1:
        return {name if key == path[0] else key: value for key, value in data.items()}
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[path[0]] = _renamed(copy[path[0]], path[1:], name)
    return copy


_KEY = re.compile(r"(?:^|(?<=[,;\n]))\s*([A-Za-z_][A-Za-z_0-9]*)(?=\s*[=:])")


def _object(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def _added(body: str, name: str, value: Any) -> str | None:
    data = _object(body)
    if isinstance(data, dict):
        return None if name in data else json.dumps({**data, name: value})
    if data is not None or "filled on" in body or not re.fullmatch(r"[A-Za-z_]\w*", name):
        return None
    said = str(value).lower() if isinstance(value, bool) else str(value)
    equals = ":" if ":" in body and "=" not in body else "="
    between = next((one for one in ("\n", ";", ",") if one in body), ",")
    return f"{body}{between}{name}{equals}{said}"


def _one_renamed(body: str, data: st.DataObject, name: str) -> str | None:
    found = _object(body)
    if isinstance(found, dict | list):
        path = data.draw(st.sampled_from(sorted(_paths(found), key=str)))
        return json.dumps(_renamed(found, path, name))
    keys = list(_KEY.finditer(body))
    if not keys or not re.fullmatch(r"[A-Za-z_]\w*", name):
        return None
    chosen = data.draw(st.sampled_from(keys))
    return body[: chosen.start(1)] + name + body[chosen.end(1) :]


def _check_added(body: str, name: str, value: Any) -> None:
    changed = _added(body, name, value)
    assume(changed is not None)
    assert changed is not None
    assert_no_other_risk(_outcome(body), _outcome(changed))


def _check_renamed(body: str, data: st.DataObject, name: str) -> None:
    changed = _one_renamed(body, data, name)
    assume(changed is not None)
    assert changed is not None
    assert_no_other_risk(_outcome(body), _outcome(changed))


@SOME
@given(st.sampled_from(BODIES), FOREIGN_NAMES, VALUES)
def test_a_member_that_nobody_knows_adds_no_risk(body: str, name: str, value: Any) -> None:
    _check_added(body, name, value)


@SOME
@given(st.sampled_from(BODIES), st.data(), FOREIGN_NAMES)
def test_a_member_under_a_name_that_nobody_knows_adds_no_risk(
    body: str, data: st.DataObject, name: str
) -> None:
    _check_renamed(body, data, name)


@pytest.mark.parametrize("name", MARKS)
def test_a_mark_that_less_is_meant_adds_no_risk_to_any_example(name: str) -> None:
    for body in ACCEPTED:
        changed = _added(body, name, MARKS[name])
        if changed is not None:
            assert_no_other_risk(_outcome(body), _outcome(changed))


def test_a_mark_under_a_name_that_nobody_knows_adds_no_risk_to_any_example() -> None:
    for body in ACCEPTED:
        for name, value in MARKS.items():
            marked = _added(body, name, value)
            renamed = _added(body, "zz" + re.sub(r"[^a-z]", "", name.lower()), value)
            if marked is not None and renamed is not None:
                assert_no_other_risk(_outcome(marked), _outcome(renamed))


@pytest.mark.long
@MANY
@given(st.sampled_from(BODIES), st.data(), FOREIGN_NAMES, VALUES)
def test_ten_thousand_members_added_or_renamed_add_no_risk(
    body: str, data: st.DataObject, name: str, value: Any
) -> None:
    if data.draw(st.booleans()):
        _check_added(body, name, value)
    else:
        _check_renamed(body, data, name)


def _generic(**members: Any) -> str:
    return json.dumps({"symbol": "EURUSD", **members})


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"side": "buy", "foo": 1}, "unknown_member"),
        ({"side": "buy", "foo": False}, "unknown_member"),
        ({"side": "buy", "foo": 0}, "unknown_member"),
        ({"side": "buy", "foo": None, "bar": "", "baz": []}, "entry buy EURUSD"),
        ({"side": "buy", "зона": 1}, "unknown_member"),
        ({"side": "buy", "_": 1}, "unknown_member"),
        ({"side": "buy", "comment": "x" * 300}, "entry buy EURUSD"),
        ({"side": "buy", "comment": False}, "unknown_member"),
        ({"side": "buy", "signal": -1}, "unknown_member"),
        ({"side": "buy", "operation": "half of it"}, "unknown_member"),
        ({"side": "buy", "order": "limit", "price": 1.07}, "unknown_member"),
        ({"side": "buy", "close_qty": 1}, "unknown_member"),
        ({"side": "buy", "offset": 20}, "unknown_member"),
        ({"side": "buy", "auth_token": True}, "unknown_member"),
        ({"side": "buy", "pnl": -12.340000000000002}, "entry buy EURUSD"),
        ({"action": "close", "foo": 1}, "exit any EURUSD"),
        ({"action": "close", "foo": "limit"}, "unsupported_order"),
        ({"action": "close", "my_limit": 1.09}, "unsupported_order"),
        ({"action": "close", "my_limit": 0}, "exit any EURUSD"),
        ({"action": "close", "limit_price": 1.09}, "unsupported_order"),
        ({"action": "close", "tp2": 1.09}, "exit any EURUSD"),
        ({"action": "modify", "sl_price": 1.07, "foo": 1}, "amend any EURUSD sl=price:1.07"),
        ({"action": "test", "foo": 1}, "test"),
        ({"side": "buy", "isMarket": False}, "unknown_order_type"),
        ({"side": "buy", "contracts": 5, "size_type": "percent"}, "conflicting_sizes"),
        (
            {"action": "buylimit", "price": 1.07, "tif": "GTC"},
            "entry buy EURUSD limit limit_price=1.07",
        ),
        ({"side": "buy", "tif": "OPG"}, "unsupported_order"),
    ],
)
def test_an_entry_needs_every_member_and_an_exit_none(
    members: dict[str, Any], expected: str
) -> None:
    assert asked(_generic(**members)) == expected


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({"event": "SL_HIT", "side": "buy"}, "report"),
        ({"status": "TARGET_REACHED", "side": "buy"}, "report"),
        ({"alert": "RSI above 70", "side": "buy"}, "report"),
        ({"type": "filled", "side": "buy"}, "report"),
        ({"reason": "expired", "side": "buy"}, "report"),
        ({"reason": "stop_loss", "side": "sell"}, "report"),
        ({"event": "SL_MOVED", "action": "modify", "sl_price": 1.07}, "report"),
        ({"type": "crypto", "side": "buy"}, "entry buy EURUSD"),
        ({"reason": "ema_cross", "side": "buy"}, "entry buy EURUSD"),
        ({"event": "entry", "side": "buy"}, "entry buy EURUSD"),
        ({"event": "SL_HIT", "action": "close"}, "exit any EURUSD"),
        ({"status": "done", "side": "sell", "reduceOnly": True}, "exit sell EURUSD"),
        ({"event": "SL_HIT", "side": "sell", "position_size": 0}, "exit sell EURUSD"),
    ],
)
def test_a_report_trades_nothing_but_a_clear_exit(members: dict[str, Any], expected: str) -> None:
    assert asked(_generic(**members)) == expected


def test_the_exit_of_a_reversal_passes_and_its_entry_is_refused() -> None:
    reading = read(_generic(action="reverse", side="buy", foo=1))
    assert summary_of(reading.intent) == "exit buy EURUSD; entry buy EURUSD"
    assert (reading.entry_rule, dict(reading.unknown)) == ("unknown_member", {"foo": 1})


def test_the_first_eight_of_many_are_named_and_the_rest_counted() -> None:
    members = {f"m{number:02}{'x' * 60}": 1 for number in range(40)}
    with pytest.raises(Refused) as refused:
        read(_generic(side="buy", **members))
    assert refused.value.lowers_risk is False
    assert refused.value.message.count("…") == 8
    assert refused.value.message.endswith("and 32 more.")


def test_what_is_settled_is_read_as_it_was_said() -> None:
    body = _generic(side="buy", foo=1, pieces=3, mykey="HUSH")
    assert asked(body) == "unknown_member"
    settled = {
        "foo": {"is": "harmless", "why": "a plot"},
        "mykey": {"is": "credential", "why": "ours"},
        "pieces": {"is": "means", "as": "qty", "why": "shares in our script"},
    }
    assert asked(body, settled=settled) == "entry buy EURUSD qty=3"
    assert asked(_generic(side="buy", pieces=3, qty=2), settled=settled) == "conflicting_fields"
    assert asked(_generic(side="buy", pieces=3, other=2), settled=settled) == "unknown_member"


def test_a_test_shows_what_an_entry_would_be_refused_for() -> None:
    reading = read(_generic(action="buy", test=True, foo=1, sl=1, comment="x", close_qty=2))
    assert (reading.intent.kind, list(reading.unknown)) == ("test", ["foo"])


def test_every_harmless_member_says_why() -> None:
    assert all(len(one.reason) > 20 for one in HARMLESS.values())
