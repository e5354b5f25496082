"""Whose the lots of a position are, from stored deals, and what an exit may still take of them."""

from collections.abc import Collection, Iterable
from decimal import Decimal

from django.db import connection
from django.db.models import Q

from execution.models import Deal, Order, Position
from execution.rules import states
from execution.rules.asking_again import RESOLVED_BY_PERSON
from execution.rules.shares import FOREIGN, OwnedDeal, Share, Shares, shares_folded
from execution.selectors.deals import deal_as_reported, deal_list_of_position
from signals.models import Decision

NOTHING = Decimal(0)
# What a decision of these scopes means are many trades at once.
SEVERAL = ("symbol", "strategy", "older")

_MEANT = """
    SELECT entry.id FROM signals_decision entry
     WHERE entry.id = ANY(%s)
       AND signals_means_entry(%s, %s, %s, %s, %s, %s, %s, %s, entry)
"""


def shares_of_deals(deals: Collection[Deal]) -> Shares:
    """Return who has what of the position whose deals these are."""
    entries = {one.order_id: one.order for one in deals if one.order and one.order.verb == "entry"}
    return shares_folded(_owned(deal, entries.values()) for deal in deals)


def position_shares(position: Position) -> dict[Order, Share]:
    """Return what entries of ours have of the position, oldest first."""
    deals = deal_list_of_position(
        account_id=position.account_id, position_ticket=position.position_ticket
    )
    orders = {deal.order_id: deal.order for deal in deals if deal.order is not None}
    return {orders[key]: share for key, share in shares_of_deals(deals).by_entry.items()}


def position_opened_last(position: Position) -> Deal | None:
    """Return the last deal of an entry of ours that opened some of what is open."""
    shares = set(position_shares(position))
    deals = deal_list_of_position(
        account_id=position.account_id, position_ticket=position.position_ticket
    )
    opened = [one for one in deals if one.entry in ("in", "inout") and one.order in shares]
    return max(opened, key=lambda deal: (deal.at, deal.ticket), default=None)


def fill_last(entry: Order, position: Position) -> Deal | None:
    """Return the last deal by which an entry of ours opened some of the position."""
    deals = deal_list_of_position(
        account_id=position.account_id, position_ticket=position.position_ticket
    )
    fills = [one for one in deals if one.order_id == entry.id and one.entry in ("in", "inout")]
    return max(fills, key=lambda deal: (deal.at, deal.ticket), default=None)


def is_of_trade(exit_order: Order, entry: Order) -> bool:
    """Whether the exit bears the trade of this entry: its reference, else its trace."""
    if exit_order.trade_ref:
        return entry.trade_ref == exit_order.trade_ref
    return entry.trace_id == exit_order.trace_id


def decisions_meant(decision: Decision, entry_ids: Iterable[int | None]) -> set[int | None]:
    """Return those of the entry decisions that the scope of a closing one covers.

    An id alone names one trade, but where that one is not held the last one is meant.
    """
    one = decision
    scope = one.scope if one.scope != "trade" or one.trade_ref else "last"
    values = [scope, one.target_trace_id, one.trade_ref, one.instrument, one.side, one.verb]
    with connection.cursor() as cursor:
        cursor.execute(_MEANT, [list(entry_ids), *values, one.alert_id, one.leg_no])
        return {row[0] for row in cursor.fetchall()}


def entries_meant(exit_order: Order, entries: Collection[Order]) -> list[Order]:
    """Return those of a position's entries that the exit was ordered for."""
    decision = exit_order.decision
    if decision is None:
        return list(entries)
    if decision.scope not in SEVERAL:
        return [entry for entry in entries if is_of_trade(exit_order, entry)]
    meant = decisions_meant(decision, {entry.decision_id for entry in entries})
    return [entry for entry in entries if entry.decision_id in meant]


def lots_on_the_way(position: Position, entries: Collection[Order] | None = None) -> Decimal:
    """Lots of the position that exits of a part still close or may have closed.

    Of `entries` alone, where they are named. An exit of all that is open closes nothing twice and
    is left out.
    """
    silent = Q(state=states.DONE, filled_lots=0) & ~Q(reason=RESOLVED_BY_PERSON)
    out = Order.objects.filter(
        silent | ~Q(state__in=states.ORDER_ENDS),
        account=position.account_id,
        position_ticket=position.position_ticket,
        verb="partial_exit",
    ).select_related("decision")
    lots = (
        one.volume_lots - one.filled_lots
        for one in out
        if entries is None or entries_meant(one, entries)
    )
    return sum(lots, NOTHING)


def lots_closable(exit_order: Order, position: Position) -> Decimal:
    """Return what the exit's cause may close of the position as it is now.

    On a hedging account all of it; on a netting account the shares of the trades that it means.
    """
    request = exit_order.request
    if request is not None:
        return position.lots_to_close if request.with_foreign else position.lots_of_ours
    if position.account.margin_mode != "netting":
        return position.lots_to_close
    shares = position_shares(position)
    meant = entries_meant(exit_order, shares)
    return sum((shares[entry].lots for entry in meant), NOTHING)


def trade_of(exit_order: Order, position: Position) -> Order | None:
    """Return the entry whose trade the exit bears; None where it bears the position's own."""
    if exit_order.request_id is not None or position.account.margin_mode != "netting":
        return None
    return next(iter(entries_meant(exit_order, position_shares(position))), None)


def others_may_open(position: Position, trade: Order | None) -> bool:
    """Whether an entry that is out may still add to the position, beside this trade's own.

    On a hedging account none does. One whose own trade is over is closed by what ended it.
    """
    if position.account.margin_mode != "netting":
        return False
    out = Order.objects.filter(
        account=position.account_id,
        broker_symbol=position.broker_symbol,
        verb="entry",
        closing_decision=None,
        closing_request=None,
    ).exclude(state__in=states.ORDER_ENDS)
    return any(trade is None or not is_of_trade(trade, one) for one in out)


def _owned(deal: Deal, entries: Collection[Order]) -> OwnedDeal:
    facts, order = deal_as_reported(deal), deal.order
    if order is None:
        names = frozenset(entry.id for entry in entries if entry.id == deal.magic)
        return OwnedDeal(facts, FOREIGN, names, is_ours=bool(names))
    if order.verb == "entry":
        return OwnedDeal(facts, order.id, is_ours=True)
    names = frozenset(entry.id for entry in entries if is_of_trade(order, entry))
    return OwnedDeal(facts, None, names, is_ours=True)
