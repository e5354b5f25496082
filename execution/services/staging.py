"""Entries: an approved decision becomes one order on each account that follows the strategy.

Size and limits are fixed here, under the account's row lock; staging may shrink, never exceed.
"""

from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import F, Sum

from execution.models import BrokerAccount, Order, Position, Subscription, SymbolMap
from execution.rules import states
from execution.rules.prices import PriceRefused, PriceScale, check_sides, target_price
from execution.rules.sizing import ContractSheet, Room, Sized, SizeWanted, lots_for_entry
from execution.rules.trades import CANCEL_EVENTS, EXIT_EVENTS
from execution.selectors.trades import closing_decision_of, is_reversal_entry
from execution.services.accounts import account_lock
from execution.services.amends import amend_stage
from execution.services.exits import cancel_stage, exit_stage
from execution.services.orders import order_event
from execution.services.refusals import order_refuse
from fusion_project.events.clock import now
from signals.intake.provenance import live_refusal
from signals.intents.legs import Leg
from signals.models import Decision

ACTOR = "handler:execution.stage_orders"
ZERO = Decimal(0)


@transaction.atomic
def order_stage(*, decision_id: int) -> list[Order]:
    """Do on every account what the approved decision asks for; the same call again adds nothing."""
    decision = Decision.objects.select_related("strategy", "alert").get(id=decision_id)
    if decision.state != "approved":
        return []
    if decision.event == "entry":
        return _entry_stage(decision)
    if decision.event in EXIT_EVENTS:
        return exit_stage(decision=decision, actor=ACTOR)
    if decision.event in CANCEL_EVENTS:
        return cancel_stage(decision=decision, actor=ACTOR)
    return amend_stage(decision=decision, actor=ACTOR)


class _Refused(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _entry_stage(decision: Decision) -> list[Order]:
    followers = Subscription.objects.filter(strategy_id=decision.strategy_id, is_active=True)
    orders = []
    for subscription in followers.order_by("account_id"):
        account = account_lock(subscription.account_id)
        if Order.objects.filter(decision=decision, account=account, position_ticket=0).exists():
            continue
        try:
            orders.append(_entry_order(decision, account, subscription))
        except (_Refused, PriceRefused) as refusal:
            orders.append(
                order_refuse(decision=decision, account=account, reason=refusal.reason, actor=ACTOR)
            )
    return orders


def _entry_order(decision: Decision, account: BrokerAccount, subscription: Subscription) -> Order:
    _check_allowed(decision, account)
    symbol = _symbol_get(account, decision.instrument)
    leg = Leg.from_json(decision.leg)
    scale = _scale(symbol)
    base = leg.limit_price or leg.stop_price or decision.ref_price
    sl, tp = (
        None
        if target is None
        else target_price(
            kind=target.kind,
            value=target.value,
            base=base,
            side=decision.side,
            is_stop=is_stop,
            scale=scale,
        )
        for target, is_stop in ((leg.sl, True), (leg.tp, False))
    )
    check_sides(side=decision.side, base=base, sl=sl, tp=tp)
    wanted = _size_wanted(decision, leg, base, sl, subscription)
    sized = lots_for_entry(wanted=wanted, sheet=_sheet(symbol), room=_room(account))
    if sized.reason:
        raise _Refused(sized.reason)
    return _entry_write(decision, account, symbol, leg, sl, tp, base, sized)


def _check_allowed(decision: Decision, account: BrokerAccount) -> None:
    moment = now()
    if account.state != "active":
        raise _Refused("account_halted")
    if not decision.strategy.is_active:
        raise _Refused("strategy_inactive")
    if account.book == "live":
        _check_live(decision)
    if decision.valid_until is not None and decision.valid_until <= moment:
        raise _Refused("too_late")
    if closing_decision_of(decision) is not None:
        raise _Refused("trade_already_closed")
    recent = Order.objects.filter(
        account=account, event="entry", staged_at__gt=moment - timedelta(seconds=60)
    ).exclude(state=states.REJECTED)
    if recent.count() >= account.entries_per_minute_max:
        raise _Refused("entry_rate_limit")


def _check_live(decision: Decision) -> None:
    alert = decision.alert
    reason = live_refusal(
        env=alert.env, grade=alert.grade, minimum=decision.strategy.live_grade_min
    )
    if reason:
        raise _Refused(reason)


def _symbol_get(account: BrokerAccount, instrument: str) -> SymbolMap:
    symbol = SymbolMap.objects.filter(account=account, instrument=instrument).first()
    if symbol is None:
        raise _Refused("symbol_not_mapped")
    if symbol.confirmed_at is None:
        raise _Refused("symbol_not_confirmed")
    sheet = (
        symbol.digits,
        symbol.tick_size,
        symbol.tick_value,
        symbol.contract_size,
        symbol.lot_min,
        symbol.lot_step,
        symbol.lot_max,
    )
    if any(value is None for value in sheet):
        raise _Refused("no_contract_sheet")
    return symbol


def _scale(symbol: SymbolMap) -> PriceScale:
    if symbol.digits is None or symbol.tick_size is None:
        raise _Refused("no_contract_sheet")
    return PriceScale(symbol.digits, symbol.tick_size)


def _sheet(symbol: SymbolMap) -> ContractSheet:
    names = ("tick_size", "tick_value", "contract_size", "lot_min", "lot_step", "lot_max")
    return ContractSheet(**{name: getattr(symbol, name) for name in names})


def _size_wanted(
    decision: Decision,
    leg: Leg,
    base: Decimal | None,
    sl: Decimal | None,
    subscription: Subscription,
) -> SizeWanted:
    return SizeWanted(
        risk_bps=decision.risk_bps or 0,
        size_factor=decision.size_factor or ZERO,
        price=base,
        stop=sl,
        size_mode=leg.size.mode if leg.size else "",
        size_value=leg.size.value if leg.size else ZERO,
        lots_default=subscription.lots_default,
    )


def _room(account: BrokerAccount) -> Room:
    """Return what is left: staged, leased, working and unknown entries count as if filled."""
    waiting = (
        Order.objects.filter(account=account, event="entry")
        .exclude(state__in=states.ORDER_ENDS)
        .aggregate(lots=Sum(F("volume_lots") - F("filled_lots")))["lots"]
    )
    held = Position.objects.filter(account=account, closed_at__isnull=True).aggregate(
        lots=Sum("volume_open_lots")
    )["lots"]
    return Room(
        equity=account.equity,
        order_lots_max=account.order_lots_max,
        open_lots_left=account.open_lots_max - (waiting or ZERO) - (held or ZERO),
    )


def _entry_write(
    decision: Decision,
    account: BrokerAccount,
    symbol: SymbolMap,
    leg: Leg,
    sl: Decimal | None,
    tp: Decimal | None,
    base: Decimal | None,
    sized: Sized,
) -> Order:
    order = Order.objects.create(
        decision=decision,
        account=account,
        strategy_id=decision.strategy_id,
        instrument=decision.instrument,
        broker_symbol=symbol.broker_symbol,
        trace_id=decision.trace_id,
        trade_ref=decision.trade_ref,
        event="entry",
        side=decision.side,
        order_type=leg.order_type,
        volume_lots=sized.lots,
        limit_price=leg.limit_price,
        stop_price=leg.stop_price,
        sl=sl,
        tp=tp,
        ref_price=base,
        risk_money=sized.risk_money,
        waits_for_flat=is_reversal_entry(decision),
        valid_until=decision.valid_until,
        staged_at=now(),
    )
    order_event(order, actor=ACTOR)
    return order
