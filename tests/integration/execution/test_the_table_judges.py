"""Every reason of staging: the table refuses the order too, or it is said why it cannot."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from execution.models import BrokerAccount, Order, SymbolMap
from execution.risk.bounded import MARKET, MONEY, TIMES
from execution.risk.reasons import ADVICE
from execution.rules.switches import (
    EVERYTHING,
    account_target,
    instrument_target,
    strategy_target,
)
from execution.rules.terms import FORETOLD
from execution.services.staging import decision_stage
from execution.services.subscriptions import subscription_create
from fusion_project.events.clock import now
from signals.intents.legs import Size, Target
from tests.builders.execution import (
    Desk,
    account_set,
    alert_make,
    decision_make,
    desk_make,
    strategy_make,
)
from tests.builders.risk import limit_set, shown_to
from tests.builders.switches import stop
from tests.database import owner_writes

pytestmark = pytest.mark.django_db

# Reasons that no statement of the app's role can get round, because nothing is written by them.
_TOLD_NOW = (
    "by what the executor tells of the market and the account at this moment; asked again at claim"
)
_BY_SHEET = "foretells what the broker itself refuses"
NOT_REFUSED = {
    "waits_for_flat": "it keeps a staged entry back for now; no order is refused by it",
    "waits_for_exit": "it keeps a staged entry back for now; no order is refused by it",
    "executor_silent": "no silent executor takes an order; its entries wait and expire",
    "limits_missing": "an account without limits is bound by those that it was made with",
    **dict.fromkeys(
        (*MONEY.reasons, *TIMES.reasons, *MARKET.reasons, "limit_not_measured", "no_quote"),
        _TOLD_NOW,
    ),
    **dict.fromkeys(("equity_in_doubt", "sheet_in_doubt"), _TOLD_NOW),
    **dict.fromkeys(("order_notional_limit", "leverage_limit", "open_risk_limit"), _TOLD_NOW),
    **dict.fromkeys(("same_order_again", "reject_rate_limit", "cooling_off"), _TOLD_NOW),
    **dict.fromkeys((*FORETOLD, "broker_volume_limit", "no_money"), _BY_SHEET),
}
DECIDED = "asks for more than was decided"


def _nothing(desk: Desk, clock: Any) -> None:
    return


@dataclass(frozen=True)
class Case:
    """An order just as one that was staged, but for `decided` and `changes`, after `arrange`.

    `match` is what the table says; the reason itself where nothing else is named.
    """

    decided: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, Any] = field(default_factory=dict)
    arrange: Callable[[Desk, Any], object] = _nothing
    match: str = ""
    alert: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    shown_lots: Decimal | None = Decimal("0.1")


def _lives(desk: Desk, clock: Any) -> None:
    account_set(desk.account, book="live")


def _nets(account: BrokerAccount) -> None:
    with owner_writes():
        BrokerAccount.objects.filter(id=account.id).update(margin_mode="netting")


def _nets_beside_another(desk: Desk) -> None:
    other = strategy_make()
    subscription_create(strategy_id=other.id, account_id=desk.account.id)
    decision_stage(decision_id=decision_make(other, lots="0.01").id)
    _nets(desk.account)


NO_STOP = {"sl": None, "risk_money": None}
WRONG = {"sl": Decimal("1.2")}
CASES: dict[str, Case] = {
    "all_stopped": Case(arrange=lambda d, c: stop(EVERYTHING)),
    "account_stopped": Case(arrange=lambda d, c: stop(account_target(d.account.id))),
    "strategy_stopped": Case(arrange=lambda d, c: stop(strategy_target(d.strategy.id))),
    "instrument_stopped": Case(arrange=lambda d, c: stop(instrument_target("EURUSD"))),
    "made_for_paper": Case(alert={"env": "paper"}, arrange=_lives, match="not good for a live"),
    "provenance_too_low": Case(alert={"grade": "C"}, arrange=_lives, match="not good for a live"),
    "stop_required": Case({"sl": None}, NO_STOP, match="must name a stop"),
    "too_late": Case(arrange=lambda d, c: c.advance(seconds=61)),
    "trade_already_closed": Case(
        {"trade_ref": "t1"},
        {"trade_ref": "t1"},
        arrange=lambda d, c: decision_make(d.strategy, "exit", trade_ref="t1", side="sell"),
    ),
    "entry_rate_limit": Case(
        arrange=lambda d, c: account_set(d.account, entries_per_minute_max=1),
        match="entries_per_minute_max would be 2",
    ),
    "open_positions_limit": Case(
        arrange=lambda d, c: limit_set(d, open_positions_max=1),
        match="open_positions_max would be 2",
    ),
    "netting_in_use": Case(arrange=lambda d, c: _nets_beside_another(d)),
    "netting_widens_stop": Case(
        {"sl": "1.09"}, {"sl": Decimal("1.09")}, arrange=lambda d, c: _nets(d.account)
    ),
    "account_not_shown": Case(shown_lots=None, match="its preview shows none"),
    "symbol_not_mapped": Case({"instrument": "GBPUSD"}, {"instrument": "GBPUSD"}, match=DECIDED),
    "symbol_not_confirmed": Case(
        arrange=lambda d, c: SymbolMap.objects.update(confirmation=None), match=DECIDED
    ),
    "no_contract_sheet": Case(
        arrange=lambda d, c: SymbolMap.objects.update(lot_step=None),
        match="symbol_map_confirmed_with_sheet",
    ),
    "no_reference_price": Case({"ref_price": None, "sl": "1.09500"}, {"ref_price": None}),
    "stop_kind_unknown": Case({"sl": Target("moons", Decimal(1))}),
    "stop_below_zero": Case(
        {"sl": Target("pips", Decimal(50_000))},
        {"sl": Decimal("0.00001"), "sl_distance": 50_000, "sl_unit": "pips", "needs_minor": 1},
    ),
    "stop_on_wrong_side": Case({"sl": "1.2"}, WRONG),
    "stop_at_price": Case({"sl": "1.1"}, {"sl": Decimal("1.1")}),
    "risk_size_without_stop": Case(
        {"sl": None, "size": Size("risk_pct", Decimal(1))}, NO_STOP, policy={"stop": "optional"}
    ),
    "equity_unknown": Case(arrange=lambda d, c: BrokerAccount.objects.update(equity=None)),
    "size_mode_unknown": Case({"size": Size("moons", Decimal(1))}),
    "below_lot_min": Case(changes={"volume_lots": Decimal("0.001")}),
    "exposure_limit": Case(
        arrange=lambda d, c: account_set(d.account, open_lots_max=Decimal("0.15")),
        match="open_lots_max would be",
    ),
}


def _written(desk: Desk, like: Order, decision: Any, changes: dict[str, Any]) -> Order:
    """The row that staging would write of the decision, but for the changes, by the app's role."""
    own = {"trace_id": decision.trace_id, "valid_until": decision.valid_until}
    own |= {"decision": decision, "ref_price": decision.ref_price, **changes}
    values = {
        one.name: getattr(like, one.name)
        for one in Order._meta.concrete_fields
        if one.name not in {"id", *own}
    }
    with transaction.atomic():
        return Order.objects.create(**values, **own)


