"""Amends: a new stop or target for open positions, refused where it would widen the stop."""

from decimal import Decimal

from execution.models import BrokerAccount, Order, Position, SymbolMap
from execution.rules import states
from execution.rules.prices import PriceRefused, PriceScale, check_sides, target_price, widens_stop
from execution.selectors.trades import TradeOnAccount, account_ids_of
from execution.services.accounts import account_lock
from execution.services.orders import order_on_position
from execution.services.refusals import order_refuse
from signals.intents.legs import Leg, Target
from signals.models import Decision


def amend_stage(*, decision: Decision, actor: str) -> list[Order]:
    """Stage the change for each open position of the trade, or the reason why not."""
    orders = []
    for account_id in account_ids_of(decision):
        account = account_lock(account_id)
        positions = TradeOnAccount(decision=decision, account_id=account_id).positions
        for position in positions:
            orders.append(_amend_one(decision, account, position, actor))
        if not positions:
            orders.append(
                order_refuse(
                    decision=decision, account=account, reason="no_open_position", actor=actor
                )
            )
    return orders


def _amend_one(decision: Decision, account: BrokerAccount, position: Position, actor: str) -> Order:
    leg = Leg.from_json(decision.leg)
    try:
        sl, tp = _targets(leg, account, position)
        check_sides(side=position.side, base=decision.ref_price, sl=sl, tp=tp)
        if widens_stop(side=position.side, current=_stop_now(position), wanted=sl):
            raise PriceRefused("amend_widens_stop")
    except PriceRefused as refusal:
        return order_refuse(
            decision=decision,
            account=account,
            reason=refusal.reason,
            actor=actor,
            position_ticket=position.position_ticket,
            trace_id=position.trace_id,
        )
    return order_on_position(
        cause=decision,
        position=position,
        actor=actor,
        verb="amend",
        side=position.side,
        volume_lots=Decimal(0),
        sl=sl,
        tp=tp,
    )


def _targets(
    leg: Leg, account: BrokerAccount, position: Position
) -> tuple[Decimal | None, Decimal | None]:
    """Return the new (stop, target); what the leg does not mention stays. Distances count from
    the open price.
    """
    symbol = SymbolMap.objects.filter(account=account, instrument=position.instrument).first()
    if symbol is None or symbol.digits is None or symbol.tick_size is None:
        raise PriceRefused("no_contract_sheet")
    scale = PriceScale(symbol.digits, symbol.tick_size)

    def price(target: Target | None, now_at: Decimal | None, is_stop: bool) -> Decimal | None:
        if target is None:
            return now_at
        return target_price(
            kind=target.kind,
            value=target.value,
            base=position.price_open,
            side=position.side,
            is_stop=is_stop,
            scale=scale,
        )

    return price(leg.sl, _stop_now(position), True), price(leg.tp, position.tp, False)


def _stop_now(position: Position) -> Decimal | None:
    """Return the tightest stop among the confirmed one and those that the broker was asked for."""
    coming = Order.objects.filter(
        account_id=position.account_id,
        position_ticket=position.position_ticket,
        verb="amend",
        sl__isnull=False,
    ).exclude(state__in=states.ORDER_ENDS - {states.DONE})
    stops = [position.sl, *coming.values_list("sl", flat=True)]
    known: list[Decimal] = [stop for stop in stops if stop is not None]
    if not known:
        return None
    return max(known) if position.side == "buy" else min(known)
