"""Which entries a leg means: stored with its decision when the alert comes, asked by everybody."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from signals.models import Decision
from tests.builders.signals import BuiltStrategy, entry_decided
from tests.integration.signals.test_checks import COPY
from tests.integration.signals.test_trades import leg, received


def target(decision: Decision) -> tuple[str, str]:
    return decision.scope, decision.target_trace_id


def received_leg(built: BuiltStrategy, *legs: Any, **members: Any) -> Decision:
    """The decision of the first leg."""
    return received(built, *legs, **members).decisions.get(leg_no=0)


def test_a_reference_means_the_trade_that_it_names(built: BuiltStrategy) -> None:
    entry = entry_decided(built, id="t:1")
    entry_decided(built, id="t:2")
    decision = received_leg(built, leg("exit", "sell"), trade_ref="t:1")
    assert target(decision) == ("trade", entry.trace_id)


@pytest.mark.parametrize(
    ("told", "scope"), [(leg("cancel"), "order"), (leg("exit", "sell"), "trade")]
)
def test_an_id_means_the_entry_or_the_trade_of_that_alert(
    built: BuiltStrategy, told: object, scope: str
) -> None:
    entry = entry_decided(built, id="t:1")
    entry_decided(built, id="t:2")
    assert target(received_leg(built, told, ref_id="t:1")) == (scope, entry.trace_id)


def test_a_reference_that_nobody_knows_means_a_trade_without_a_trace(built: BuiltStrategy) -> None:
    entry_decided(built, id="t:1")
    decision = received_leg(built, leg("exit", "sell"), trade_ref="never-seen")
    assert target(decision) == ("trade", "")


def test_an_exit_without_a_reference_means_all_on_its_symbol(built: BuiltStrategy) -> None:
    entry_decided(built, id="t:1")
    entry = entry_decided(built, id="t:2")
    assert target(received_leg(built, leg("exit", "sell"))) == ("symbol", entry.trace_id)


def test_a_cancel_without_a_reference_means_the_last_entry(built: BuiltStrategy) -> None:
    entry_decided(built, id="t:1")
    entry = entry_decided(built, id="t:2")
    assert target(received_leg(built, leg("cancel"))) == ("last", entry.trace_id)


@pytest.mark.parametrize(("symbol", "scope"), [("", "strategy"), ("EURUSD", "symbol")])
def test_a_close_all_means_all_of_the_symbol_or_of_the_strategy(
    built: BuiltStrategy, symbol: str, scope: str
) -> None:
    assert received_leg(built, leg("close_all", symbol=symbol), trade_ref="t:1").scope == scope


def test_a_reversal_means_all_of_the_symbol_whatever_its_reference(built: BuiltStrategy) -> None:
    entry = entry_decided(built, id="t:1")
    alert = received(built, leg("exit", "sell"), leg("entry", "sell"), trade_ref="t:2")
    closing, opening = alert.decisions.order_by("leg_no")
    assert target(closing) == ("symbol", entry.trace_id)
    assert target(opening) == ("", "")


def test_each_leg_that_lowers_risk_has_a_target_of_its_own(built: BuiltStrategy) -> None:
    euro = entry_decided(built, id="t:1")
    pound = entry_decided(built, id="t:2", symbol="GBPUSD", ref_price="1.3", sl="1.2", tp="1.5")
    alert = received(built, leg("exit", "sell"), leg("exit", "sell", "GBPUSD"))
    traces = list(alert.decisions.order_by("leg_no").values_list("target_trace_id", flat=True))
    assert traces == [euro.trace_id, pound.trace_id]


@pytest.mark.parametrize(
    ("verb", "scope"), [("entry", "last"), ("exit", ""), ("exit", "x"), ("amend", "las")]
)
def test_the_table_refuses_a_scope_that_does_not_fit_the_verb(
    built: BuiltStrategy, verb: str, scope: str
) -> None:
    entry_decided(built, id="t:1")
    state = "proposed" if verb == "entry" else "approved"
    odd = {"verb": verb, "scope": scope, "state": state}
    with (
        pytest.raises(IntegrityError, match="signals_decision_scope_fits_verb"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(COPY.format(table="signals_decision"), [json.dumps(odd)])


_ASK = """
    SELECT signals_means_entry(%(scope)s, %(trace)s, %(ref)s, %(instrument)s, %(side)s, %(verb)s,
        %(alert)s, %(leg)s, jsonb_populate_record(NULL::signals_decision, jsonb_build_object(
            'verb', 'entry', 'instrument', 'EURUSD', 'side', 'buy', 'trade_ref', 't1',
            'trace_id', 'a', 'alert_id', 5, 'leg_no', 0)))
"""


@pytest.mark.parametrize(
    ("verb", "scope", "side", "place", "members", "means"),
    [
        ("exit", "last", "sell", (6, 0), {}, True),
        ("exit", "last", "sell", (4, 0), {}, False),
        ("exit", "last", "buy", (6, 0), {}, False),
        ("exit", "last", "any", (6, 0), {}, True),
        ("cancel", "last", "any", (6, 0), {}, True),
        ("amend", "last", "buy", (6, 0), {}, True),
        ("amend", "last", "sell", (6, 0), {}, False),
        ("exit", "last", "sell", (6, 0), {"instrument": "GBPUSD"}, False),
        ("exit", "trade", "sell", (6, 0), {"ref": "t1"}, True),
        ("exit", "trade", "sell", (4, 0), {"ref": "t1"}, True),
        ("exit", "trade", "sell", (6, 0), {"ref": "t2"}, False),
        ("exit", "trade", "buy", (6, 0), {"ref": "t1"}, False),
        ("exit", "trade", "any", (6, 0), {"ref": "t1", "instrument": "GBPUSD"}, False),
        ("cancel", "trade", "any", (6, 0), {"trace": "a"}, True),
        ("cancel", "trade", "any", (6, 0), {"trace": "b"}, False),
        ("cancel", "trade", "any", (6, 0), {"trace": ""}, False),
        ("exit", "symbol", "sell", (6, 0), {"ref": "t2"}, True),
        ("exit", "symbol", "sell", (5, 0), {"ref": "t1"}, False),
        ("close_all", "strategy", "any", (6, 0), {"instrument": ""}, True),
        ("cancel_all", "strategy", "any", (4, 0), {"instrument": ""}, False),
    ],
)
def test_a_leg_means_the_entries_in_its_scope_and_no_others(
    db: None,
    verb: str,
    scope: str,
    side: str,
    place: tuple[int, int],
    members: dict[str, str],
    means: bool,
) -> None:
    asked = {"trace": "", "ref": "", "instrument": "EURUSD", **members}
    asked |= {"verb": verb, "scope": scope, "side": side}
    with connection.cursor() as cursor:
        cursor.execute(_ASK, {**asked, "alert": place[0], "leg": place[1]})
        assert cursor.fetchone() == (means,)