def _entry(clock: Any, case: Case) -> Order:
    desk = desk_make(strategy_make(**case.policy))
    like = desk.stage()
    alert = alert_make(desk.strategy, trade_ref=case.decided.get("trade_ref", ""), **case.alert)
    decision = desk.decide(alert=alert, **case.decided)
    if case.shown_lots is not None:
        shown_to(desk.account, decision, case.shown_lots)
    case.arrange(desk, clock)
    return _written(desk, like, decision, case.changes)


@pytest.mark.parametrize("reason", CASES)
def test_the_table_refuses_an_entry_for_every_reason_of_the_service(clock, reason) -> None:
    with pytest.raises(IntegrityError, match=CASES[reason].match or reason):
        _entry(clock, CASES[reason])


def test_the_same_entry_is_taken_where_nothing_speaks_against_it(clock) -> None:
    assert _entry(clock, Case()).state == "staged"
    with_trade = Case({"trade_ref": "t1"}, {"trade_ref": "t1"})
    assert _entry(clock, with_trade).state == "staged"


def test_an_entry_on_a_symbol_that_the_broker_lists_no_longer_is_refused(clock) -> None:
    gone = Case(arrange=lambda d, c: SymbolMap.objects.update(gone_at=now()))
    with pytest.raises(IntegrityError, match="no_contract_sheet"):
        _entry(clock, gone)


