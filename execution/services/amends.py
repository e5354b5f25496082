"""Amends: new stops and targets of open positions, and new prices of entries that wait.

An amend that would risk more is refused, with its reason.
"""

from copy import copy
from dataclasses import replace
from decimal import Decimal

from execution.models import BrokerAccount, Deal, Order, Position, SymbolMap
from execution.risk.rules import Judgement, Moment, judge
from execution.rules import states
from execution.rules.amending import Levels, check_amended, levels_amended
from execution.rules.prices import PriceRefused, PriceScale, check_sides, target_price, widens_stop
from execution.selectors.entry_facts import entry_facts, orders_asked
from execution.selectors.resting import levels_wanted
from execution.selectors.trades import TradeOnAccount, account_ids_of
from execution.services.accounts import account_lock
from execution.services.orders import order_on_entry, order_on_position
from execution.services.positions import price_from_fill
from execution.services.refusals import order_refuse
from fusion_project.events.clock import now
from signals.intents.legs import Leg, Target
from signals.models import Decision

ACTOR = "system"


def amend_stage(*, decision: Decision, actor: str) -> list[Order]:
    """Stage the change for each open position and waiting entry of the trade, or the reason why
    not. An entry that is not at the broker yet keeps it until it is, or has become a position.
    """
    orders = []
    for account_id in account_ids_of(decision):
        account = account_lock(account_id)
        trade = TradeOnAccount(decision=decision, account_id=account_id)
        found = [
            *_amend_positions(decision, account, trade.positions, actor),
            *(
                _amend_entry(decision, account, entry, actor)
                for entry in trade.entries
                if _is_still_to_come(entry)
            ),
        ]
        orders += found or [
            order_refuse(decision=decision, account=account, reason=_nothing(decision), actor=actor)
        ]
    return orders


def amend_position(
    *, decision: Decision, account: BrokerAccount, position: Position, actor: str
) -> Order:
    """Stage what the decision says of stop and target for one open position, or why not."""
    try:
        sl, tp = _targets(Leg.from_json(decision.leg), account, position)
    except PriceRefused as refusal:
        return _position_refused(decision, account, position, refusal.reason, actor)
    return _set_on_position(decision, account, position, (sl, tp), actor)


def amend_joined(
    *, amend: Order, account: BrokerAccount, fill: Deal, position: Position, attempt: int
) -> Order:
    """Stage for a netting position what an amend asks of an entry that has joined it, or why not.

    The fill brought the entry's own stop and target, which are the position's since: all that the
    amend says counts, from the price of the fill.
    """
    decision = amend.decision
    assert decision is not None  # none but decisions amend entries
    wanted = (
        price_from_fill(amend, "sl", fill.price),
        price_from_fill(amend, "tp", fill.price),
    )
    return _set_on_position(decision, account, position, wanted, ACTOR, attempt)


def _set_on_position(
    decision: Decision,
    account: BrokerAccount,
    position: Position,
    wanted: tuple[Decimal | None, Decimal | None],
    actor: str,
    attempt: int = 1,
) -> Order:
    sl, tp = wanted
    try:
        check_sides(side=position.side, base=decision.ref_price, sl=sl, tp=tp)
        if widens_stop(side=position.side, current=_stop_now(position), wanted=sl):
            raise PriceRefused("amend_widens_stop")
    except PriceRefused as refusal:
        return _position_refused(decision, account, position, refusal.reason, actor)
    return order_on_position(
        cause=decision,
        position=position,
        actor=actor,
        verb="amend",
        side=position.side,
        volume_lots=Decimal(0),
        attempt=attempt,
        sl=sl,
        tp=tp,
    )


def _position_refused(
    decision: Decision, account: BrokerAccount, position: Position, reason: str, actor: str
) -> Order:
    return order_refuse(
        decision=decision,
        account=account,
        reason=reason,
        actor=actor,
        position_ticket=position.position_ticket,
        trace_id=position.trace_id,
    )


def position_is_amended(*, decision: Decision, account: BrokerAccount, position: Position) -> bool:
    """Whether its stop and target are what the decision says."""
    try:
        wanted = _targets(Leg.from_json(decision.leg), account, position)
    except PriceRefused:
        return False
    return wanted == (position.sl, position.tp)


def says_stops(decision: Decision) -> bool:
    """Whether the amend says anything that a position has."""
    leg = Leg.from_json(decision.leg)
    return leg.sl is not None or leg.tp is not None


def _nothing(decision: Decision) -> str:
    if says_stops(decision):
        return "no_open_position"
    return "no_resting_order"


def _is_still_to_come(entry: Order) -> bool:
    """It may become a position: it is out, or done and its deal is not told yet."""
    return not entry.has_ended or (entry.state == states.DONE and not entry.filled_lots)


def _amend_positions(
    decision: Decision, account: BrokerAccount, positions: list[Position], actor: str
) -> list[Order]:
    if not says_stops(decision):
        return []
    return [
        amend_position(decision=decision, account=account, position=one, actor=actor)
        for one in positions
    ]


def _amend_entry(decision: Decision, account: BrokerAccount, entry: Order, actor: str) -> Order:
    before = levels_wanted(entry)
    words = ""
    try:
        scale = _scale(account, entry.instrument)
        wanted = levels_amended(before, Leg.from_json(decision.leg), side=entry.side, scale=scale)
        check_amended(before, wanted, side=entry.side, tick=scale.tick_size)
        judged = _judge_move(decision, account, entry, before, wanted)
        reason, words = judged.refusal, judged.words
    except PriceRefused as refusal:
        reason = refusal.reason
    if reason:
        return order_refuse(
            decision=decision,
            account=account,
            reason=reason,
            message=words,
            actor=actor,
            target_order=entry,
            trace_id=entry.trace_id,
        )
    return order_on_entry(decision=decision, entry=entry, actor=actor, levels=wanted)


def _judge_move(
    decision: Decision, account: BrokerAccount, entry: Order, before: Levels, wanted: Levels
) -> Judgement:
    """Another price to fill at is judged as an entry's is, by the market as it is now."""
    if not wanted.moves_from(before):
        return Judgement()
    (asked,) = orders_asked([entry], account)
    moved = copy(asked.decision)
    moved.ref_price = decision.ref_price
    moved.leg = replace(
        Leg.from_json(moved.leg),
        limit_price=wanted.limit_price,
        stop_price=wanted.stop_price,
        sl=_as_price(wanted.sl.price),
        tp=_as_price(wanted.tp.price),
    ).to_json()
    (facts,) = entry_facts([replace(asked, decision=moved)], at=now())
    return judge(facts, Moment.AMEND)


def _as_price(price: Decimal | None) -> Target | None:
    return None if price is None else Target("price", price)


def _scale(account: BrokerAccount, instrument: str) -> PriceScale:
    symbol = SymbolMap.objects.filter(account=account, instrument=instrument).first()
    if symbol is None or symbol.digits is None or symbol.tick_size is None:
        raise PriceRefused("no_contract_sheet")
    return PriceScale(symbol.digits, symbol.tick_size)


def _targets(
    leg: Leg, account: BrokerAccount, position: Position
) -> tuple[Decimal | None, Decimal | None]:
    """Return the new (stop, target); what the leg does not mention stays. Distances count from
    the open price.
    """
    scale = _scale(account, position.instrument)

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