@pytest.mark.parametrize(
    "changes",
    [
        {"sl": Decimal("1.05")},
        {"sl": None, "sl_distance": 50, "sl_unit": "pips", "needs_minor": 1},
        {"ref_price": Decimal("1.3")},
    ],
    ids=str,
)
def test_a_stop_further_off_than_the_one_decided_is_refused(clock, changes) -> None:
    with pytest.raises(IntegrityError, match="stop_is_not_the_one_decided"):
        _entry(clock, Case(changes=changes))


def test_a_distance_other_than_the_one_decided_is_refused_where_there_is_no_price(clock) -> None:
    pips = {"sl": Target("pips", Decimal(50)), "ref_price": None}
    told = {"sl": None, "sl_unit": "pips", "needs_minor": 1}
    assert _entry(clock, Case(pips, {**told, "sl_distance": 50})).sl is None
    with pytest.raises(IntegrityError, match="stop_is_not_the_one_decided"):
        _entry(clock, Case(pips, {**told, "sl_distance": 500}))


def _closing(verb: str, decided: dict[str, Any], changes: dict[str, Any]) -> Order:
    """What leaves or amends an open position of 0.10 lots with its stop at 1.09500."""
    desk = desk_make()
    position = desk.opened(trade_ref="t1")
    like = Order.objects.get(account=desk.account)
    like.state, like.fence, like.filled_lots, like.instance = "staged", 0, Decimal(0), ""
    like.ended_at = like.lease_until = like.leased_at = like.acknowledged_at = None
    like.lease_key = like.retcode = None
    decision = desk.decide(verb, trade_ref="t1", **decided)
    leaves = {
        "verb": verb,
        "side": "buy" if verb == "amend" else "sell",
        "volume_lots": Decimal(0) if verb == "amend" else Decimal("0.05"),
        "position_ticket": position.position_ticket,
        "trace_id": position.trace_id,
    }
    return _written(desk, like, decision, {**leaves, **changes})


HALF = {"side": "sell", "close_pct": "50"}
CLOSING: dict[str, tuple[str, dict[str, Any], dict[str, Any], str]] = {
    "no_open_position": ("partial_exit", HALF, {"position_ticket": 1}, DECIDED),
    "nothing_to_cancel": ("cancel", {"side": "sell"}, {"verb": "exit"}, DECIDED),
    "close_pct_missing": ("partial_exit", {"side": "sell"}, {}, ""),
    "amend_widens_stop": ("amend", {"sl": "1.08"}, {"sl": Decimal("1.08")}, ""),
}


@pytest.mark.parametrize("reason", CLOSING)
def test_the_table_refuses_what_closes_for_every_reason_of_the_service(reason) -> None:
    verb, decided, changes, match = CLOSING[reason]
    with pytest.raises(IntegrityError, match=match or reason):
        _closing(verb, decided, changes)


@pytest.mark.parametrize(
    ("decided", "changes", "match"),
    [
        ({"sl": "1.2"}, {"sl": Decimal("1.2")}, "stop_on_wrong_side"),
        ({"tp": "1.0"}, {"tp": Decimal("1.0")}, "stop_on_wrong_side"),
        ({"tp": "1.2"}, {"sl": None}, "amend_widens_stop"),
    ],
    ids=str,
)
def test_an_amend_is_judged_by_its_prices_too(decided, changes, match) -> None:
    with pytest.raises(IntegrityError, match=match):
        _closing("amend", decided, changes)


def test_what_closes_is_taken_where_nothing_speaks_against_it() -> None:
    assert _closing("partial_exit", HALF, {}).state == "staged"
    assert _closing("amend", {"sl": "1.096"}, {"sl": Decimal("1.096")}).state == "staged"
    tiny = {"volume_lots": Decimal("0.001")}
    with pytest.raises(IntegrityError, match="below_lot_min"):
        _closing("partial_exit", HALF, tiny)


def test_no_reason_is_without_its_second_road() -> None:
    """A reason added to the service is added here: with a case, or with why there is none."""
    assert {*CASES, *CLOSING, *NOT_REFUSED} == set(ADVICE)
    assert not NOT_REFUSED.keys() & {*CASES, *CLOSING}
